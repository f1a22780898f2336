import { Option, type Command } from 'commander';
import type { RestoreOptions } from '../restore/plan/types.ts';
import type { UnverifiedFlag } from './unverified.ts';

/** The flags of `flowkeep restore`, as commander gives them. */
export interface RestoreFlags extends UnverifiedFlag {
  readonly only?: readonly string[];
  readonly dryRun?: boolean;
  readonly diff?: boolean;
  readonly html?: string;
  readonly yes?: boolean;
  readonly onConflict: RestoreOptions['onConflict'];
  readonly publish: RestoreOptions['publish'];
  readonly prune?: boolean;
  readonly to?: string;
  readonly credentialsFile?: string;
  readonly rows: RestoreOptions['rows'];
  /** false with `--no-deps`. */
  readonly deps: boolean;
  readonly installPackages?: boolean;
  readonly inviteUsers?: boolean;
  /** false with `--no-safety-snapshot`. */
  readonly safetySnapshot: boolean;
  readonly plan?: string;
}

/** The values of a flag that may be given several times. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

/** Adds the flags of `flowkeep restore`. Scripts depend on them: names and values stay. */
export function addRestoreFlags(command: Command): void {
  command
    .option('--only <what>', 'KIND, KIND:ID-OR-NAME, tag:NAME or project:NAME (repeatable)', collect)
    .option('--dry-run', 'print the plan and stop; with --json as a plan file for --plan')
    .option('--diff', 'also print what differs in each item')
    .option('--html <file>', 'draw what differs in each workflow on one page')
    .option('--yes', 'apply without asking')
    .addOption(
      new Option('--on-conflict <how>', 'how to handle existing items that differ')
        .choices(['new-version', 'skip', 'fail'])
        .default('new-version'),
    )
    .addOption(
      new Option('--publish <how>', 'which workflows to publish')
        .choices(['match-source', 'preserve', 'none'])
        .default('match-source'),
    )
    .option('--prune', 'also delete items that are not in the snapshot')
    .option('--to <instance>', 'restore into this instance instead of the one that was backed up')
    .option('--credentials-file <file>', 'YAML or JSON file with the data of credentials')
    .addOption(new Option('--rows <how>', 'rows of data tables').choices(['replace', 'append']).default('replace'))
    .option('--no-deps', 'do not restore the dependencies of the chosen items')
    .option('--install-packages', 'install missing community packages')
    .option('--invite-users', 'invite missing users')
    .option('--no-safety-snapshot', 'do not take a snapshot of the target first')
    .option('--plan <file>', 'apply the plan that --dry-run --json wrote');
}

/** The flags as the restore's options. */
export function toRestoreOptions(flags: RestoreFlags): RestoreOptions {
  return {
    only: flags.only ?? [],
    deps: flags.deps,
    onConflict: flags.onConflict,
    publish: flags.publish,
    prune: flags.prune === true,
    rows: flags.rows,
    installPackages: flags.installPackages === true,
    inviteUsers: flags.inviteUsers === true,
  };
}
