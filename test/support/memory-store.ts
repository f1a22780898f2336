import { Buffer } from 'node:buffer';
import { throwIfAborted } from '../../src/lib/errors.ts';
import { sha256 } from '../../src/lib/hash.ts';
import { judgeDigest } from '../../src/store/authenticity.ts';
import { readDraftFile } from '../../src/store/draft-file.ts';
import { StoreError } from '../../src/store/errors.ts';
import type {
  SaveResult,
  SnapshotDraft,
  SnapshotInfo,
  Store,
  StoredDocument,
  StoredSnapshot,
} from '../../src/store/store.ts';

/** Path to the SHA-256 of the file's bytes. */
type Tree = ReadonlyMap<string, string>;

/** What a memory store holds. Two stores on one state are two processes on one place. */
export interface MemoryStoreState {
  readonly contents: Map<string, Uint8Array>;
  readonly snapshots: { info: SnapshotInfo; tree: Tree }[];
  readonly documents: Map<string, StoredDocument>;
  lastVersion: number;
}

export function emptyMemoryState(): MemoryStoreState {
  return { contents: new Map(), snapshots: [], documents: new Map(), lastVersion: 0 };
}

/** The contract in its plainest form: the reference for drivers, and a fast store for tests. */
export class MemoryStore implements Store {
  readonly name: string;
  readonly location = 'memory';
  readonly retention = 'policy';
  readonly #state: MemoryStoreState;

  constructor(name = 'memory', state: MemoryStoreState = emptyMemoryState()) {
    this.name = name;
    this.#state = state;
  }

  async check(signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
  }

  async list(instance?: string, signal?: AbortSignal): Promise<SnapshotInfo[]> {
    throwIfAborted(signal);
    return this.#state.snapshots
      .map(({ info }) => info)
      .filter((info) => instance === undefined || info.instance === instance)
      .reverse();
  }

  async latest(instance: string, signal?: AbortSignal): Promise<StoredSnapshot | null> {
    const [newest] = await this.list(instance, signal);
    return newest ? this.open(instance, newest.id, signal) : null;
  }

  async open(instance: string, id: string, signal?: AbortSignal): Promise<StoredSnapshot> {
    throwIfAborted(signal);
    const found = this.#find(instance, id);
    if (!found) {
      throw new StoreError('not-found', `store ${this.name} has no snapshot ${id} of ${instance}`, {
        remedy: 'Run `flowkeep snapshots` to see which there are.',
      });
    }
    return openTree(found.info, found.tree, this.#state.contents);
  }

  async save(draft: SnapshotDraft, signal?: AbortSignal): Promise<SaveResult> {
    throwIfAborted(signal);
    const { info } = draft;
    const tree = new Map([...draft.files].map(([path, file]) => [path, file.sha256]));
    const existing = this.#find(info.instance, info.id);
    if (existing) return { ...keepSame(existing, tree, info), warnings: [] };

    const fresh = new Map<string, Uint8Array>();
    let bytesWritten = 0;
    for (const [path, file] of draft.files) {
      if (this.#state.contents.has(file.sha256) || fresh.has(file.sha256)) continue;
      const content = Uint8Array.from(await readDraftFile(path, file));
      throwIfAborted(signal);
      fresh.set(file.sha256, content);
      bytesWritten += content.length;
    }
    for (const [hash, content] of fresh) this.#state.contents.set(hash, content);
    this.#state.snapshots.push({ info, tree });
    return { info, filesWritten: fresh.size, bytesWritten, warnings: [] };
  }

  async remove(instance: string, id: string, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const found = this.#find(instance, id);
    if (found) this.#state.snapshots.splice(this.#state.snapshots.indexOf(found), 1);
  }

  async readDocument(name: string, signal?: AbortSignal): Promise<StoredDocument | null> {
    throwIfAborted(signal);
    return this.#state.documents.get(name) ?? null;
  }

  async writeDocument(
    name: string,
    content: Uint8Array,
    expected: string | null,
    signal?: AbortSignal,
  ): Promise<string> {
    throwIfAborted(signal);
    this.#compare(name, expected);
    this.#state.lastVersion += 1;
    const version = String(this.#state.lastVersion);
    this.#state.documents.set(name, { content: Uint8Array.from(content), version });
    return version;
  }

  async removeDocument(name: string, expected: string, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (!this.#state.documents.has(name)) return;
    this.#compare(name, expected);
    this.#state.documents.delete(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #find(instance: string, id: string): { info: SnapshotInfo; tree: Tree } | undefined {
    return this.#state.snapshots.find(({ info }) => info.instance === instance && info.id === id);
  }

  #compare(name: string, expected: string | null): void {
    const current = this.#state.documents.get(name)?.version ?? null;
    if (current === expected) return;
    throw new StoreError('conflict', `store ${this.name}: another writer changed ${name}`, {
      remedy: 'Wait for the other run to end, then run again.',
    });
  }
}

/** Saving an id again: fine with the same content, refused with another. */
function keepSame(
  existing: { info: SnapshotInfo; tree: Tree },
  tree: Tree,
  info: SnapshotInfo,
): Omit<SaveResult, 'warnings'> {
  const same = tree.size === existing.tree.size && [...tree].every(([path, hash]) => existing.tree.get(path) === hash);
  if (!same) {
    throw new StoreError('conflict', `snapshot ${info.id} of ${info.instance} exists with other content`, {
      remedy: 'Snapshots are immutable: run the backup again, for a new id.',
    });
  }
  return { info: existing.info, filesWritten: 0, bytesWritten: 0 };
}

function openTree(info: SnapshotInfo, tree: Tree, contents: ReadonlyMap<string, Uint8Array>): StoredSnapshot {
  const contentAt = (path: string): Uint8Array => {
    const hash = tree.get(path);
    if (hash === undefined)
      throw new StoreError('not-found', `snapshot ${info.id} of ${info.instance} has no file ${path}`);
    const content = contents.get(hash);
    if (!content || sha256(content) !== hash)
      throw new StoreError('integrity', `${path} of snapshot ${info.id} is damaged`);
    return Buffer.from(content);
  };
  const files = new Map([...tree].map(([path, hash]) => [path, { size: contents.get(hash)?.length ?? 0 }]));
  return {
    info,
    files,
    matches: (path, content) => tree.get(path) === sha256(content),
    hashOf: (path) => tree.get(path),
    authenticate: async (signal) => {
      throwIfAborted(signal);
      return judgeDigest(info, tree);
    },
    read: async (path, signal) => {
      throwIfAborted(signal);
      return contentAt(path);
    },
    readMany: async function* (paths, signal) {
      const wanted = [...paths].map((path) => [path, contentAt(path)] as const);
      for (const entry of wanted) {
        throwIfAborted(signal);
        yield entry;
      }
    },
  };
}
