import { FlowkeepError } from '../../lib/errors.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import type { Store } from '../../store/store.ts';

/** A store, and how many snapshots of the instance it lists. */
export interface Holding {
  readonly store: string;
  readonly snapshots: number;
}

/** What shows that a store which lists no snapshot of an instance should have some. */
export interface SignsOfLoss {
  /** A sentence for people, without a full stop. */
  readonly words: string;
  /** Left in the store itself; otherwise another store has snapshots, and this one may have been added just now. */
  readonly certain: boolean;
}

/** @returns null where nothing shows it: the store may be new. @throws StoreError */
export async function signsOfLoss(
  store: Store,
  instance: string,
  others: readonly Holding[],
  signal: AbortSignal,
): Promise<SignsOfLoss | null> {
  const traces = (await store.traces?.(instance, signal)) ?? null;
  if (traces !== null) return { words: `${store.location} ${traces}`, certain: true };
  const fullest = others.toSorted((a, b) => b.snapshots - a.snapshots)[0];
  if (!fullest || fullest.snapshots === 0) return null;
  return { words: `store ${fullest.store} holds ${fullest.snapshots} of its snapshots`, certain: false };
}

/**
 * The error of a store that holds no snapshot of an instance, where that is no success. Exit code 5.
 * @param consequence what was not done: `nothing was verified`
 */
export function emptyStore(
  store: Store,
  instance: string,
  consequence: string,
  signs: SignsOfLoss | null,
): FlowkeepError {
  const message = `store ${store.name} holds no snapshot of ${instance}: ${consequence}`;
  const first = signs?.certain ? '' : 'Where no backup was saved to it yet: `flowkeep backup`. ';
  return new FlowkeepError('store-empty', signs === null ? message : `${message}; ${signs.words}`, {
    exitCode: EXIT.integrity,
    remedy: `${first}${wayBack(store, first === '' ? 'Look' : 'Otherwise look')}`,
  });
}

/** The errors of stores which list no snapshot of an instance and show that they had some. @throws StoreError */
export async function emptiedStores(
  stores: readonly Store[],
  instance: string,
  signal: AbortSignal,
): Promise<FlowkeepError[]> {
  const found: FlowkeepError[] = [];
  for (const store of stores) {
    const signs = await signsOfLoss(store, instance, [], signal);
    if (signs?.certain) found.push(emptyStore(store, instance, 'there is nothing to list', signs));
  }
  return found;
}

/** What a backup says that saves a first snapshot into a store which should have some. */
export function savedAsFirst(store: Store, instance: string, { words, certain }: SignsOfLoss): string {
  const start = `store ${store.name} listed no snapshot of ${instance}, and this one is saved as its first; ${words}.`;
  const meaning = certain ? 'The snapshots before it are gone.' : 'Where the store was just added, all is well.';
  return `${start} ${meaning} ${wayBack(store, certain ? 'Look' : 'Otherwise look')}`;
}

/** Where to look, and what an emptied store can be healed with. */
function wayBack({ retention }: Store, look: 'Look' | 'Otherwise look'): string {
  if (retention === 'history')
    return (
      `${look} whether path, remote and branch in the configuration are those that were saved to. A clone, the ` +
      'remote or the reflog may still have the branch: push it back. Other stores keep what they have (--store).'
    );
  return (
    `${look} whether bucket and prefix in the configuration are those that were saved to. If the bucket keeps ` +
    'versions, remove the delete markers below snapshots/. Other stores keep what they have (--store).'
  );
}
