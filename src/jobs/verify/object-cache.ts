import type { StoredSnapshot } from '../../store/store.ts';
import { inspectFile, type FileFacts } from './inspect-file.ts';
import { readFiles, type ReadFile } from './read-files.ts';

/** What is remembered of a file that is whole, or what the store says of one that is not. */
export type FileResult = { readonly facts: FileFacts } | { readonly damage: string };

/** Checks one file by itself. */
export type Inspect = (path: string, content: Uint8Array) => FileFacts;

export interface ReadCounts {
  /** Files and objects whose bytes were read, and their bytes before compression. */
  read: number;
  bytes: number;
  /** Files that were left out by `--sample`. */
  skipped: number;
}

/** Which part of the stored objects is read, from 0 to 1, and the dice for choosing. */
export interface Sampling {
  readonly share: number;
  random(): number;
}

/**
 * Reads the files of many snapshots, each stored object once: what snapshots share is read for the first of them, and
 * remembered for the others.
 */
export class ObjectReader {
  readonly counts: ReadCounts = { read: 0, bytes: 0, skipped: 0 };
  readonly #sampling: Sampling;
  readonly #signal: AbortSignal;
  /** By object and path: what is checked of a file depends on its path too. */
  readonly #known = new Map<string, FileResult>();
  readonly #damaged = new Map<string, FileResult>();
  readonly #left = new Set<string>();

  constructor(sampling: Sampling, signal: AbortSignal) {
    this.#sampling = sampling;
    this.#signal = signal;
  }

  /** The result for each path that was read now or before; a path that the sample leaves out is not among them. */
  async readAll(
    snapshot: StoredSnapshot,
    paths: Iterable<string>,
    progress: (done: number) => void,
    inspect: Inspect = inspectFile,
  ): Promise<Map<string, FileResult>> {
    const results = new Map<string, FileResult>();
    /** By object, or by path where the store names none: the paths that share it. */
    const unread = new Map<string, string[]>();
    for (const path of paths) {
      const object = snapshot.objectOf?.(path);
      const known = this.#recall(object, path);
      if (known) results.set(path, known);
      else if (!this.#chooses(snapshot, path, object)) this.counts.skipped += 1;
      else unread.set(object ?? path, [...(unread.get(object ?? path) ?? []), path]);
    }
    const twins = new Map([...unread.values()].map((shared) => [shared[0] ?? '', shared]));
    for await (const [first, read] of readFiles(snapshot, [...twins.keys()], this.#signal)) {
      this.counts.read += 1;
      this.counts.bytes += 'content' in read ? read.content.length : 0;
      for (const path of twins.get(first) ?? []) {
        const result = examine(path, read, inspect);
        this.#remember(snapshot.objectOf?.(path), path, result);
        results.set(path, result);
      }
      progress(results.size);
    }
    return results;
  }

  #recall(object: string | undefined, path: string): FileResult | undefined {
    if (object === undefined) return undefined;
    return this.#damaged.get(object) ?? this.#known.get(`${object}\0${path}`);
  }

  #remember(object: string | undefined, path: string, result: FileResult): void {
    if (object === undefined) return;
    if ('damage' in result) this.#damaged.set(object, result);
    else this.#known.set(`${object}\0${path}`, result);
  }

  /** Files at the top are few and say what there is, and those inside a manifest are read already: always. */
  #chooses(snapshot: StoredSnapshot, path: string, object: string | undefined): boolean {
    if (this.#sampling.share >= 1 || !path.includes('/')) return true;
    if (snapshot.objectOf !== undefined && object === undefined) return true;
    if (object !== undefined && this.#left.has(object)) return false;
    if (this.#sampling.random() < this.#sampling.share) return true;
    if (object !== undefined) this.#left.add(object);
    return false;
  }
}

function examine(path: string, read: ReadFile, inspect: Inspect): FileResult {
  return 'damage' in read ? read : { facts: inspect(path, read.content) };
}
