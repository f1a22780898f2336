import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { InstanceConfig } from '../../config/types.ts';
import { messageOf, UsageError } from '../../lib/errors.ts';
import type { ExitCode } from '../../lib/exit-codes.ts';
import { openReadable } from '../../jobs/snapshots/open-snapshot.ts';
import { restore } from '../../jobs/restore/restore.ts';
import type { RestoreJobOptions, RestoreReport } from '../../jobs/restore/restore-job.ts';
import { readPlanFile, writePlanFile } from '../../restore/plan/output/plan-file.ts';
import type { Plan } from '../../restore/plan/types.ts';
import { confirmPlan } from '../output/confirm.ts';
import type { Invocation } from '../invocation.ts';
import { lockOf, waitMsOf, type LockFlags } from '../lock.ts';
import { open, type Opened } from '../open.ts';
import { reportDocument, printReport } from '../output/restore-report.ts';
import { toRestoreOptions, type RestoreFlags } from '../restore-flags.ts';

/** `flowkeep restore [SNAPSHOT]`: print the plan, ask, apply it, read back and compare. */
export async function run(
  invocation: Invocation<RestoreFlags & LockFlags>,
  selector?: string,
): Promise<ExitCode> {
  const waitMs = waitMsOf(invocation.flags);
  await using opened = await open(invocation);
  const { app, output, tools } = opened;
  const { flags, io } = invocation;
  const planFile = await readPlan(invocation);
  const source = oneInstance(opened, flags.instance, planFile?.plan);
  const target =
    flags.to === undefined ? targetOf(opened, source, planFile?.plan) : app.instances([flags.to])[0]!;
  const stores = await app.stores(source, flags.store);
  const wanted = selector ?? planFile?.plan.snapshot.id ?? 'latest';
  const { store, snapshot } = await openReadable(stores, source.name, wanted, io.signal);
  const report = await restore({
    target: { instance: target.name, client: await app.client(target) },
    snapshot,
    store,
    policy: app.policyOf(store),
    options: planFile?.plan.options ?? toRestoreOptions(flags),
    dryRun: flags.dryRun === true,
    safetySnapshot: flags.safetySnapshot,
    planFile,
    credentialsFile: await readCredentials(invocation),
    lock: lockOf(app, io, target, { purpose: 'restore', waitMs }),
    confirm: (plan) => confirmPlan(invocation, output, plan),
    ...tools,
  });
  print(invocation, opened, report);
  return report.exitCode;
}

/** A dry run prints the plan, and with `--json` the plan file itself, so that it can be redirected into a file. */
function print({ io, flags }: Invocation<RestoreFlags>, { output }: Opened, report: RestoreReport): void {
  if (report.status === 'planned' && flags.json) {
    io.stdout.write(writePlanFile(report.plan));
    return;
  }
  for (const line of printReport(report, output)) output.line(line);
  output.json(reportDocument(report));
}

/** A restore is of one instance: with several configured, `--instance` says which, or the plan file does. */
function oneInstance(
  { app }: Opened,
  names: readonly string[] | undefined,
  plan: Plan | undefined,
): InstanceConfig {
  const chosen = app.instances(names ?? (plan ? [plan.snapshot.instance] : undefined));
  const [first, ...others] = chosen;
  if (first && others.length === 0) return first;
  const known = chosen.map((instance) => instance.name).join(', ');
  throw new UsageError('restore handles one instance at a time', `Choose one with --instance: ${known}`);
}

function targetOf({ app }: Opened, source: InstanceConfig, plan: Plan | undefined): InstanceConfig {
  return plan ? app.instances([plan.target.instance])[0]! : source;
}

async function readPlan({ io, flags }: Invocation<RestoreFlags>): Promise<RestoreJobOptions['planFile']> {
  if (flags.plan === undefined) return null;
  const path = resolve(io.cwd, flags.plan);
  return { plan: readPlanFile(await readText(path, '--plan'), path), path };
}

async function readCredentials({
  io,
  flags,
}: Invocation<RestoreFlags>): Promise<RestoreJobOptions['credentialsFile']> {
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
