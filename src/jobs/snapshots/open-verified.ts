import { FlowkeepError, UsageError } from '../../lib/errors.ts';
import { EXIT } from '../../lib/exit-codes.ts';
import type { Logger } from '../../lib/logger.ts';
import { hashFiles, type FileHashes } from '../../store/authenticity.ts';
import { isStoreError, type StoreError } from '../../store/errors.ts';
import type { SnapshotInfo, Store, StoredSnapshot } from '../../store/store.ts';
import { authenticityOf } from './authenticity.ts';
import { nameEdited, neighboursOf } from './find-edited.ts';
import { findSnapshot, type OpenedSnapshot } from './open-snapshot.ts';
import { savedSnapshot } from './saved-snapshot.ts';

export interface OpenOptions {
  /** `--allow-unverified`: also a snapshot that is not, or may not be, what flowkeep saved. */
  readonly allowUnverified?: boolean | undefined;
  /** Is told of copies that were passed over. */
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface VerifiedSnapshot extends OpenedSnapshot {
  /** For people: why it is not taken for what flowkeep saved. Empty unless `allowUnverified` let it through. */
  readonly unverified: readonly string[];
}

/** Why a copy is not taken for what flowkeep saved. */
interface Doubt {
  readonly what: string;
  /** What reading it threw, where it is damaged. */
  readonly damage?: StoreError;
}

/**
 * Opens the snapshot that a SNAPSHOT argument names for a caller that uses its content, once it is clear that it is
 * what flowkeep saved. Where the copy in one store is not, or cannot be read here, one in another store is taken.
 * @throws UsageError if there is none; FlowkeepError `unverified` (exit code 5) where no copy is what was saved and
 * that is not allowed; StoreError `identity-missing` or `identity-wrong` where it is encrypted and cannot be read
 */
export async function openVerified(
  stores: readonly Store[],
  instance: string,
  selector: string,
  { allowUnverified, logger, signal }: OpenOptions,
): Promise<VerifiedSnapshot> {
  const { id, holders } = await findSnapshot(stores, instance, selector, signal);
  const doubtful: (OpenedSnapshot & { readonly doubt: Doubt })[] = [];
  let sealed: Error | undefined;
  for (const store of holders) {
    const stored = await store.open(instance, id, signal);
    const snapshot = await savedSnapshot(stored, signal);
    const doubt = stored.sealed ? null : await doubtOf(store, stored, signal);
    if (stored.sealed) sealed ??= stored.sealed.error;
    else if (doubt !== null) doubtful.push({ store, snapshot, doubt });
    else {
      for (const each of doubtful)
        logger.warn({ store: each.store.name }, `${each.doubt.what}; store ${store.name} is used`);
      return { store, snapshot, unverified: [] };
    }
  }
  const [first] = doubtful;
  if (!first) throw sealed ?? new UsageError(`no store holds snapshot ${id}`);
  if (allowUnverified) return { ...first, unverified: [first.doubt.what] };
  const [damage] = doubtful.map(({ doubt }) => doubt.damage);
  if (damage && doubtful.length === 1) throw damage;
  throw unverified(
    id,
    doubtful.map(({ doubt }) => doubt.what),
  );
}

/** Why the copy is not taken for what flowkeep saved, with the files that were edited; null where it is. */
async function doubtOf(store: Store, stored: StoredSnapshot, signal: AbortSignal): Promise<Doubt | null> {
  const it = `snapshot ${stored.info.id} in store ${store.name}`;
  try {
    const answer = await authenticityOf(stored, signal);
    if (answer.state === 'verified') return null;
    const isAltered = answer.state === 'altered';
    const [first = '', ...more] = answer.reasons;
    const reasons = [`${first}${isAltered ? await nameFiles(store, stored, signal) : ''}`, ...more].join('; ');
    const what = isAltered ? 'was altered' : 'is not known to be what flowkeep saved';
    return { what: `${it} ${what}: ${reasons}` };
  } catch (error) {
    if (!isStoreError(error, 'integrity')) throw error;
    return { what: `${it} is damaged: ${error.message}`, damage: error };
  }
}

async function nameFiles(store: Store, stored: StoredSnapshot, signal: AbortSignal): Promise<string> {
  const { info } = stored;
  if (info.digest === null) return '';
  const neighbours = neighboursOf(info, await store.list(info.instance, signal));
  return nameEdited(info.digest, await hashFiles(stored, signal), neighbours, (other) =>
    hashesOf(store, other, signal),
  );
}

/** null where it cannot be read: then another snapshot may tell. */
async function hashesOf(store: Store, { instance, id }: SnapshotInfo, signal: AbortSignal): Promise<FileHashes | null> {
  try {
    return await hashFiles(await store.open(instance, id, signal), signal);
  } catch (error) {
    if (isStoreError(error, 'integrity') || isStoreError(error, 'not-found') || isStoreError(error, 'format'))
      return null;
    throw error;
  }
}

function unverified(id: string, doubts: readonly string[]): FlowkeepError {
  return new FlowkeepError('unverified', doubts.join('\n'), {
    exitCode: EXIT.integrity,
    remedy:
      `Look at it with \`flowkeep verify ${id}\`, and use another snapshot or another store (--store). ` +
      'To use it as it is, because you know who changed it and why: --allow-unverified.',
  });
}
