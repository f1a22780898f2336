import { InterruptedError } from '../lib/errors.ts';
import { EXIT, type ExitCode } from '../lib/exit-codes.ts';
import type { Logger } from '../lib/logger.ts';
import type { Progress } from '../lib/progress.ts';
import type { Clock } from '../lib/time.ts';
import type { ClientStats, N8nClient } from '../n8n/types.ts';
import { DEFAULT_KINDS } from '../resources/kinds.ts';
import { findAdopted, itemsBefore } from '../restore/adopt.ts';
import { apply } from '../restore/apply/apply.ts';
import type { Outcome } from '../restore/apply/outcome.ts';
import type { PlanInput } from '../restore/context.ts';
import {
  readCredentialsFile,
  type CredentialData,
  type ValueResolvers,
} from '../restore/credentials-file.ts';
import type { SnapshotModel } from '../restore/model.ts';
import { collectedSource, snapshotSource } from '../restore/model-source.ts';
import { requireSamePlan, targetDigest } from '../restore/plan-file.ts';
import { conflictsOf } from '../restore/plan.ts';
import { planRestore } from '../restore/plan-restore.ts';
import { probeCapabilities, readUsers } from '../restore/probe.ts';
import { NOT_HELD, readBack, withoutReadBack, type ItemResult } from '../restore/read-back.ts';
import { readModel } from '../restore/read-model.ts';
import type { Capabilities, IdPair, Plan, RestoreOptions } from '../restore/types.ts';
import { collect, type Collected } from '../snapshot/collect/collect.ts';
import type { CollectOptions } from '../snapshot/collect/collect-options.ts';
import { isoSeconds } from '../snapshot/snapshot-id.ts';
import type { SnapshotInfo, Store, StoredSnapshot } from '../store/store.ts';
import { collectedBase } from './collected-base.ts';
import { openTarget } from './open-target.ts';
import {
  addIdentity,
  readIdentity,
  readJournal,
  removeJournal,
  writeJournal,
  type Journal,
} from './restore-documents.ts';
import { StoreMemory } from './restore-memory.ts';
import { saveSafetySnapshot } from './safety-snapshot.ts';

