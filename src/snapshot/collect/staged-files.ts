import type { Spool, SpooledFile } from '../../lib/spool.ts';
import { resolveCaseCollisions } from '../format/collision.ts';
import { mayHoldMarker } from '../secrets/marker.ts';
import type { ReadmeEntry } from '../readme/entry.ts';
import type { CollectOptions } from './collect-options.ts';

/** The files of a run so far: their bytes are in the spool, what is known of them is here. */
export class StagedFiles {
  readonly #spool: Spool;
  readonly #options: Pick<CollectOptions, 'base' | 'onNew'>;
  readonly names = new Map<string, string>();
  /** What the page for people says of workflows, by path. One without an entry is read from its file. */
  readonly entries = new Map<string, ReadmeEntry>();
  /** Paths whose bytes the base has at the same place. */
  readonly unchanged = new Set<string>();
  /** Those of them that were taken over unread. */
  readonly kept = new Set<string>();
  /** Paths whose bytes may hold a marker: noted while they are in memory. */
  readonly marked = new Set<string>();

  constructor(spool: Spool, options: Pick<CollectOptions, 'base' | 'onNew'>) {
    this.#spool = spool;
    this.#options = options;
  }

  get files(): ReadonlyMap<string, SpooledFile> {
    return this.#spool.files;
  }

  /**
   * Adds a file. `name` is the item's name for people. `same`: whether the base has exactly these bytes there, where
   * that is known already.
   */
  put(
    path: string,
    content: Uint8Array,
    name?: string,
    same = this.#options.base?.matches(path, content) ?? false,
  ): void {
    const file = this.#spool.write(path, content);
    if (!same) this.#options.onNew?.(path, content, file);
    if (name !== undefined) this.names.set(path, name);
    note(this.unchanged, path, same);
    note(this.marked, path, mayHoldMarker(content));
  }

  /** Takes over a file that the base has and that cannot be read here. */
  keep(path: string, file: SpooledFile): void {
    this.#spool.adopt(path, file);
    this.unchanged.add(path);
    this.kept.add(path);
  }

  /** What the page for people says of a workflow that was added. */
  describe(entry: ReadmeEntry): void {
    this.entries.set(entry.path, entry);
  }

  /** Renames files whose paths differ in case alone, so that every disk can hold them. */
  resolveCollisions(): void {
    for (const [from, to] of resolveCaseCollisions(this.files.keys())) this.#rename(from, to);
  }

  #rename(from: string, to: string): void {
    this.#spool.rename(from, to);
    const name = this.names.get(from);
    if (name !== undefined) this.names.set(to, name);
    note(this.marked, to, this.marked.has(from));
    this.#forget(from);
  }

  /** Removes a file that was added before. */
  drop(path: string): void {
    this.#spool.delete(path);
    this.#forget(path);
  }

  #forget(path: string): void {
    this.names.delete(path);
    this.entries.delete(path);
    this.unchanged.delete(path);
    this.marked.delete(path);
  }
}

function note(paths: Set<string>, path: string, isSo: boolean): void {
  if (isSo) paths.add(path);
  else paths.delete(path);
}
