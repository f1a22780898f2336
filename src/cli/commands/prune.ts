import type { ExitCode } from '../../lib/exit-codes.ts';
import { formatCount, printable } from '../../lib/printable.ts';
import { pruneOutcome } from '../../jobs/outcome.ts';
import { prune, type PruneReport, type PruneTarget, type StorePruning } from '../../jobs/prune/prune.ts';
import { holdInstance, waitMsOf, type LockFlags } from '../lock.ts';
import { open, type Opened } from '../open.ts';
import { pruneTargets } from '../prune-targets.ts';
import { table } from '../../lib/columns.ts';
import { formatBytes, type Output } from '../output/output.ts';
import type { Invocation } from '../invocation.ts';
import { errorDocument, errorLines } from '../output/report-error.ts';

interface PruneFlags extends LockFlags {
  readonly dryRun?: boolean;
}

/** `flowkeep prune`: applies the retention policy of each store, or with `--dry-run` only says what it would do. */
export async function run(invocation: Invocation<PruneFlags>): Promise<ExitCode> {
  const { flags } = invocation;
  await using opened = await open(invocation);
  const { app, output, tools } = opened;
  const targets = await pruneTargets(app, app.instances(flags.instance), flags.store);
  await using _held = await holdAll(opened, invocation, targets);
  const report = await prune({
    targets,
    dryRun: invocation.flags.dryRun === true,
    ...tools,
  });
  for (const store of report.stores) print(output, store, report.dryRun);
  output.json(toDocument(report));
  return pruneOutcome(report).exitCode;
}

/** The locks of all instances whose snapshots may go; a dry run needs none. */
async function holdAll(
  { app }: Opened,
  { io, flags }: Invocation<PruneFlags>,
  targets: readonly PruneTarget[],
): Promise<AsyncDisposableStack> {
  await using held = new AsyncDisposableStack();
  if (flags.dryRun) return held.move();
  const waitMs = waitMsOf(flags);
  for (const instance of app.instances(flags.instance)) {
    const stores = targets
      .filter(({ store, policy }) => policy !== null && instance.stores.includes(store.name))
      .map(({ store }) => store);
    if (stores.length > 0) held.use(await holdInstance(app, io, instance, { purpose: 'prune', waitMs, stores }));
  }
  return held.move();
}

function print(output: Output, store: StorePruning, dryRun: boolean): void {
  const { palette } = output;
  output.line(`${palette.bold(store.store)} (${store.location})`);
  for (const line of describe(store, dryRun, palette)) output.line(`  ${line}`);
}

function describe(store: StorePruning, dryRun: boolean, palette: Output['palette']): string[] {
  switch (store.status) {
    case 'history':
      return [
        'a git store keeps every snapshot in its history; unchanged files take no additional space.',
        'Nothing was changed.',
      ];
    case 'no-policy':
      return ['this store has no retention policy: everything is kept (to set one: retention.keepLast and others)'];
    case 'failed':
      return [palette.red('not pruned'), ...errorLines(store.error, palette)];
    case 'planned':
    case 'pruned':
    case 'partial':
      return describePruning(store, dryRun, palette);
  }
}

type Pruned = Extract<StorePruning, { readonly status: 'pruned' | 'planned' | 'partial' }>;

function describePruning(store: Pruned, dryRun: boolean, palette: Output['palette']): string[] {
  const { decisions, removed, failed, empty } = store;
  const rows = decisions.map((decision) => describeDecision(decision, dryRun, palette));
  const going = decisions.filter((decision) => !decision.keep).length;
  const kept = `${formatCount(decisions.length - going)} kept`;
  return [
    ...table(rows),
    ...empty.map(
      (name) => `${palette.yellow('no snapshot')} of ${name} here: nothing to prune (see \`flowkeep check\`)`,
    ),
    dryRun
      ? `${formatCount(going)} snapshots would be removed, ${kept}: nothing was removed`
      : `${formatCount(removed.length)} snapshots removed, ${kept}`,
    ...failed.flatMap(({ info, error }) => [
      `${palette.red('not removed')} ${info.id}`,
      ...errorLines(error, palette).map((line) => `  ${line}`),
    ]),
    ...describeGarbage(store, dryRun, palette),
  ];
}

function describeDecision(
  { info, keep, reasons }: Pruned['decisions'][number],
  dryRun: boolean,
  palette: Output['palette'],
): string[] {
  const verdict = keep ? palette.green('keep') : palette.yellow('remove');
  return [verdict, info.instance, info.id, printable(keep ? reasons.join('; ') : 'no rule keeps it')];
}

function describeGarbage({ garbage, garbageError }: Pruned, dryRun: boolean, palette: Output['palette']): string[] {
  if (garbageError !== null) return [`${palette.red('no object was removed')}:`, ...errorLines(garbageError, palette)];
  if (garbage === null) return [];
  const { removed, removedBytes, tooYoung, failed, warnings } = garbage;
  const verb = dryRun ? 'unused objects would be removed' : 'unused objects removed';
  const young = tooYoung === 0 ? '' : `; ${formatCount(tooYoung)} more are within the grace period`;
  return [
    `${formatCount(removed)} ${verb}, ${formatBytes(removedBytes)}${young}`,
    ...failed.map(({ object, reason }) => `${palette.red('not removed')} object ${object}: ${printable(reason)}`),
    ...warnings.map((warning) => `${palette.yellow('warning:')} ${printable(warning)}`),
  ];
}

function toDocument({ dryRun, stores }: PruneReport): object {
  return { dryRun, stores: stores.map(storeDocument) };
}

function storeDocument(store: StorePruning): object {
  if (store.status === 'failed') return { ...store, error: errorDocument(store.error) };
  if (!('decisions' in store)) return store;
  const { garbageError, failed, removed, ...rest } = store;
  return {
    ...rest,
    removed: removed.map(({ id }) => id),
    failed: failed.map(({ info, error }) => ({ id: info.id, error: errorDocument(error) })),
    ...(garbageError === null ? {} : { garbageError: errorDocument(garbageError) }),
  };
}
