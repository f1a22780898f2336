import { sha256 } from '../../lib/hash.ts';
import { StoreError } from '../errors.ts';
import type { SnapshotInfo } from '../store.ts';
import { compressMember, decompress, decompressBeginning } from './compress.ts';
import type { ObjectId } from './keys.ts';

/** One file of a snapshot: its bytes are in an object, or, where they are few, in the manifest itself. */
export type ManifestFile = {
  readonly sha256: string;
  readonly size: number;
} & ({ readonly object: ObjectId } | { readonly inline: Uint8Array });

export interface Manifest {
  readonly info: SnapshotInfo;
  readonly body: string;
  /** In path order. */
  readonly files: ReadonlyMap<string, ManifestFile>;
}

/** The version of this encoding; a reader refuses a greater one. */
const VERSION = 1;
/** Far above what 1,000,000 files need; only a forged manifest is larger. */
const MAX_SIZE = 1024 ** 3;
/** So many bytes of a manifest hold its header, unless the subject is very long. */
export const HEADER_BYTES = 4096;

interface Header extends SnapshotInfo {
  readonly manifest: number;
  /** How many lines of files follow the line with the body, and the SHA-256 of everything below the header line. */
  readonly files: number;
  readonly sha256: string;
}

type FileLine = readonly [path: string, sha256: string, size: number, more?: FileLineMore];
interface FileLineMore {
  readonly generation?: string;
  readonly base64?: string;
}

/**
 * A gzip file of two members, read by `zcat` as lines of JSON: the header, the body, then one line for each file. The
 * header is a member of its own so that a listing needs only the first bytes, and trusts them by gzip's checksum.
 * Equal manifests give equal bytes.
 */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const lines = [JSON.stringify(manifest.body)];
  for (const [path, file] of manifest.files) lines.push(JSON.stringify(fileLine(path, file)));
  const rest = `${lines.join('\n')}\n`;
  const header: Header = {
    manifest: VERSION,
    ...manifest.info,
    files: manifest.files.size,
    sha256: sha256(rest),
  };
  return Buffer.concat([compressMember(`${JSON.stringify(header)}\n`), compressMember(rest)]);
}

function fileLine(path: string, file: ManifestFile): FileLine {
  if ('inline' in file)
    return [path, file.sha256, file.size, { base64: Buffer.from(file.inline).toString('base64') }];
  const generation = file.object.slice(file.sha256.length + 1);
  return generation === '' ? [path, file.sha256, file.size] : [path, file.sha256, file.size, { generation }];
}

/**
 * The header alone, from the first bytes of a manifest; null where they are too few to hold it.
 * @throws StoreError `integrity` or `format`; `place` names the manifest
 */
export function decodeHeader(beginning: Uint8Array, place: string): SnapshotInfo | null {
  const text = damagedUnless(place, () => Buffer.from(decompressBeginning(beginning)).toString('utf8'));
  const end = text.indexOf('\n');
  return end < 0 ? null : infoOf(parseHeader(text.slice(0, end), place));
}

/** @throws StoreError `integrity` or `format`; `place` names the manifest */
export async function decodeManifest(content: Uint8Array, place: string): Promise<Manifest> {
  const text = await decompress(content, MAX_SIZE).then(
    (bytes) => Buffer.from(bytes).toString('utf8'),
    (error: unknown) => {
      throw damaged(place, error);
    },
  );
  const end = text.indexOf('\n');
  const header = parseHeader(text.slice(0, end), place);
  const rest = text.slice(end + 1);
  if (sha256(rest) !== header.sha256) throw damaged(place);
  return damagedUnless(place, () => {
    const [body = '""', ...lines] = rest.trimEnd().split('\n');
    const files = new Map(lines.map((line) => parseFileLine(JSON.parse(line) as FileLine)));
    return { info: infoOf(header), body: JSON.parse(body) as string, files };
  });
}

function parseFileLine([path, hash, size, more]: FileLine): [string, ManifestFile] {
  const base64 = more?.base64;
  if (base64 !== undefined) return [path, { sha256: hash, size, inline: Buffer.from(base64, 'base64') }];
  const object = more?.generation === undefined ? hash : `${hash}.${more.generation}`;
  return [path, { sha256: hash, size, object }];
}

function parseHeader(line: string, place: string): Header {
  const header = damagedUnless(place, () => JSON.parse(line) as Partial<Header> | null);
  if (typeof header?.manifest !== 'number') {
    throw new StoreError('format', `${place} is not a manifest that flowkeep wrote`, {
      remedy: 'Give flowkeep a prefix of its own in the bucket, or remove the object.',
    });
  }
  if (header.manifest > VERSION) {
    throw new StoreError(
      'format',
      `${place} was written by a newer flowkeep (manifest version ${header.manifest})`,
      {
        remedy: 'Use the newest flowkeep to read this store.',
      },
    );
  }
  return header as Header;
}

function infoOf(header: Header): SnapshotInfo {
  return {
    id: header.id,
    instance: header.instance,
    takenAt: header.takenAt,
    format: header.format,
    n8nVersion: header.n8nVersion,
    subject: header.subject,
    flags: header.flags,
    digest: header.digest,
  };
}

function damagedUnless<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw damaged(place, error);
  }
}

function damaged(place: string, cause?: unknown): StoreError {
  return new StoreError('integrity', `${place} is damaged: its bytes are not what was saved`, {
    remedy: 'Take the snapshot before or after it. The next backup saves a complete snapshot again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
