import * as z from 'zod';
import { sha256 } from '../../lib/hash.ts';
import { MAX_FILE_BYTES, MAX_FILES } from '../../lib/limits.ts';
import { StoreError } from '../errors.ts';
import { isFlag } from '../flags.ts';
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
/**
 * The most bytes of a manifest, compressed or not. 100,000 files take some 20 MB, with what lies inside it half as much
 * again; only a forged one is larger, and would fill the memory of a listing.
 */
export const MAX_MANIFEST_BYTES = 128 * 2 ** 20;
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
  if (Buffer.byteLength(rest) + HEADER_BYTES > MAX_MANIFEST_BYTES || manifest.files.size > MAX_FILES)
    throw tooLarge(manifest.info);
  const header: Header = {
    manifest: VERSION,
    ...manifest.info,
    files: manifest.files.size,
    sha256: sha256(rest),
  };
  return Buffer.concat([compressMember(`${JSON.stringify(header)}\n`), compressMember(rest)]);
}

function fileLine(path: string, file: ManifestFile): FileLine {
  if ('inline' in file) return [path, file.sha256, file.size, { base64: Buffer.from(file.inline).toString('base64') }];
  const generation = file.object.slice(file.sha256.length + 1);
  return generation === '' ? [path, file.sha256, file.size] : [path, file.sha256, file.size, { generation }];
}

/**
 * The header alone, from the first bytes of a manifest; null where they are too few to hold it.
 * @throws StoreError `integrity` or `format`; `place` names the manifest
 */
export function decodeHeader(beginning: Uint8Array, place: string): DecodedHeader | null {
  const text = damagedUnless(place, () => Buffer.from(decompressBeginning(beginning)).toString('utf8'));
  const end = text.indexOf('\n');
  if (end < 0) return null;
  const line = text.slice(0, end);
  const info = infoOf(parseHeader(line, place));
  const { files: _files, sha256: _sha256, ...fields } = JSON.parse(line) as Record<string, unknown>;
  return { info, fields };
}

/** A header, and its line as it is written, without what is of use only together with the lines below it. */
export interface DecodedHeader {
  readonly info: SnapshotInfo;
  /** With what a newer flowkeep wrote there, so that an index that is kept for it lacks nothing. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** As a manifest that this flowkeep writes has it. */
export function headerOf(info: SnapshotInfo): DecodedHeader {
  return { info, fields: { manifest: VERSION, ...info } };
}

/** The header of these fields, or null where they are none that this flowkeep reads. */
export function headerOfFields(fields: unknown): DecodedHeader | null {
  const found = headerSchema.omit({ files: true, sha256: true }).safeParse(fields);
  if (!found.success || found.data.manifest > VERSION) return null;
  return { info: infoOf(found.data), fields: fields as DecodedHeader['fields'] };
}

/** @throws StoreError `integrity` or `format`; `place` names the manifest */
export async function decodeManifest(content: Uint8Array, place: string): Promise<Manifest> {
  const text = await decompress(content, MAX_MANIFEST_BYTES).then(
    (bytes) => Buffer.from(bytes).toString('utf8'),
    (error: unknown) => {
      throw damaged(place, error);
    },
  );
  const end = text.indexOf('\n');
  const header = parseHeader(text.slice(0, end), place);
  const rest = text.slice(end + 1);
  if (sha256(rest) !== header.sha256) throw damaged(place);
  const endOfBody = rest.indexOf('\n');
  const body = damagedUnless(place, () => JSON.parse(rest.slice(0, endOfBody)) as unknown);
  if (typeof body !== 'string') throw damaged(place);
  return { info: infoOf(header), body, files: parseFiles(rest.slice(endOfBody + 1), header.files, place) };
}

/** Line by line, and never more of them than the header counts: a text of line breaks alone would make millions. */
function parseFiles(text: string, count: number, place: string): Map<string, ManifestFile> {
  const files = new Map<string, ManifestFile>();
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? text.length : end);
    const entry = damagedUnless(place, () => parseFileLine(line));
    if (entry === null) throw foreign(place, `the entry ${line.slice(0, 300)} is not a file of a snapshot`);
    if (files.has(entry[0])) throw foreign(place, `the entry ${JSON.stringify(entry[0])} occurs twice`);
    files.set(...entry);
    if (files.size > Math.min(count, MAX_FILES)) throw foreign(place, `it has more than the ${count} files it counts`);
    start += line.length + 1;
  }
  if (files.size < count) throw foreign(place, `it has ${files.size} of the ${count} files it counts`);
  return files;
}

/** null: not a line that flowkeep wrote. */
function parseFileLine(line: string): [string, ManifestFile] | null {
  const found = fileLineSchema.safeParse(JSON.parse(line));
  if (!found.success) return null;
  const [path, hash, size, more] = found.data;
  const base64 = more?.base64;
  if (base64 !== undefined) return [path, { sha256: hash, size, inline: Buffer.from(base64, 'base64') }];
  const object = more?.generation === undefined ? hash : `${hash}.${more.generation}`;
  return [path, { sha256: hash, size, object }];
}

/** A hash becomes part of a key, and a size room in memory: neither is taken as it comes. */
const fileLineSchema = z.tuple(
  [z.string().min(1), z.string().regex(/^[0-9a-f]{64}$/), z.number().int().min(0).max(MAX_FILE_BYTES)],
  z.object({
    generation: z
      .string()
      .regex(/^[0-9a-f]{8}$/)
      .optional(),
    base64: z.base64().optional(),
  }),
);

function parseHeader(line: string, place: string): Header {
  const header = damagedUnless(place, () => JSON.parse(line) as Partial<Header> | null);
  if (typeof header?.manifest !== 'number') {
    throw new StoreError('format', `${place} is not a manifest that flowkeep wrote`, {
      remedy: 'Give flowkeep its own prefix in the bucket, or remove the object.',
    });
  }
  if (header.manifest > VERSION) {
    throw new StoreError('format', `${place} was written by a newer flowkeep (manifest version ${header.manifest})`, {
      remedy: 'Use the newest flowkeep to read this store.',
    });
  }
  const result = headerSchema.safeParse(header);
  if (!result.success) throw foreign(place, `its header is invalid: ${z.prettifyError(result.error)}`);
  return result.data;
}

const headerSchema = z.object({
  manifest: z.number(),
  id: z.string(),
  instance: z.string(),
  takenAt: z.string().refine((time) => !Number.isNaN(Date.parse(time)), 'not a time'),
  format: z.number().int(),
  n8nVersion: z.string().nullable(),
  subject: z.string(),
  // A newer flowkeep may know more flags.
  flags: z.array(z.string()).transform((flags) => flags.filter(isFlag)),
  digest: z.string().nullable(),
  files: z.number().int().min(0),
  sha256: z.string(),
});

function infoOf(header: SnapshotInfo): SnapshotInfo {
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

function damaged(place: string, cause?: unknown, what = 'its bytes are not what was saved'): StoreError {
  return new StoreError('integrity', `${place} is damaged: ${what}`, {
    remedy: 'Use the snapshot before or after it. The next backup saves a complete snapshot again.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Whole, yet not what flowkeep writes: somebody else did. */
function foreign(place: string, what: string): StoreError {
  return damaged(place, undefined, what);
}

function tooLarge({ id }: SnapshotInfo): StoreError {
  return new StoreError(
    'failed',
    `snapshot ${id} has too many files for a manifest of ${MAX_MANIFEST_BYTES / 2 ** 20} MB`,
    {
      remedy: 'Save fewer kinds, or to a git store.',
    },
  );
}
