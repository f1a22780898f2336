import { StoreError } from '../errors.ts';
import { parseSignedInfo, type SignedInfo } from './signed-info.ts';

/** The bytes of a file as they are stored, by the names that stores have for them. */
export interface StoredBytes {
  /** SHA-256 in hexadecimal: what `sha256sum` says of the `.age` file. */
  readonly sha256: string;
  /** What `git hash-object` says of it: so a git store can be compared without being read. null in version 1. */
  readonly blob: string | null;
}

/** What an encrypted snapshot says in the open of each of its encrypted files. */
export interface IndexEntry extends StoredBytes {
  /** Bytes before encryption. */
  readonly size: number;
  /** A keyed hash of the bytes before encryption. */
  readonly tag: string;
  /** The id of the key that made it; differs from the index's if the file was taken over as it was. */
  readonly seal: string;
}

/** What an index says. */
export interface IndexContent {
  readonly seal: string;
  /** The snapshot that it belongs to; null in version 1. */
  readonly snapshot: SignedInfo | null;
  /** The files that are stored in the open, by path; none of them in version 1. */
  readonly open: ReadonlyMap<string, StoredBytes>;
  /** By stored path without `.age`, in path order. */
  readonly entries: ReadonlyMap<string, IndexEntry>;
}

export interface FileIndex extends IndexContent {
  /** The code of the index, and what it is the code of; null in version 1, which had none. */
  readonly signed: { readonly text: string; readonly code: string } | null;
}

/** The path of the index. docs/snapshot-format.md, "Encrypted snapshots". */
export const INDEX_PATH = 'encryption.ndjson';
const VERSION = 2;
const HEX = /^[0-9a-f]+$/;

/**
 * Lines of JSON: a header, then one line for each file, so that an edit changes one line, then the code of all lines
 * before it.
 */
export function encodeIndex(content: IndexContent, sign: (text: string) => string): Uint8Array {
  const { seal, snapshot, open, entries } = content;
  const inTheOpen = [...open].map(([path, { sha256, blob }]) => [path, sha256, blob]);
  const lines: unknown[] = [{ encryption: VERSION, seal, snapshot, open: inTheOpen }];
  for (const [path, entry] of entries) {
    const line = [path, entry.size, entry.tag, entry.sha256, entry.blob];
    lines.push(entry.seal === seal ? line : [...line, entry.seal]);
  }
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  return Buffer.from(`${text}${JSON.stringify({ code: sign(text) })}\n`);
}

/** @param where names the snapshot. @throws StoreError `integrity` or `format` */
export function decodeIndex(content: Uint8Array, where: string): FileIndex {
  const text = Buffer.from(content).toString('utf8');
  const lines = parseLines(text, where);
  const header = lines.shift() as { encryption?: unknown; seal?: unknown; open?: unknown; snapshot?: unknown } | null;
  if (typeof header?.encryption !== 'number' || !isHex(header.seal)) throw damaged(where);
  if (header.encryption > VERSION) throw newer(where, header.encryption);
  const { seal } = header;
  if (header.encryption < VERSION) {
    const entries = entriesOf(lines, where, ([path, size, tag, sha256, own = seal]) => [
      path,
      { size, tag, sha256, blob: null, seal: own },
    ]);
    return { seal, snapshot: null, open: new Map(), entries, signed: null };
  }
  const last = lines.pop() as { code?: unknown } | null | undefined;
  const snapshot = parseSignedInfo(header.snapshot);
  if (!isHex(last?.code) || snapshot === null || !Array.isArray(header.open)) throw damaged(where);
  const open = new Map<string, StoredBytes>();
  for (const line of header.open as unknown[]) {
    const [path, sha256, blob] = Array.isArray(line) ? (line as unknown[]) : [];
    if (typeof path !== 'string' || !isHex(sha256) || !isHex(blob)) throw damaged(where);
    open.set(path, { sha256, blob });
  }
  const entries = entriesOf(lines, where, ([path, size, tag, sha256, blob, own = seal]) =>
    isHex(blob) ? [path, { size, tag, sha256, blob, seal: own }] : [],
  );
  const signed = { text: text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1), code: last.code };
  return { seal, snapshot, open, entries, signed };
}

type Unchecked = readonly [path?: unknown, entry?: Readonly<Record<keyof IndexEntry, unknown>>];

function entriesOf(
  lines: readonly unknown[],
  where: string,
  read: (line: readonly unknown[]) => Unchecked,
): Map<string, IndexEntry> {
  const entries = new Map<string, IndexEntry>();
  for (const line of lines) {
    const [path, entry] = read(Array.isArray(line) ? (line as unknown[]) : []);
    if (typeof path !== 'string' || !isEntry(entry) || entries.has(path)) throw damaged(where);
    entries.set(path, entry);
  }
  return entries;
}

function isEntry(entry: Unchecked[1]): entry is IndexEntry {
  return entry !== undefined && isSize(entry.size) && isHex(entry.tag) && isHex(entry.sha256) && isHex(entry.seal);
}

function parseLines(text: string, where: string): unknown[] {
  if (!text.endsWith('\n')) throw damaged(where);
  try {
    return text
      .slice(0, -1)
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  } catch (error) {
    throw damaged(where, error);
  }
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isHex(value: unknown): value is string {
  return typeof value === 'string' && HEX.test(value);
}

function newer(where: string, version: number): StoreError {
  return new StoreError('format', `${where} was encrypted by a newer flowkeep (version ${version})`, {
    remedy: 'Use the newest flowkeep to read this store.',
  });
}

function damaged(where: string, cause?: unknown): StoreError {
  return new StoreError('integrity', `${INDEX_PATH} of ${where} is damaged`, {
    remedy: 'Use the snapshot before or after it. The next backup saves a complete snapshot again.',
    cause,
  });
}
