import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { join } from 'node:path';
import { errnoOf, FlowkeepError, messageOf } from './errors.ts';
import { sha256 } from './hash.ts';

/** Bytes gathered before one write to the disk. */
const BUFFER_BYTES = 1 << 20;

/** A file of a snapshot in the spool. */
export interface SpooledFile {
  readonly size: number;
  readonly sha256: string;
  read(): Promise<Uint8Array>;
}

/** A file that is in memory. */
export function memoryFile(content: Uint8Array): SpooledFile {
  return { size: content.length, sha256: sha256(content), read: async () => content };
}

/**
 * Where a snapshot is gathered before any store is touched: one unnamed file on disk, so that memory stays bounded
 * however much n8n holds, and nothing is left behind however the process ends.
 */
export class Spool {
  readonly #fd: number;
  readonly #files = new Map<string, SpooledFile>();
  #written = 0;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  /** @param folder an existing folder for temporary files. @throws FlowkeepError `spool` */
  constructor(folder: string) {
    const path = join(folder, `flowkeep-${randomUUID()}.spool`);
    this.#fd = attempt(`cannot create a temporary file in ${folder}`, () => openSync(path, 'wx+', 0o600));
    // The open descriptor is enough: an unlinked file goes with the process, also after kill -9.
    attempt(`cannot unlink ${path}`, () => unlinkSync(path));
    removeLeftovers(folder, fstatSync(this.#fd).uid);
  }

  /** The files so far; a path written twice holds what came last. */
  get files(): ReadonlyMap<string, SpooledFile> {
    return this.#files;
  }

  /** @throws FlowkeepError `spool` where the disk is full */
  write(path: string, content: Uint8Array): SpooledFile {
    if (content.length >= BUFFER_BYTES) this.#flush();
    const offset = this.#written + this.#pendingBytes;
    this.#pending.push(content);
    this.#pendingBytes += content.length;
    if (this.#pendingBytes >= BUFFER_BYTES) this.#flush();
    const size = content.length;
    // The closure must not name `content`: it would keep every byte of the snapshot in memory.
    const file = { size, sha256: sha256(content), read: async () => this.#read(offset, size) };
    this.#files.set(path, file);
    return file;
  }

  /** Adds a file that is stored elsewhere. */
  adopt(path: string, file: SpooledFile): void {
    this.#files.set(path, file);
  }

  /** Moves a file; what lay at the new path is replaced. */
  rename(from: string, to: string): void {
    const file = this.#files.get(from);
    if (!file) return;
    this.#files.delete(from);
    this.#files.set(to, file);
  }

  delete(path: string): void {
    this.#files.delete(path);
  }

  #flush(): void {
    if (this.#pendingBytes === 0) return;
    // What is large is alone, and is not copied.
    const [first = new Uint8Array(), ...others] = this.#pending;
    const block = others.length === 0 ? first : Buffer.concat(this.#pending, this.#pendingBytes);
    let done = 0;
    while (done < block.length) {
      done += attempt('cannot write to the temporary file', () =>
        writeSync(this.#fd, block, done, block.length - done, this.#written + done),
      );
    }
    // Not before: on a full disk, the next reader of the bytes gets the same error.
    this.#written += block.length;
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #read(offset: number, size: number): Uint8Array {
    this.#flush();
    const content = Buffer.allocUnsafe(size);
    let done = 0;
    while (done < size) {
      const count = attempt('cannot read the temporary file', () =>
        readSync(this.#fd, content, done, size - done, offset + done),
      );
      if (count === 0) throw new FlowkeepError('spool', 'the temporary file is shorter than expected');
      done += count;
    }
    return content;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

/** Opens a new spool; its owner disposes of it. @throws FlowkeepError `spool` */
export type OpenSpool = () => Spool;

const A_MINUTE_MS = 60_000;

/**
 * A spool has its name for an instant: a file that still has it is of a process that was killed just then. In a folder
 * that others write to, anything may have such a name: only old files of this user are removed. One that cannot be
 * removed takes up space, and is no reason to end a backup.
 */
function removeLeftovers(folder: string, user: number): void {
  const isOld = ({ mtimeMs }: Stats): boolean => mtimeMs < Date.now() - A_MINUTE_MS;
  try {
    for (const name of readdirSync(folder)) {
      if (!/^flowkeep-[0-9a-f-]{36}\.spool$/.test(name)) continue;
      const found = lstatSync(join(folder, name), { throwIfNoEntry: false });
      if (found?.isFile() && found.uid === user && isOld(found)) unlinkSync(join(folder, name));
    }
  } catch (error) {
    if (errnoOf(error) === null) throw error;
  }
}

const WRITABLE = 'Set TMPDIR to a folder that exists and that this user may write to.';
const SPACE = 'flowkeep needs free space for one snapshot in its temporary folder: set TMPDIR to a folder that has it.';
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: SPACE,
  EDQUOT: SPACE,
  EMFILE: 'Raise the limit of open files (`ulimit -n`), and run again.',
  ENFILE: 'The system has too many open files: run again later, or raise its limit.',
};

function attempt<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new FlowkeepError('spool', `${what}: ${messageOf(error)}`, {
      remedy: REMEDIES[errnoOf(error) ?? ''] ?? WRITABLE,
      cause: error,
    });
  }
}
