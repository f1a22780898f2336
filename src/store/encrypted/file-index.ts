import { StoreError } from '../errors.ts';

/** What an encrypted snapshot says in the open of each of its encrypted files. */
export interface IndexEntry {
  /** Bytes before encryption. */
  readonly size: number;
  /** A keyed hash of the bytes before encryption. */
  readonly tag: string;
  /** SHA-256 of the bytes as they are stored, in hexadecimal: what `sha256sum` says of the `.age` file. */
  readonly sha256: string;
  /** The id of the encryptor that made it; differs from the index's if the file was taken over as it was. */
  readonly seal: string;
}

export interface FileIndex {
  readonly seal: string;
  /** By stored path without `.age`, in path order. */
  readonly entries: ReadonlyMap<string, IndexEntry>;
}

/** The path of the index. docs/snapshot-format.md, "Encrypted snapshots". */
export const INDEX_PATH = 'encryption.ndjson';
const VERSION = 1;
const HEX = /^[0-9a-f]+$/;

/** Lines of JSON: a header, then `[path, size, tag, sha256]` for each file, so that an edit changes one line. */
export function encodeIndex({ seal, entries }: FileIndex): Uint8Array {
  const lines: unknown[] = [{ encryption: VERSION, seal }];
  for (const [path, entry] of entries) {
    const line = [path, entry.size, entry.tag, entry.sha256];
    lines.push(entry.seal === seal ? line : [...line, entry.seal]);
  }
  return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** @param where names the snapshot. @throws StoreError `integrity` or `format` */
export function decodeIndex(content: Uint8Array, where: string): FileIndex {
  const [first, ...rest] = parseLines(content, where);
  const header = first as { encryption?: unknown; seal?: unknown } | null | undefined;
  if (typeof header?.encryption !== 'number' || !isHex(header.seal)) throw damaged(where);
  if (header.encryption > VERSION) {
    throw new StoreError('format', `${where} was encrypted by a newer flowkeep (version ${header.encryption})`, {
      remedy: 'Use the newest flowkeep to read this store.',
    });
  }
  const { seal } = header;
  const entries = new Map<string, IndexEntry>();
  for (const line of rest) {
    const [path, size, tag, sha256, own = seal] = Array.isArray(line) ? (line as unknown[]) : [];
    const isEntry = typeof path === 'string' && isSize(size) && isHex(tag) && isHex(sha256) && isHex(own);
    if (!isEntry || entries.has(path)) throw damaged(where);
    entries.set(path, { size, tag, sha256, seal: own });
  }
  return { seal, entries };
}

function parseLines(content: Uint8Array, where: string): unknown[] {
  const text = Buffer.from(content).toString('utf8');
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

function damaged(where: string, cause?: unknown): StoreError {
  return new StoreError('integrity', `${INDEX_PATH} of ${where} is damaged`, {
    remedy: 'Use the snapshot before or after it. The next backup saves a complete snapshot again.',
    cause,
  });
}
