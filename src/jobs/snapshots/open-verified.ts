import { FlowkeepError, UsageError } from '../../lib/errors.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import { hashFiles } from '../../store/authenticity.ts';
import type { Store, StoredSnapshot } from '../../store/store.ts';
import { authenticityOf } from './authenticity.ts';
import { nameEdited, neighboursOf } from './find-edited.ts';
import { damagedCopy, findSnapshot, instead, type OpenContext, type OpenedSnapshot } from './open-snapshot.ts';
import { isDamage } from './open-target.ts';
import { savedSnapshot, type SavedSnapshot } from './saved-snapshot.ts';
import type { UnaskedStore } from './unasked.ts';

export interface OpenOptions extends OpenContext {
  /** `--allow-unverified`: also a snapshot that is not, or may not be, what flowkeep saved. */
  readonly allowUnverified?: boolean | undefined;
}

export interface VerifiedSnapshot extends OpenedSnapshot {
  /** For people: why it is not taken for what flowkeep saved. Empty unless `allowUnverified` let it through. */
  readonly unverified: readonly string[];
}

/** The copy of a snapshot in one store. */
interface Copy {
  readonly store: Store;
  /** null where it is too damaged to be opened. */
  readonly snapshot: SavedSnapshot | null;
  /** Why it is not taken for what flowkeep saved; null where it is, or nobody can tell. */
  readonly doubt: string | null;
  /** What opening or reading it threw, where it is damaged: then the doubt says so, too. */
  readonly damage?: FlowkeepError;
}

/**
 * Opens the snapshot that a SNAPSHOT argument names for a caller that uses its content, once it is clear that it is
 * what flowkeep saved. Where the copy in one store is not, is damaged, or cannot be read here or at all, one in another
 * store is taken.
 * @throws UsageError if there is none; FlowkeepError `unverified` (exit code 5) where no copy is what was saved and
 * that is not allowed, or what the first copy threw where each of them is damaged; StoreError `identity-missing` or
 * `identity-wrong` where it is encrypted and cannot be read
 */
export async function openVerified(
  stores: readonly Store[],
  instance: string,
  selector: string,
  options: OpenOptions,
): Promise<VerifiedSnapshot> {
  const { allowUnverified, logger, signal } = options;
  const { id, holders, unasked: unlisted } = await findSnapshot(stores, instance, selector, options);
  const unasked: UnaskedStore[] = [...unlisted];
  const passed: (Copy & { readonly doubt: string })[] = [];
  let sealed: Error | undefined;
  for (const store of holders) {
    const copy = await openCopy(store, instance, id, signal);
    if ('error' in copy) {
      unasked.push(copy);
      continue;
    }
    const { snapshot, doubt, ...rest } = copy;
    if (doubt !== null) passed.push({ ...rest, snapshot, doubt });
    else if (snapshot?.sealed) sealed ??= snapshot.sealed.error;
    else if (snapshot) {
      for (const each of passed) logger.warn({ store: each.store.name }, `${each.doubt}${instead({ store })}`);
      return { store, snapshot, unverified: [], unasked };
    }
  }
  const opened = allowUnverified ? leastDamaged(passed) : undefined;
  if (opened) return { ...opened, unasked };
  const [damage] = passed.map((copy) => copy.damage);
  if (passed.some((copy) => copy.damage === undefined)) throw unverified(id, passed);
  throw sealed ?? damage ?? unasked[0]?.error ?? new UsageError(`no store holds snapshot ${id}`);
}

/** One that can be read before one that is damaged. */
function leastDamaged(
  copies: readonly (Copy & { readonly doubt: string })[],
): Omit<VerifiedSnapshot, 'unasked'> | undefined {
  const opened = copies.flatMap(({ store, snapshot, doubt, damage }) =>
    snapshot === null ? [] : [{ store, snapshot, unverified: [doubt], damage }],
  );
  return opened.find(({ damage }) => damage === undefined) ?? opened[0];
}

/** Or why the store did not give it. */
async function openCopy(store: Store, instance: string, id: string, signal: AbortSignal): Promise<Copy | UnaskedStore> {
  let snapshot: SavedSnapshot | null = null;
  try {
    const stored = await store.open(instance, id, signal);
    snapshot = await savedSnapshot(stored, signal);
    return { store, snapshot, doubt: stored.sealed ? null : await doubtOf(store, stored, signal) };
  } catch (error) {
    if (signal.aborted || !(error instanceof FlowkeepError)) throw error;
    if (!isDamage(error)) return { store: store.name, error };
    return { store, snapshot, doubt: damagedCopy(id, store.name, error), damage: error };
  }
}

/** Why the copy is not taken for what flowkeep saved, with the files that were edited; null where it is. */
async function doubtOf(store: Store, stored: StoredSnapshot, signal: AbortSignal): Promise<string | null> {
  const answer = await authenticityOf(stored, signal);
  if (answer.state === 'verified') return null;
  const isAltered = answer.state === 'altered';
  const [first = '', ...more] = answer.reasons;
  const reasons = [`${first}${isAltered ? await nameFiles(store, stored, signal) : ''}`, ...more].join('; ');
  const what = isAltered ? 'was altered' : 'is not known to be what flowkeep saved';
  return `snapshot ${stored.info.id} in store ${store.name} ${what}: ${reasons}`;
}

async function nameFiles(store: Store, stored: StoredSnapshot, signal: AbortSignal): Promise<string> {
  const { info } = stored;
  if (info.digest === null) return '';
  const neighbours = neighboursOf(info, await store.list(info.instance, signal));
  return nameEdited(info.digest, await hashFiles(stored, signal), neighbours, async ({ instance, id }) =>
    hashFiles(await store.open(instance, id, signal), signal),
  );
}

function unverified(id: string, copies: readonly { readonly doubt: string }[]): FlowkeepError {
  return new FlowkeepError('unverified', copies.map(({ doubt }) => doubt).join('\n'), {
    exitCode: EXIT.integrity,
    remedy:
      `Look at it with \`flowkeep verify ${id}\`, and use another snapshot or another store (--store). ` +
      'To use it as it is, because you know who changed it and why: --allow-unverified.',
  });
}
