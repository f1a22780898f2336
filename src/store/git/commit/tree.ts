import { anyOf } from '../process/any-of.ts';
import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { MAX_FILE_BYTES, MAX_FILES } from '../../../lib/limits.ts';
import { formatCount } from '../../../lib/printable.ts';
import { StoreError } from '../../errors.ts';
import { gitSays } from '../process/git-failure.ts';
import type { GitContext } from '../process/git-environment.ts';
import { objectsIn } from '../repair/marks.ts';
import { RepositoryDamage } from '../repair/repository-damage.ts';
import { startGit } from '../process/git-process.ts';

export interface TreeFile {
  /** The blob's id: the hash of its bytes, as git computes it. */
  readonly oid: string;
  readonly size: number;
  /** git has lost its content, and with it its size: a read of it throws an error that names it. */
  readonly isLost?: true;
}

/** An instance's folder in a commit. */
export interface FolderTree {
  /** By path below the folder, in path order. Where something is foreign, only what was read before it. */
  readonly files: ReadonlyMap<string, TreeFile>;
  /**
   * The first entry that flowkeep did not write, in words; null if there is none. Everybody who can push can make trees
   * that git's own commands refuse to make.
   */
  readonly foreign: string | null;
}

/**
 * Reads an instance's folder, one entry at a time: a tree of a few kilobytes can stand for billions of files.
 * @throws StoreError `format` where a file stands in the folder's place; GitFailure
 */
export async function readTree(
  context: GitContext,
  commit: string,
  instance: string,
  signal?: AbortSignal,
): Promise<FolderTree> {
  const files = new Map<string, TreeFile>();
  const args = ['-l', commit, '--', instance];
  const foreign = await streamTree(context, args, (output) => takeEntries(files, instance, output), signal);
  return { files, foreign };
}

/**
 * Lets `take` read what `git ls-tree -r -t -z` prints, and ends git where it has read enough.
 * @returns what `take` found, in words, or null; also that git cannot read a folder
 */
export async function streamTree(
  context: GitContext,
  args: readonly string[],
  take: (output: Readable) => Promise<string | null>,
  signal?: AbortSignal,
): Promise<string | null> {
  const stop = new AbortController();
  const { child, done } = startGit(context, ['ls-tree', '-r', '-t', '-z', '--full-tree', ...args], {
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
  });
  child.stdin.end();
  try {
    const found = await take(child.stdout);
    if (found === null) await done;
    return found;
  } catch (error) {
    if (error instanceof StoreError) throw error;
    // Output that broke off is a consequence: git says why it ended.
    const cause: unknown = await done.then(
      () => error,
      (failure: unknown) => failure,
    );
    if (gitSays(cause, UNREADABLE_TREE)) {
      const [tree] = objectsIn(cause.stderr);
      return `${UNREADABLE_FOLDER}${tree === undefined ? '' : ` (tree ${tree})`}`;
    }
    throw cause;
  } finally {
    stop.abort();
  }
}

/**
 * What git says of a folder that is not there, is no folder, or holds what is no entry: no trouble that passes, so
 * that it must not keep new snapshots from being saved.
 */
const UNREADABLE_TREE = anyOf(
  /empty filename in tree entry|malformed mode in tree entry|too-short tree/i,
  /truncated tree|not a tree|(Could not|unable to) read (tree )?[0-9a-f]{40}/i,
);

/**
 * Folders count as well, since git also keeps empty ones. flowkeep makes two at most for a file: a table's, and its
 * rows'.
 */
const MAX_ENTRIES = 3 * MAX_FILES;

/** Adds entries to the files up to the first foreign one, which is given in words; null if there is none. */
async function takeEntries(files: Map<string, TreeFile>, instance: string, output: Readable): Promise<string | null> {
  let entries = 0;
  for await (const record of records(output)) {
    if (++entries > MAX_ENTRIES) return `more than ${formatCount(MAX_ENTRIES)} files and folders`;
    const foreign = record === null ? 'a name that is too long' : takeEntry(files, instance, record);
    if (foreign !== null) return foreign;
  }
  return null;
}

/** Adds an entry to the files. @returns what is foreign about it, or null */
function takeEntry(files: Map<string, TreeFile>, instance: string, record: Buffer): string | null {
  const match = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-|BAD)\t([^]*)$/.exec(record.toString());
  if (!match) return 'an entry that git cannot read';
  const [, mode = '', oid = '', told = '', whole = ''] = match;
  const isLost = told === 'BAD';
  const size = isLost ? 0 : Number(told);
  if (whole === instance && mode.startsWith('100')) throw notAFolder(instance);
  if (mode === '040000') return null;
  const path = whole.slice(instance.length + 1);
  const reason = foreignReason(mode, size, record, files.has(path));
  if (reason !== null) return `${JSON.stringify(whole.slice(0, 300))}, which ${reason}`;
  files.set(path, isLost ? { oid, size, isLost } : { oid, size });
  return files.size > MAX_FILES ? `more than ${formatCount(MAX_FILES)} files` : null;
}

function foreignReason(mode: string, size: number, record: Buffer, isTwin: boolean): string | null {
  if (mode === '120000') return 'is a symbolic link';
  if (mode === '160000') return 'is a submodule';
  if (!mode.startsWith('100')) return `has the unexpected mode ${mode}`;
  if (!isUtf8(record)) return 'has a name that is not UTF-8';
  if (isTwin) return 'occurs twice';
  return size > MAX_FILE_BYTES ? `is larger than ${MAX_FILE_BYTES / 2 ** 20} MB` : null;
}

/** Far above any path that an operating system takes. */
const MAX_RECORD = 64 * 1024;

/** What ends in a NUL byte; null for what does not end in time, and then nothing more. */
async function* records(stream: Readable): AsyncGenerator<Buffer | null> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0, start)) {
      yield rest.subarray(start, end);
      start = end + 1;
    }
    rest = rest.subarray(start);
    if (rest.length > MAX_RECORD) yield null;
  }
}

const UNREADABLE_FOLDER = 'a folder that git cannot read';
const MEND =
  'Run `flowkeep backup`, which mends what a power cut or a bad disk did, and takes a new snapshot. If it stays, find ' +
  'out who else can push to the repository.';

/** A snapshot whose folder has something that flowkeep did not write. */
export function foreignEntry(id: string, foreign: string): StoreError {
  const message = `snapshot ${id} holds ${foreign}: flowkeep never writes that`;
  if (foreign.startsWith(UNREADABLE_FOLDER)) return new RepositoryDamage(message, MEND);
  return new StoreError('integrity', message, {
    remedy: 'Find out who else can push to the repository. Use another snapshot, and take a new one.',
  });
}

function notAFolder(instance: string): StoreError {
  return new StoreError('format', `the repository has a file named ${instance} where the instance's folder belongs`, {
    remedy: 'Rename that file in the repository, or give the instance another name.',
  });
}
