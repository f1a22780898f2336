import { sha256 } from '../../lib/hash.ts';
import type { Authenticity } from '../authenticity.ts';
import { isStoreError } from '../errors.ts';
import type { StoredSnapshot } from '../store.ts';
import { INDEX_PATH, type FileIndex, type StoredBytes } from './file-index.ts';
import type { Encryption, Verdict } from './parts.ts';
import type { SealKey } from './seal-key.ts';
import { infoDifferences } from './signed-info.ts';
import { AGE } from './stored-names.ts';

/** More files than this are counted, not named. */
const MAX_NAMED = 20;
const NONE: ReadonlySet<string> = new Set();

/**
 * Whether flowkeep wrote this index for this snapshot, and whether the store has under each path the bytes that the
 * index names. Stores name what they keep by its hash, and these names are compared: nothing is read, unless a store
 * knows no hash. That the bytes are those of their name is seen where they are read.
 */
export async function judge(
  stored: StoredSnapshot,
  index: FileIndex,
  encryption: Encryption,
  signal?: AbortSignal,
): Promise<Verdict> {
  const doubt = doubtOfIndex(stored, index, encryption);
  if (doubt !== null) return { authenticity: doubt, isIndexGenuine: false, broken: NONE };
  const expected = expectedFiles(index);
  const missing = [...expected.keys()].filter((path) => !stored.files.has(path));
  const unlisted = [...stored.files.keys()].filter((path) => path !== INDEX_PATH && !expected.has(path));
  const broken = await findBroken(stored, expected, signal);
  const [reason] = naming('files are not those that its index names', broken);
  const reasons = [
    ...naming('files that its index lists are missing', missing),
    ...naming('its index does not list files that it has', unlisted),
    ...(reason === undefined ? [] : [reason]),
  ];
  const files = reason === undefined ? {} : { files: { reason, paths: broken } };
  const authenticity: Authenticity =
    reasons.length === 0 ? { state: 'verified' } : { ...altered(...reasons), ...files };
  return { authenticity, isIndexGenuine: true, broken: new Set(broken) };
}

/** null: flowkeep wrote it, for this snapshot. */
function doubtOfIndex(
  { info }: StoredSnapshot,
  { seal, signed, snapshot }: FileIndex,
  encryption: Encryption,
): Exclude<Authenticity, { state: 'verified' }> | null {
  const key = keyOf(seal, encryption);
  if (key === undefined) return unauthenticated(reasonWithoutKey(encryption));
  if (signed === null || snapshot === null)
    return unauthenticated('its index has no code: an earlier flowkeep saved it, or somebody removed the code');
  if (key.code('index', signed.text) !== signed.code) return altered('its index is not what flowkeep wrote');
  if (snapshot.id !== info.id || snapshot.instance !== info.instance)
    return altered(`its index is that of snapshot ${snapshot.id} of ${snapshot.instance}`);
  const differences = infoDifferences(snapshot, info);
  return differences.length === 0 ? null : altered(`it is listed with another ${differences.join(', ')} than it had`);
}

function reasonWithoutKey({ encryptor }: Encryption): string {
  return encryptor === null
    ? 'it is encrypted, and the store has no `encrypt` in the configuration, which has the key to check it with'
    : 'its index has the seal of other keys than `encrypt` has: other recipients, or another digestKey';
}

/** The key of a seal, where the configuration has it. */
function keyOf(seal: string, { encryptor, previous }: Encryption): SealKey | undefined {
  return [...(encryptor === null ? [] : [encryptor]), ...previous].find(({ id }) => id === seal);
}

/** What the index lists, by path in the stored snapshot. */
function expectedFiles({ open, entries }: FileIndex): Map<string, StoredBytes> {
  const expected = new Map<string, StoredBytes>(open);
  for (const [path, entry] of entries) expected.set(`${path}${AGE}`, entry);
  return expected;
}

async function findBroken(
  stored: StoredSnapshot,
  expected: ReadonlyMap<string, StoredBytes>,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const broken: string[] = [];
  const unknown: string[] = [];
  for (const [path, bytes] of expected) {
    if (!stored.files.has(path)) continue;
    const same = hasBytes(stored, path, bytes);
    if (same === undefined) unknown.push(path);
    else if (!same) broken.push(path);
  }
  for await (const [path, hash] of readHashes(stored, unknown, signal))
    if (hash !== expected.get(path)?.sha256) broken.push(path);
  return broken;
}

/** Known from the name that the store has for the bytes; undefined where it has none to compare. */
function hasBytes(stored: StoredSnapshot, path: string, { sha256: hash, blob }: StoredBytes): boolean | undefined {
  const known = stored.hashOf?.(path);
  if (known !== undefined) return known === hash;
  const knownBlob = stored.gitBlobOf?.(path);
  return knownBlob === undefined || blob === null ? undefined : knownBlob === blob;
}

/** The hashes of files that have to be read for it, together as far as they are whole; null for a damaged one. */
async function* readHashes(
  stored: StoredSnapshot,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly [path: string, hash: string | null]> {
  const left = new Set(paths);
  try {
    for await (const [path, content] of stored.readMany(paths, signal)) {
      left.delete(path);
      yield [path, sha256(content)];
    }
  } catch (error) {
    if (!isStoreError(error, 'integrity')) throw error;
    // Reading many stops at the first that is damaged, which is not known by its path: one by one, then.
    for (const path of left) yield [path, await hashOrNull(stored, path, signal)];
  }
}

async function hashOrNull(stored: StoredSnapshot, path: string, signal?: AbortSignal): Promise<string | null> {
  try {
    return sha256(await stored.read(path, signal));
  } catch (error) {
    if (!isStoreError(error, 'integrity')) throw error;
    return null;
  }
}

function naming(words: string, paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const more = paths.length > MAX_NAMED ? ` and ${paths.length - MAX_NAMED} more` : '';
  return [`${words}: ${paths.slice(0, MAX_NAMED).join(', ')}${more}`];
}

function altered(...reasons: readonly string[]): { state: 'altered'; reasons: readonly string[] } {
  return { state: 'altered', reasons };
}

function unauthenticated(reason: string): { state: 'unauthenticated'; reasons: readonly string[] } {
  return { state: 'unauthenticated', reasons: [reason] };
}
