import { FlowkeepError, UsageError } from '../../lib/errors.ts';
import type { Clock } from '../../lib/time.ts';
import { doubtfulTimes } from '../../store/plausible-time.ts';
import type { SnapshotInfo, Store } from '../../store/store.ts';
import { emptyStore, signsOfLoss } from '../snapshots/empty-store.ts';
import { selectSnapshot } from '../snapshots/select-snapshot.ts';

export interface ChooseOptions {
  readonly instance: string;
  readonly stores: readonly Store[];
  /** A SNAPSHOT argument, looked up in each store; `all`: every snapshot. */
  readonly selector: string | { readonly all: true };
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
}

/** What is to be verified in one store. */
export interface Choice {
  readonly store: Store;
  readonly listed: readonly SnapshotInfo[];
  readonly chosen: readonly SnapshotInfo[];
  /** Why the store could not be asked. */
  readonly error?: FlowkeepError;
  /** Why it is no success that it lists no snapshot at all. */
  readonly empty?: FlowkeepError;
  /** Regular snapshots that other stores hold and this one does not. */
  readonly lacks: number;
  readonly warnings: readonly string[];
}

type Listing = Pick<Choice, 'store' | 'listed' | 'error'>;

/**
 * Which snapshots are verified in each store.
 * @throws UsageError where no store that holds snapshots holds the one that is asked for
 */
export async function chooseSnapshots(options: ChooseOptions): Promise<Choice[]> {
  const listings = await Promise.all(options.stores.map((store) => list(options, store)));
  const misses: UsageError[] = [];
  const choices: Choice[] = [];
  for (const listing of listings) {
    const others = listings.filter((each) => each !== listing);
    const compared = { ...listing, ...compare(listing, others) };
    if (listing.error) choices.push({ ...compared, chosen: [] });
    else if (listing.listed.length === 0)
      choices.push({ ...compared, chosen: [], ...(await judgeEmpty(options, listing, others)) });
    else choices.push({ ...compared, chosen: choose(listing.listed, options, misses) });
  }
  const answered = listings.filter(({ listed }) => listed.length > 0).length;
  if (misses[0] && misses.length === answered && !listings.some(({ error }) => error)) throw misses[0];
  return choices;
}

async function list({ instance, signal }: ChooseOptions, store: Store): Promise<Listing> {
  try {
    return { store, listed: await store.list(instance, signal) };
  } catch (error) {
    if (signal.aborted || !(error instanceof FlowkeepError)) throw error;
    return { store, listed: [], error };
  }
}

/** None where the store does not hold it. */
function choose(
  listed: readonly SnapshotInfo[],
  { selector, clock }: Pick<ChooseOptions, 'selector' | 'clock'>,
  misses: UsageError[],
): readonly SnapshotInfo[] {
  if (typeof selector !== 'string') return listed;
  try {
    return [selectSnapshot(listed, selector, doubtfulTimes(listed, clock.now()))];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    misses.push(error);
    return [];
  }
}

async function judgeEmpty(
  { instance, signal }: ChooseOptions,
  { store }: Listing,
  others: readonly Listing[],
): Promise<Pick<Choice, 'empty' | 'error'>> {
  const holdings = others.map((each) => ({ store: each.store.name, snapshots: each.listed.length }));
  try {
    const signs = await signsOfLoss(store, instance, holdings, signal);
    return { empty: emptyStore(store, instance, 'nothing was verified', signs) };
  } catch (error) {
    if (signal.aborted || !(error instanceof FlowkeepError)) throw error;
    return { error };
  }
}

/**
 * What a store lacks of the others. Older ones it may lack lawfully, since it was added later or is pruned by a policy
 * of its own; that it is behind is worth a warning: the other store has some before the first that both hold, in that
 * store's own order. Safety snapshots lie in one store alone.
 */
function compare({ listed }: Listing, others: readonly Listing[]): Pick<Choice, 'lacks' | 'warnings'> {
  const own = new Set(listed.map(({ id }) => id));
  const lacking = new Map<string, SnapshotInfo>();
  const newer: string[] = [];
  for (const { store, listed: theirs } of others) {
    const missing = theirs.filter(({ id, flags }) => !own.has(id) && !flags.includes('safety'));
    for (const info of missing) lacking.set(info.id, info);
    const shared = theirs.find(({ id }) => own.has(id));
    const since = shared ? theirs.slice(0, theirs.indexOf(shared)) : theirs;
    const ahead = since.filter((info) => missing.includes(info)).length;
    if (ahead > 0 && listed.length > 0)
      newer.push(`store ${store.name} holds ${ahead} newer snapshots, which this store lacks`);
  }
  return { lacks: lacking.size, warnings: newer };
}
