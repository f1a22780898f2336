import type { Tools } from '../lib/tools.ts';
import type { N8nClient } from '../n8n/http/types.ts';
import { KINDS, type Kind } from '../kinds/kinds.ts';
import type { OnWorkflow } from '../diff/compare-context.ts';
import { compareSnapshots } from '../diff/compare.ts';
import type { Only } from '../kinds/only.ts';
import type { SnapshotDiff } from '../diff/types.ts';
import { collect } from '../snapshot/collect/collect.ts';
import type { Store } from '../store/store.ts';
import { LIVE } from '../snapshot/format/snapshot-view.ts';
import { openVerified, type OpenOptions, type VerifiedSnapshot } from './snapshots/open-verified.ts';
import type { SavedSnapshot } from './snapshots/saved-snapshot.ts';
import type { UnaskedStore } from './snapshots/unasked.ts';

export interface DiffOptions extends Tools, Pick<OpenOptions, 'allowUnverified'> {
  readonly instance: string;
  readonly stores: readonly Store[];
  /** SNAPSHOT arguments; `to` may be `live`. */
  readonly from: string;
  readonly to: string;
  readonly only: readonly Only[];
  readonly onWorkflow?: OnWorkflow;
  /** Read only where `to` is `live`. */
  readonly live: {
    readonly client: () => Promise<N8nClient>;
    readonly kinds: readonly Kind[];
  };
}

export interface DiffReport extends SnapshotDiff {
  /** Only with `allowUnverified`: why a side is not taken for what flowkeep saved. */
  readonly unverified?: readonly string[];
  /** Stores that could not be asked for the snapshots. */
  readonly unasked: readonly UnaskedStore[];
}

/**
 * What differs between two snapshots, or between a snapshot and what the instance holds now. Nothing is written.
 * @throws UsageError where a snapshot or an `only` is not found; FlowkeepError `unverified`; N8nError where the
 * instance does not answer; StoreError
 */
export async function diff(options: DiffOptions): Promise<DiffReport> {
  const { instance, stores } = options;
  const from = await openVerified(stores, instance, options.from, options);
  if (options.to === LIVE) return makeReport(await diffLive(options, from.snapshot), [from]);
  const to = await openVerified(stores, instance, options.to, options);
  return makeReport(await compareSnapshots(from.snapshot, to.snapshot, compareOptions(options)), [from, to]);
}

function makeReport(found: SnapshotDiff, sides: readonly VerifiedSnapshot[]): DiffReport {
  const unverified = [...new Set(sides.flatMap((side) => side.unverified))];
  const unasked = new Map(sides.flatMap((side) => side.unasked).map((each) => [each.store, each]));
  return { ...(unverified.length === 0 ? {} : { unverified }), unasked: [...unasked.values()], ...found };
}

async function diffLive(options: DiffOptions, from: SavedSnapshot): Promise<SnapshotDiff> {
  const { live } = options;
  const startedAt = options.clock.now();
  using collected = await collect({
    ...options,
    client: await live.client(),
    kinds: kindsToRead(live.kinds, options.only),
    base: from,
    startedAt,
  });
  const { unchanged } = collected;
  return await compareSnapshots(from, collected, { ...compareOptions(options), unchanged });
}

function compareOptions({ only, onWorkflow, signal }: DiffOptions) {
  return { only, signal, ...(onWorkflow ? { onWorkflow } : {}) };
}

/** What is asked for, and what says the names of projects and folders in it. */
function kindsToRead(configured: readonly Kind[], only: readonly Only[]): Kind[] {
  const wanted = new Set<Kind>(only.length === 0 ? configured : only.map((each) => each.kind));
  if (wanted.has('workflows')) wanted.add('folders');
  if (wanted.has('folders')) wanted.add('workflows');
  if (!wanted.has('users') || wanted.size > 1) wanted.add('projects');
  return KINDS.filter((kind) => wanted.has(kind) && configured.includes(kind));
}
