import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { messageOf, UsageError } from '../../lib/errors.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { shrinkageOf, shrunkError } from '../../jobs/snapshots/last-full.ts';
import type { OpenedSnapshot } from '../../jobs/snapshots/open-snapshot.ts';
import { openVerified } from '../../jobs/snapshots/open-verified.ts';
import type { UnaskedStore } from '../../jobs/snapshots/unasked.ts';
import { restore } from '../../jobs/restore/restore.ts';
import type { RestoreJobOptions, RestoreReport } from '../../jobs/restore/restore-job.ts';
import type { PlanDiff } from '../../jobs/restore/plan-diff.ts';
import { PageBuilder } from '../../diff/html/page-builder.ts';
import { readPlanFile, writePlanFile } from '../../restore/plan/output/plan-file.ts';
import type { Plan } from '../../restore/plan/types.ts';
import { ask, canAsk, confirmPlan } from '../output/confirm.ts';
import { errorLines } from '../output/report-error.ts';
import { planLines } from '../output/plan-lines.ts';
import { unaskedMember, warnOfUnasked } from '../output/unasked.ts';
import { writePage } from '../output/write-page.ts';
import type { Invocation } from '../invocation.ts';
import { holdInstance, waitMsOf, type LockFlags } from '../lock.ts';
import { requireOne } from '../one-instance.ts';
import { open, type Opened } from '../open.ts';
import { reportDocument, printReport } from '../output/restore-report.ts';
import { toRestoreOptions, type RestoreFlags } from '../restore-flags.ts';

/** `flowkeep restore [SNAPSHOT]`: print the plan, ask, apply it, read back and compare. */
export async function run(invocation: Invocation<RestoreFlags & LockFlags>, selector?: string): Promise<ExitCode> {
  const waitMs = waitMsOf(invocation.flags);
  await using opened = await open(invocation);
  const { app, output, tools } = opened;
  const { flags, io } = invocation;
  const planFile = await readPlan(invocation);
  // Where neither flag says so, a plan file names both instances.
  const { snapshot: from, target: into } = planFile?.plan ?? {};
  const source = requireOne('restore', app.instances(flags.instance ?? (from && [from.instance])));
  const to = flags.to ?? into?.instance;
  const target = to === undefined ? source : app.instances([to])[0]!;
  const stores = await app.stores(source, flags.store);
  const wanted = selector ?? planFile?.plan.snapshot.id ?? 'latest';
  const { store, snapshot, unverified, unasked } = await openVerified(stores, source.name, wanted, {
    allowUnverified: flags.allowUnverified,
    ...tools,
  });
  warnOfUnasked(invocation, output, unasked, wanted);
  if (!(await isMeant(invocation, opened, { store, snapshot }, wanted))) {
    output.line('nothing was changed');
    output.json({ status: 'declined', snapshot: snapshot.info.id });
    return EXIT.done;
  }
  const otherStores = stores.filter(({ name }) => name !== store.name && !unasked.some((each) => each.store === name));
  const page = flags.html === undefined ? null : new PageBuilder();
  const report = await restore({
    target: { instance: target.name, client: await app.client(target) },
    snapshot,
    unverified,
    allowUnverified: flags.allowUnverified,
    store,
    otherStores,
    unasked,
    policy: app.policyOf(store),
    options: planFile?.plan.options ?? toRestoreOptions(flags),
    dryRun: flags.dryRun === true,
    safetySnapshot: flags.safetySnapshot,
    planFile,
    credentialsFile: await readCredentials(invocation),
    lock: (_store, signal) =>
      holdInstance(app, io, target, { purpose: 'restore', waitMs, stores: [store, ...otherStores], signal }),
    diff: flags.diff || page ? { ...(page && { onWorkflow: page.addDiff }) } : undefined,
    confirm: async (plan, diff) => {
      await writeDiffPage(invocation, page, plan, diff);
      for (const line of planLines(plan, flags.diff ? diff : null, output)) output.line(line);
      return confirmPlan(invocation, plan, to !== undefined);
    },
    ...tools,
  });
  if (report.status === 'planned' || report.status === 'conflict')
    await writeDiffPage(invocation, page, report.plan, report.diff);
  print(invocation, opened, flags.diff ? report : { ...report, diff: null }, unasked);
  return report.exitCode;
}

/**
 * Whether a snapshot that lacks most of what was there before it is to be restored all the same: asked on a terminal.
 * @throws FlowkeepError `shrunk-snapshot` where nobody can be asked
 */
async function isMeant(
  invocation: Invocation<RestoreFlags>,
  { output, tools }: Opened,
  chosen: Pick<OpenedSnapshot, 'store' | 'snapshot'>,
  selector: string,
): Promise<boolean> {
  const shrinkage = await shrinkageOf(chosen, selector, tools.signal);
  if (shrinkage === null) return true;
  const error = shrunkError(chosen.snapshot.info, shrinkage);
  const { flags, io } = invocation;
  if (flags.yes || flags.dryRun || !canAsk(invocation)) throw error;
  io.stderr.write(`${errorLines(error, output.palette).join('\n')}\n`);
  return ask(invocation, `Restore ${chosen.snapshot.id} all the same?`);
}

/** A dry run prints the plan, and with `--json` the plan file itself, so that it can be redirected into a file. */
function print(
  { io, flags }: Invocation<RestoreFlags>,
  { output }: Opened,
  report: RestoreReport,
  unasked: readonly UnaskedStore[],
): void {
  if (report.status === 'planned' && flags.json) {
    io.stdout.write(writePlanFile(report.plan, report.diff ?? undefined));
    return;
  }
  for (const line of printReport(report, output)) output.line(line);
  output.json({ ...reportDocument(report), ...unaskedMember(unasked) });
}

async function writeDiffPage(
  invocation: Invocation<RestoreFlags>,
  page: PageBuilder | null,
  { target, unverified }: Plan,
  diff: PlanDiff | null,
): Promise<void> {
  if (page && diff)
    await writePage(invocation, invocation.flags.html!, page.diffPage(target.instance, diff, unverified));
}

async function readPlan({ io, flags }: Invocation<RestoreFlags>): Promise<RestoreJobOptions['planFile']> {
  if (flags.plan === undefined) return null;
  const path = resolve(io.cwd, flags.plan);
  return { plan: readPlanFile(await readText(path, '--plan'), path), path };
}

async function readCredentials({ io, flags }: Invocation<RestoreFlags>): Promise<RestoreJobOptions['credentialsFile']> {
  if (flags.credentialsFile === undefined) return null;
  const path = resolve(io.cwd, flags.credentialsFile);
  const text = await readText(path, '--credentials-file');
  const resolvers = {
    env: (name: string) => io.env[name],
    file: (name: string) => readFile(resolve(dirname(path), name), 'utf8'),
  };
  return { text, path, resolvers };
}

async function readText(path: string, flag: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the file given with ${flag}: ${messageOf(error)}`);
  }
}
