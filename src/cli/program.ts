// The command line: flags, one file for each command in `commands/`, printing in `output/`. A command parses
// its flags, calls one job and prints its report; work that the daemon needs too belongs in `jobs/`.

import { Command, Option } from 'commander';
import { EXIT_CODE_TABLE, type ExitCode } from '../lib/exit-codes.ts';
import { LOG_LEVELS } from './output/log-levels.ts';
import type { GlobalFlags, Invocation } from './invocation.ts';
import type { Io } from './io.ts';
import { addRestoreFlags, collect } from './restore-flags.ts';
import { ALLOW_UNVERIFIED } from './unverified.ts';
import { flowkeepVersion } from './version.ts';

/**
 * The command line. Scripts depend on it: names, flags and exit codes stay. Each command's code is loaded when it is
 * run, so that `--help` is quick. The command's exit code is put into `outcome`.
 */
export function makeProgram(io: Io, outcome: { code: ExitCode }): Command {
  const program = new Command('flowkeep')
    .description('Backs up n8n through its public API, to git or S3, and restores lost items under their original ids.')
    .version(flowkeepVersion(), '-V, --version')
    .option('--config <file>', 'configuration file (default: ./flowkeep.yaml, else the environment)')
    .option('--instance <name>', 'only this instance (repeatable; default: all)', collect)
    .option('--store <name>', 'only this store')
    .option('--json', 'print exactly one JSON document on stdout')
    .option('--quiet', 'print nothing but errors')
    .addOption(new Option('--log-level <level>', 'what to log on stderr').choices(LOG_LEVELS))
    .addHelpText('after', exitCodeHelp())
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
    .showHelpAfterError('(see `flowkeep --help`)')
    .exitOverride();
  addCommands(registrar(program, io, outcome));
  addConfig(
    registrar(program.command('config').description('write, print or describe the configuration'), io, outcome),
  );
  return program;
}

/** All commands but `config`, in the order in which the help prints them: one list, which reads best whole. */
function addCommands(add: Registrar): void {
  add('backup', 'take one snapshot and exit', () => import('./commands/backup.ts'))
    .option(...WAIT)
    .option(
      '--confirm',
      'take the instance as it is: also where it is another server than before, or lost most of what it had',
    )
    .option('--shard <I/N>', 'only every N-th instance, starting with the I-th, counted from 0');
  add('daemon', 'run the schedules and the HTTP endpoints until SIGTERM', () => import('./commands/daemon.ts'));
  add('snapshots', 'list snapshots, newest first', () => import('./commands/snapshots.ts'));
  add(
    'show [snapshot]',
    'what a snapshot holds: counts, coverage, n8n version, size',
    () => import('./commands/show.ts'),
  )
    .option('--html <file>', 'draw all its workflows on one page')
    .option(...ALLOW_UNVERIFIED)
    .option(...IDENTITY);
  add('diff [from] [to]', 'what changed (default: from `latest` to `live`)', () => import('./commands/diff.ts'))
    .option('--stat', 'one line for each item')
    .option('--only <kind[:id-or-name]>', 'only these items (repeatable)', collect)
    .option('--ignore-layout', 'ignore node positions, note sizes and node groups')
    .option('--exit-code', 'exit with 1 if anything differs')
    .option('--html <file>', 'draw each changed workflow on one page')
    .option(...ALLOW_UNVERIFIED)
    .option(...IDENTITY);
  add(
    'check',
    'test URL, key, scopes, licence, version and stores; say what would be skipped',
    () => import('./commands/check.ts'),
  );
  addRestoreFlags(
    add(
      'restore [snapshot]',
      'print the plan, ask, apply it, read back and compare',
      () => import('./commands/restore.ts'),
    )
      .option(...WAIT)
      .option(...ALLOW_UNVERIFIED)
      .option(...IDENTITY),
  );
  add(
    'export <snapshot>',
    'write a snapshot as plain files that n8n itself can import',
    () => import('./commands/export.ts'),
  )
    .requiredOption('--out <dir>', 'where to write: a new or empty folder')
    .option(...ALLOW_UNVERIFIED)
    .option(...IDENTITY)
    .addOption(
      new Option('--format <format>', 'what to write')
        .choices(['files', 'n8n-cli', 'n8np'])
        .default('files', 'the tree as in git'),
    );
  add(
    'verify [snapshot]',
    're-read what is stored and check every hash and every reference',
    () => import('./commands/verify.ts'),
  )
    .option('--all', 'every snapshot (default: the latest)')
    .option(
      '--sample <percent>',
      'read only this share of the stored files, for example 10%, chosen at random each time',
    )
    .option('--allow-unverified', 'no failure where nothing is damaged, but nothing proves a snapshot to be flowkeep’s')
    .option(...IDENTITY);
  add('prune', 'apply the retention policy', () => import('./commands/prune.ts'))
    .option('--dry-run', 'show what would be removed and why')
    .option(...WAIT);
  add('pull', "trigger n8n's own source-control pull, after a safety snapshot", () => import('./commands/pull.ts'))
    .option('--force', 'pull even if items would be overwritten or deleted')
    .addOption(
      new Option('--auto-publish <which>', 'which pulled workflows n8n publishes').choices([
        'none',
        'all',
        'published',
      ]),
    )
    .option(...WAIT);
}

/** For every command that writes to a store. */
const WAIT = ['--wait <seconds>', 'how long to wait for another run of the instance (default: 120)'] as const;

/** For every command that reads what is encrypted. */
const IDENTITY = ['--identity <file>', 'age identity that opens encrypted snapshots (repeatable)', collect] as const;

/** A command's module: `run` gets the invocation and the command's arguments, and returns the exit code. */
interface CommandModule<Flags> {
  readonly run: (invocation: Invocation<Flags>, ...args: string[]) => Promise<ExitCode>;
}

/** Adds a command. Its flags are whatever its module says: the options that are added to it must agree with them. */
type Registrar = <Flags = object>(
  usage: string,
  description: string,
  load: () => Promise<CommandModule<Flags>>,
) => Command;

function registrar(parent: Command, io: Io, outcome: { code: ExitCode }): Registrar {
  return <Flags>(usage: string, description: string, load: () => Promise<CommandModule<Flags>>) => {
    const command = parent.command(usage).description(description);
    return command.action(async (...given: unknown[]) => {
      const args = given.slice(0, -2).filter((value): value is string => typeof value === 'string');
      io.limitMemory();
      const { run } = await load();
      outcome.code = await run({ io, flags: command.optsWithGlobals<GlobalFlags & Flags>() }, ...args);
    });
  };
}

function addConfig(add: Registrar): void {
  add('init', 'write a commented flowkeep.yaml', () => import('./commands/config-init.ts')).option(
    '--force',
    'overwrite the file',
  );
  add('print', 'print the effective configuration, secrets masked', () => import('./commands/config-print.ts'));
  add('schema', 'print the JSON Schema of the configuration', () => import('./commands/config-schema.ts'));
}

function exitCodeHelp(): string {
  const lines = EXIT_CODE_TABLE.map(([code, meaning]) => `  ${String(code).padEnd(4)}${meaning}`);
  return `\nExit codes:\n${lines.join('\n')}\n`;
}
