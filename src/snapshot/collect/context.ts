import { canonicalJson, type JsonObject } from '../../lib/json/json.ts';
import type { Logger } from '../../lib/logger.ts';
import type { N8nClient } from '../../n8n/http/types.ts';
import type { Kind } from '../../kinds/kinds.ts';
import type { Project } from '../../kinds/projects.ts';
import type { ReadmeEntry } from '../readme/entry.ts';
import type { SnapshotView } from '../format/snapshot-view.ts';
import type { Spool, SpooledFile } from '../../lib/spool.ts';
import type { CollectOptions } from './collect-options.ts';

/** What one kind's collector found. */
export interface KindContent {
  readonly items: number;
  readonly rows?: number;
  /** What could be read less fully than it seems, in words. */
  readonly notes?: readonly string[];
}

/** The workflows that were read. `owners` says which project owns each, null if n8n does not say. */
export interface WorkflowContent extends KindContent {
  readonly owners: ReadonlyMap<string, string | null>;
}

/** What the collectors of one run share. */
export interface CollectContext {
  readonly client: N8nClient;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** The newest snapshot before this run, or null. */
  readonly base: SnapshotView | null;
  /** See CollectOptions. */
  readonly withoutDetails: ReadonlySet<string>;
  /** Every project of the instance, read once. Rejects like the request. */
  projects(): Promise<Project[]>;
  /** Reads the workflows, once; those who need them wait for the same reading. Rejects if they could not be read. */
  workflows(): Promise<WorkflowContent>;
  /** Tells that the listing of workflows names this one. */
  listed(workflowId: string): void;
  /** The id of the workflow that was listed first, as soon as it is; null if there is none. */
  firstWorkflow(): Promise<string | null>;
  /** Reports how many items of a kind were read. */
  progress(kind: Kind, done: number): void;
  /**
   * Adds a file. `name` is the item's name for people. `same`: whether the base has exactly these bytes there, where
   * that is known already. Returns it.
   */
  put(path: string, content: Uint8Array, name?: string, same?: boolean): boolean;
  /** What the page for people says of a workflow that was added. */
  describe(entry: ReadmeEntry): void;
  /** Removes a file that was added before. */
  drop(path: string): void;
}

/** The bytes of a JSON file, in canonical form. */
export function encodeJson(value: JsonObject | readonly unknown[]): Uint8Array {
  return Buffer.from(canonicalJson(value));
}

/** Adds a JSON file in canonical form. */
export function putJson(
  context: CollectContext,
  path: string,
  value: JsonObject | readonly unknown[],
  name?: string,
): boolean {
  return context.put(path, encodeJson(value), name);
}

/** What `put` and `drop` remember, apart from the bytes. */
export class StagedFiles {
  readonly #spool: Spool;
  readonly #base: SnapshotView | null;
  readonly #onNew: CollectOptions['onNew'];
  readonly names = new Map<string, string>();
  /** What the page for people says of workflows, by path. One without an entry is read from its file. */
  readonly entries = new Map<string, ReadmeEntry>();
  /** Paths whose bytes the base has at the same place. */
  readonly unchanged = new Set<string>();
  /** Those of them that were taken over unread. */
  readonly kept = new Set<string>();

  constructor(spool: Spool, base: SnapshotView | null, onNew: CollectOptions['onNew']) {
    this.#spool = spool;
    this.#base = base;
    this.#onNew = onNew;
  }

  put(
    path: string,
    content: Uint8Array,
    name?: string,
    same = this.#base?.matches(path, content) ?? false,
  ): boolean {
    const file = this.#spool.write(path, content);
    if (!same) this.#onNew?.(path, content, file);
    if (name !== undefined) this.names.set(path, name);
    if (same) this.unchanged.add(path);
    else this.unchanged.delete(path);
    return same;
  }

  /** Takes over a file that the base has and that cannot be read here. */
  keep(path: string, file: SpooledFile): void {
    this.#spool.adopt(path, file);
    this.unchanged.add(path);
    this.kept.add(path);
  }

  /** Follows a file that the spool renamed. */
  renamed(from: string, to: string): void {
    const name = this.names.get(from);
    if (name !== undefined) this.names.set(to, name);
    this.names.delete(from);
    this.entries.delete(from);
    this.unchanged.delete(from);
  }

  drop(path: string): void {
    this.#spool.delete(path);
    this.names.delete(path);
    this.entries.delete(path);
    this.unchanged.delete(path);
  }
}