export interface RestoreJobOptions {
  /** The instance to write to. */
  readonly target: { readonly instance: string; readonly client: N8nClient };
  readonly snapshot: StoredSnapshot;
  /** Where the snapshot lies. The safety snapshot and what the next run must know are kept there. */
  readonly store: Store;
  readonly options: RestoreOptions;
  /** Makes the plan and nothing else. */
  readonly dryRun: boolean;
  /** false with `--no-safety-snapshot`. */
  readonly safetySnapshot: boolean;
  /** From `--plan`: the plan must be this one. */
  readonly planFile: { readonly plan: Plan; readonly path: string } | null;
  readonly credentialsFile: {
    readonly text: string;
    readonly path: string;
    readonly resolvers: ValueResolvers;
  } | null;
  /** Shows the plan and asks. Nothing is written unless it gives true. */
  confirm(plan: Plan): Promise<boolean>;
  /** An existing folder for temporary files. */
  readonly temporaryFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface RestoreReport {
  /** `conflict`: `--on-conflict fail` found items that it would overwrite. */
  readonly status: 'planned' | 'declined' | 'conflict' | 'applied';
  readonly plan: Plan;
  /** The snapshot of the target from before, or null. */
  readonly safetySnapshot: SnapshotInfo | null;
  /** Item by item, in the order of the plan; empty unless applied. */
  readonly items: readonly ItemResult[];
  /** Items that came back under another id in this run. */
  readonly newIds: readonly IdPair[];
  /** Credentials that came back without their secret. */
  readonly needSecret: readonly { readonly id: string; readonly name: string; readonly type: string }[];
  readonly notHeld: readonly string[];
  /** What ended the run before its time: then the rest of the plan was not done. */
  readonly stoppedBy: unknown;
  readonly exitCode: ExitCode;
  readonly durationMs: number;
  readonly client: ClientStats;
}

/** What a restore knows before it writes. */
interface Prepared {
  readonly input: PlanInput;
  readonly plan: Plan;
  readonly credentials: CredentialData;
  readonly interrupted: Journal | null;
}

/**
 * Restores a snapshot into an instance, and reads back what became of it.
 * @throws UsageError for a selection or a credentials file that cannot be used; FlowkeepError `plan-outdated` (exit code
 * 4) where the target has moved on since the plan file was made; N8nError where the target does not answer; StoreError;
 * InterruptedError
 */
export async function restore(options: RestoreJobOptions): Promise<RestoreReport> {
  const started = options.clock.now();
  const base = await openTarget(options.store, options.target.instance, options.signal);
  const capabilities = probeCapabilities(options.target.client, options.signal);
  // Reading fails with the same error where the target does not answer, and is waited for first.
  capabilities.catch(() => undefined);
  using collected = await read(options, base.latest);
  const prepared = await prepare(options, collected, await capabilities, started);
  const { plan } = prepared;
  if (options.planFile) requireSamePlan(options.planFile.plan, plan, options.planFile.path);
  const finish = (rest: Partial<RestoreReport>): RestoreReport => makeReport(options, plan, started, rest);
  if (options.options.onConflict === 'fail' && conflictsOf(plan).length > 0)
    return finish({ status: 'conflict', exitCode: EXIT.conflict });
  if (options.dryRun) return finish({ status: 'planned' });
  if (!(await options.confirm(plan))) return finish({ status: 'declined' });
  const safetySnapshot = options.safetySnapshot
    ? await saveSafetySnapshot(options.store, collected, base.latest, started, options.signal)
    : null;
  const applied = await applyPlan(options, prepared, started);
  const items =
    applied.stoppedBy === undefined
      ? await compareAfter(options, prepared, applied, collectedBase(collected, isoSeconds(started)))
      : withoutReadBack(plan, applied.outcomes);
  if (applied.stoppedBy === undefined)
    await removeJournal(options.store, options.target.instance, options.signal);
  return finish({
    ...applied,
    status: 'applied',
    safetySnapshot,
    items,
    needSecret: stubsOf(prepared, items),
    exitCode: exitCodeOf(items, applied.stoppedBy),
  });
}

/** Reads the target. What a snapshot holds of it saves requests. */
async function read(options: RestoreJobOptions, base: CollectOptions['base']): Promise<Collected> {
  return collect({
    client: options.target.client,
    instance: options.target.instance,
    kinds: DEFAULT_KINDS,
    base,
    temporaryFolder: options.temporaryFolder,
    logger: options.logger,
    progress: options.progress,
    signal: options.signal,
  });
}

async function prepare(
  options: RestoreJobOptions,
  collected: Collected,
  capabilities: Capabilities,
  started: number,
): Promise<Prepared> {
  const { signal, store, target } = options;
  const { client } = target;
  const source = await readModel(await snapshotSource(options.snapshot, signal), signal);
  const live = await readModel(collectedSource(collected, isoSeconds(started)), signal);
  const saved = await readIdentity(store, target.instance, source.header.instance, signal);
  const interrupted = await readJournal(store, target.instance, signal);
  warnOfOther(options, interrupted);
  const credentials = await readCredentials(options, source);
  const input: PlanInput = {
    source,
    live,
    target: {
      instance: target.instance,
      url: client.url,
      digest: targetDigest(collected.header, collected.files),
    },
    options: options.options,
    capabilities,
    saved,
    adopted: interrupted ? findAdopted(source, live, interrupted.before, saved) : [],
    filledCredentials: new Set(credentials.keys()),
    users: await readUsers(client, signal),
  };
  return { input, plan: await planRestore(input, signal), credentials, interrupted };
}

/** A restore that was interrupted is completed by running it again; another one leaves a mixture of the two. */
function warnOfOther({ snapshot, logger }: RestoreJobOptions, interrupted: Journal | null): void {
  if (!interrupted || interrupted.snapshot === snapshot.info.id) return;
  logger.warn(
    { interrupted: interrupted.snapshot, startedAt: interrupted.startedAt },
    `a restore of snapshot ${interrupted.snapshot} was interrupted; run that one again to complete it`,
  );
}

async function readCredentials(options: RestoreJobOptions, source: SnapshotModel): Promise<CredentialData> {
  if (!options.credentialsFile) return new Map();
  const { text, path, resolvers } = options.credentialsFile;
  return readCredentialsFile(text, path, source, resolvers);
}

interface AppliedPlan {
  readonly outcomes: readonly Outcome[];
  readonly newIds: readonly IdPair[];
  readonly stoppedBy: unknown;
}

async function applyPlan(
  options: RestoreJobOptions,
  prepared: Prepared,
  started: number,
): Promise<AppliedPlan> {
  const { input, plan, credentials, interrupted } = prepared;
  const { store, target, clock, logger, progress, signal } = options;
  const source = input.source.header.instance;
  const journal: Journal = {
    flowkeepRestoreJournal: 1,
    startedAt: interrupted?.startedAt ?? isoSeconds(started),
    snapshot: plan.snapshot.id,
    before: interrupted?.before ?? itemsBefore(input.live),
    temporaryCredentials: interrupted?.temporaryCredentials ?? [],
    stubs: stubsIn(prepared),
  };
  await writeJournal(store, target.instance, journal, signal);
  const leftBehind = interrupted?.temporaryCredentials ?? [];
  const memory = new StoreMemory({
    store,
    target: target.instance,
    source,
    journal,
    leftBehind,
    clock,
    signal,
  });
  // What was adopted is known by likeness alone; saved, it is known for good.
  await memory.remember(input.adopted);
  try {
    const { source: snapshot, live } = input;
    return await apply({
      plan,
      source: snapshot,
      live,
      client: target.client,
      memory,
      credentials,
      logger,
      progress,
      signal,
    });
  } finally {
    await memory.flush(new AbortController().signal);
  }
}

/** Source ids of the credentials that come back without a secret, those of an interrupted run among them. */
function stubsIn({ plan, input, interrupted }: Prepared): string[] {
  const created = plan.actions.flatMap((action) =>
    action.verb === 'create' && action.kind === 'credentials' ? [action.sourceId] : [],
  );
  const all = new Set([...(interrupted?.stubs ?? []), ...created]);
  return [...all].filter((id) => !input.filledCredentials.has(id));
}

/** Reads the target again and finds what a restore would still have to do. */
async function compareAfter(
  options: RestoreJobOptions,
  prepared: Prepared,
  { outcomes, newIds }: AppliedPlan,
  base: CollectOptions['base'],
): Promise<ItemResult[]> {
  if (options.signal.aborted) throw new InterruptedError();
  using collected = await read(options, base);
  const live = await readModel(collectedSource(collected, isoSeconds(options.clock.now())), options.signal);
  const { input, plan } = prepared;
  const saved = latestOf([...input.saved, ...input.adopted, ...newIds]);
  const adopted = await adoptAfter(options, prepared, live, saved);
  const after = await planRestore({ ...input, live, saved, adopted }, options.signal);
  return readBack(plan, outcomes, after);
}

/** Items that came under a new id although the answer that told it was lost: found by likeness, and saved. */
async function adoptAfter(
  { store, target, signal }: RestoreJobOptions,
  { input, interrupted }: Prepared,
  live: SnapshotModel,
  saved: readonly IdPair[],
): Promise<IdPair[]> {
  const before = interrupted?.before ?? itemsBefore(input.live);
  const adopted = findAdopted(input.source, live, before, saved);
  if (adopted.length > 0)
    await addIdentity(store, target.instance, input.source.header.instance, adopted, signal);
  return adopted;
}

/** The last pair of each item. */
function latestOf(pairs: readonly IdPair[]): IdPair[] {
  return [...new Map(pairs.map((pair) => [`${pair.kind}:${pair.from}`, pair])).values()];
}

/** Credentials that are on the target and still need their secret. */
function stubsOf(prepared: Prepared, items: readonly ItemResult[]): RestoreReport['needSecret'] {
  const stubs = new Set(stubsIn(prepared));
  return items.flatMap(({ kind, id, name, targetId }) => {
    if (kind !== 'credentials' || targetId === null || !stubs.has(id)) return [];
    return [{ id: targetId, name, type: prepared.input.source.credentials.get(id)?.type ?? '' }];
  });
}

function exitCodeOf(items: readonly ItemResult[], stoppedBy: unknown): ExitCode {
  if (stoppedBy !== undefined) return EXIT.partial;
  return items.some(({ result }) => result === 'differs' || result === 'failed') ? EXIT.partial : EXIT.done;
}

function makeReport(
  options: RestoreJobOptions,
  plan: Plan,
  started: number,
  rest: Partial<RestoreReport>,
): RestoreReport {
  return {
    status: 'planned',
    plan,
    safetySnapshot: null,
    items: [],
    newIds: [],
    needSecret: [],
    notHeld: NOT_HELD,
    stoppedBy: undefined,
    exitCode: EXIT.done,
    durationMs: options.clock.now() - started,
    client: options.target.client.stats,
    ...rest,
  };
}
