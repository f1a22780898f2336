// Finding and opening snapshots for a command: list, select by id or time, check before use. What every job
// needs of stored snapshots enters, nothing that only one of them needs.

import { FlowkeepError, UsageError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { TimeDoubt } from '../../store/plausible-time.ts';
import type { Store } from '../../store/store.ts';
import { listSnapshots, type ListContext, type ListedSnapshot } from './list-snapshots.ts';
import { isDamage } from './open-target.ts';
import { savedSnapshot, type SavedSnapshot } from './saved-snapshot.ts';
import { isTime, passedOver, passedOverWords, selectSnapshot } from './select-snapshot.ts';
import { notFound, type UnaskedStore } from './unasked.ts';

export interface OpenedSnapshot {
  readonly store: Store;
  readonly snapshot: SavedSnapshot;
  /** Stores that could not be asked: they may hold another one that the argument names. */
  readonly unasked: readonly UnaskedStore[];
  /** Why its time is not to be believed. */
  readonly timeDoubt?: TimeDoubt;
}

/** What opening a snapshot works with. */
export interface OpenContext extends ListContext {
  /** Is told of copies, and of wrong times, that were passed over. */
  readonly logger: Logger;
}

/**
 * Opens the snapshot that a SNAPSHOT argument names, from the first of the stores that holds it; from another one where
 * it is damaged there, or encrypted and can be read here. For callers that show what it is and not its content: who
 * uses that asks `openVerified` instead.
 * @throws UsageError if there is none; what the first copy threw where none can be opened
 */
export async function openSnapshot(
  stores: readonly Store[],
  instance: string,
  selector: string,
  context: OpenContext,
): Promise<OpenedSnapshot> {
  const { logger, signal } = context;
  const { id, holders, unasked, ...doubt } = await findSnapshot(stores, instance, selector, context);
  const passed: UnaskedStore[] = [];
  let found: Omit<OpenedSnapshot, 'unasked'> | undefined;
  for (const store of holders) {
    if (found && !found.snapshot.sealed) break;
    try {
      const snapshot = await savedSnapshot(await store.open(instance, id, signal), signal);
      if (found === undefined || !snapshot.sealed) found = { store, snapshot };
    } catch (error) {
      if (signal.aborted || !(error instanceof FlowkeepError)) throw error;
      passed.push({ store: store.name, error });
    }
  }
  if (!found) throw passed[0]?.error ?? new UsageError(`no store holds snapshot ${id}`);
  for (const { store, error } of passed)
    if (isDamage(error)) logger.warn({ store }, `${damagedCopy(id, store, error)}${instead(found)}`);
  return { ...found, ...doubt, unasked: [...unasked, ...passed.filter(({ error }) => !isDamage(error))] };
}

/** What is told of a copy that is damaged. */
export function damagedCopy(id: string, store: string, error: FlowkeepError): string {
  return `snapshot ${id} in store ${store} is damaged: ${error.message}`;
}

/** The end of a sentence about a copy that is not used. */
export function instead({ store }: Pick<OpenedSnapshot, 'store'>): string {
  return `; store ${store.name} is used`;
}

/** The snapshot that a SNAPSHOT argument names, and the stores that hold it, in their order. */
export interface FoundSnapshot {
  readonly id: string;
  readonly holders: readonly Store[];
  readonly unasked: readonly UnaskedStore[];
  readonly timeDoubt?: TimeDoubt;
}

/** @throws UsageError where there is none; where a store could not be asked, with that store's exit code */
export async function findSnapshot(
  stores: readonly Store[],
  instance: string,
  selector: string,
  context: OpenContext,
): Promise<FoundSnapshot> {
  const { snapshots, unasked } = await listSnapshots(stores, instance, context);
  const { info, stores: names, ...doubt } = select(snapshots, selector, unasked);
  warnOfPassed({ instance, selector, id: info.id }, snapshots, context.logger);
  return { id: info.id, holders: stores.filter(({ name }) => names.includes(name)), unasked, ...doubt };
}

/** Says which newer ones the argument does not mean. */
function warnOfPassed(
  { instance, selector, id }: { readonly instance: string; readonly selector: string; readonly id: string },
  listed: readonly ListedSnapshot[],
  logger: Logger,
): void {
  const infos = listed.map(({ info }) => info);
  const passed = passedOver(infos, selector, id);
  if (passed) logger.warn({ instance, snapshot: passed.id }, passedOverWords(passed, selector, id));
  const misdated = isTime(selector) ? listed.filter(({ timeDoubt }) => timeDoubt === 'order') : [];
  if (misdated.length === 0) return;
  logger.warn(
    { instance, snapshots: misdated.map(({ info }) => info.id) },
    'snapshots whose time does not fit those before and after them count for no time: the clock of the machine that ' +
      'took them was wrong. They can be given by their ids',
  );
}

function select(listed: readonly ListedSnapshot[], selector: string, unasked: readonly UnaskedStore[]): ListedSnapshot {
  const infos = listed.map(({ info }) => info);
  const doubts = new Map(listed.flatMap(({ info, timeDoubt }) => (timeDoubt ? [[info, timeDoubt]] : [])));
  try {
    const chosen = selectSnapshot(infos, selector, doubts);
    return listed.find(({ info }) => info === chosen) ?? { info: chosen, stores: [] };
  } catch (error) {
    // What is the start of several ids stays that, whatever another store holds.
    const isStart = infos.some(({ id }) => id.toLowerCase().startsWith(selector.toLowerCase()));
    throw error instanceof UsageError && !isStart ? notFound(error, unasked) : error;
  }
}
