import { gunzip, gzipSync, constants } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { FlowkeepError } from '../lib/errors.ts';
import { parseJson, type Json } from '../lib/json/json.ts';

/**
 * n8n's packages (`.n8np`): a gzipped tar with `manifest.json` first and one JSON file for each item below
 * `workflows/`, `credentials/`, `projects/...` (docs/internal/n8n-api-notes.md, Packages).
 */
export interface PackageLimits {
  /** Bytes of the unpacked tar. */
  readonly maxUnpackedBytes: number;
  readonly maxEntries: number;
}

/**
 * n8n takes uploads of 16 MB and exports of 300 workflows: JSON shrinks to a tenth, and 512 MB leaves that much and
 * more. Ten entries for each of 300 items with what they need is generous.
 */
export const DEFAULT_PACKAGE_LIMITS: PackageLimits = { maxUnpackedBytes: 512 * 2 ** 20, maxEntries: 20_000 };

/** A package that cannot be read: damaged, too large, or not one at all. */
export class PackageError extends FlowkeepError {
  override readonly name = 'PackageError';

  constructor(what: string) {
    super('n8n-package', `the n8n package cannot be read: ${what}`, {
      remedy:
        'Export it again. If that does not help, the version of n8n may be newer than this flowkeep: ' +
        'update flowkeep, ' +
        'or report the version of n8n and what the same command logs with --log-level debug.',
    });
  }
}

/**
 * The files of a package, by path in the order of the archive, each parsed without changing a number. Files that are
 * not JSON are passed over: no package of n8n has any so far.
 * @throws PackageError where the bytes are no sound package, or are more than the limits allow
 */
export async function readPackage(
  bytes: Uint8Array,
  limits: PackageLimits = DEFAULT_PACKAGE_LIMITS,
): Promise<ReadonlyMap<string, Json>> {
  const tar = await unzip(bytes, limits.maxUnpackedBytes);
  const files = new Map<string, Json>();
  for (const [path, content] of await unpack(tar, limits.maxEntries)) {
    if (path.endsWith('.json')) files.set(path, parseFile(path, content));
  }
  return files;
}

async function unzip(bytes: Uint8Array, maxOutputLength: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  gunzip(bytes, { maxOutputLength }, (error, tar) => {
    if (error === null) resolve(tar);
    else reject(new PackageError(isTooLarge(error) ? `it is larger than ${maxOutputLength} bytes` : error.message));
  });
  return promise;
}

function isTooLarge(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

async function unpack(tar: Buffer, maxEntries: number): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const archive = extract();
  archive.end(tar);
  try {
    for await (const entry of archive) {
      const { name, type } = entry.header;
      const chunks: Buffer[] = [];
      for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
      if (type === 'directory') continue;
      const path = safePath(name);
      if (type !== 'file' || files.has(path))
        throw new PackageError(`the entry ${quote(name)} has an unexpected type (${type})`);
      if (files.size >= maxEntries) throw new PackageError(`it has more than ${maxEntries} files`);
      files.set(path, Buffer.concat(chunks));
    }
  } catch (error) {
    throw error instanceof PackageError ? error : new PackageError(String(error));
  }
  return files;
}

/** Paths are keys of a map here, and never touch a disk; an odd one still says that the package is not n8n's. */
function safePath(name: string): string {
  const path = name.replace(/^\.\//, '');
  const segments = path.split('/');
  const odd = segments.some((part) => part === '' || part === '.' || part === '..');
  if (odd || path.includes('\\') || path.includes('\0')) throw new PackageError(`the path ${quote(name)} is not safe`);
  return path;
}

function parseFile(path: string, content: Buffer): Json {
  try {
    return parseJson(content.toString('utf8'));
  } catch {
    // The parser's words may quote the file, which may hold what somebody pinned to a workflow.
    throw new PackageError(`${quote(path)} is not valid JSON`);
  }
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}

/** A file of a package: its path, and its JSON value. */
export type PackageEntry = readonly [path: string, value: unknown];

/** Every entry has this time, so that equal entries give equal bytes. */
const FIXED_TIME = new Date(0);

/**
 * A package of these files, `manifest.json` first as n8n requires, the others in the order in which they come. Equal
 * entries give equal bytes.
 * @throws PackageError without a manifest.json, or with a path that is not safe or comes twice
 */
export async function writePackage(entries: Iterable<PackageEntry>): Promise<Uint8Array> {
  const files = new Map<string, string>();
  for (const [path, value] of entries) {
    if (files.has(safePath(path))) throw new PackageError(`the path ${quote(path)} occurs twice`);
    files.set(safePath(path), JSON.stringify(value, null, 2));
  }
  const manifest = files.get('manifest.json');
  if (manifest === undefined) throw new PackageError('it has no manifest.json');
  files.delete('manifest.json');
  const tar = await packTar([['manifest.json', manifest], ...files]);
  return gzipSync(tar, { level: constants.Z_BEST_SPEED });
}

async function packTar(files: Iterable<readonly [string, string]>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of files) {
    archive.entry({ name, mtime: FIXED_TIME, mode: 0o644, uid: 0, gid: 0 }, content);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
