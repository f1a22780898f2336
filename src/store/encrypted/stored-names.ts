import { canonicalJson, isJsonObject, parseJson } from '../../lib/json/json.ts';

/** Removes names from a path and leaves what identifies. Applied to its own result it changes nothing. */
export type Conceal = (path: string) => string;

/** The ending of an encrypted file, as the `age` tool has it. */
export const AGE = '.age';

const NAMES_FILE = /^names-[^/]*\.json$/;

/** The file that holds the real paths of a top folder's files, encrypted like them. */
export function namesPath(folder: string): string {
  return `names-${folder}.json`;
}

export function isNamesPath(path: string): boolean {
  return NAMES_FILE.test(path);
}

export function topFolder(path: string): string {
  const slash = path.indexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/**
 * The stored path, without `.age`, for each of these paths: without names, and apart also on a disk that ignores case.
 * The same paths give the same result.
 */
export function storedPaths(paths: Iterable<string>, conceal: Conceal): Map<string, string> {
  const taken = new Set<string>();
  const stored = new Map<string, string>();
  for (const path of paths) {
    const free = candidates(conceal(path)).find((each) => !taken.has(each.toLowerCase()))!;
    taken.add(free.toLowerCase());
    stored.set(path, free);
  }
  return stored;
}

/** `workflows/a.json`, `workflows/a.json~2`, … : possible paths of a file whose own path was taken. */
export function* candidates(concealed: string): Generator<string, never> {
  yield concealed;
  for (let count = 2; ; count++) yield `${concealed}~${count}`;
}

/** The bytes of a names file: the real path by stored path, of the files that have another. */
export function encodeNames(realByStored: ReadonlyMap<string, string>): Uint8Array {
  return Buffer.from(canonicalJson(Object.fromEntries(realByStored)));
}

/** @throws Error if the bytes are not a names file, or if a name is impossible */
export function decodeNames(content: Uint8Array, conceal: Conceal): Map<string, string> {
  const value = parseJson(Buffer.from(content).toString('utf8'));
  if (!isJsonObject(value)) throw new Error('it is not a JSON object');
  const names = new Map<string, string>();
  for (const [stored, real] of Object.entries(value)) {
    const fits = typeof real === 'string' && stored.replace(/~\d+$/, '') === conceal(real);
    if (!fits) throw new Error(`${JSON.stringify(stored)} has an invalid name`);
    names.set(stored, real);
  }
  return names;
}
