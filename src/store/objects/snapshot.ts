import { throwIfAborted } from '../../lib/errors.ts';
import { sha256 } from '../../lib/hash.ts';
import { judgeDigest, type Authenticity } from '../authenticity.ts';
import { StoreError } from '../errors.ts';
import type { SnapshotInfo, StoredFile, StoredSnapshot } from '../store.ts';
import type { ObjectStoreContext } from './context.ts';
import type { Manifest, ManifestFile } from './manifest.ts';
import { readObject } from './object.ts';
import { mapParallel } from './parallel.ts';

/** A manifest as a snapshot that reads its files from the bucket. */
export class ManifestSnapshot implements StoredSnapshot {
  readonly info: SnapshotInfo;
  readonly files: ReadonlyMap<string, StoredFile>;
  readonly #context: ObjectStoreContext;
  readonly #manifest: Manifest;

  constructor(context: ObjectStoreContext, manifest: Manifest) {
    this.#context = context;
    this.#manifest = manifest;
    this.info = manifest.info;
    this.files = new Map([...manifest.files].map(([path, { size }]) => [path, { size }]));
  }

  objectOf(path: string): string | undefined {
    const file = this.#file(path);
    return 'object' in file ? file.object : undefined;
  }

  matches(path: string, content: Uint8Array): boolean {
    const file = this.#manifest.files.get(path);
    return file?.size === content.length && file.sha256 === sha256(content);
  }

  hashOf(path: string): string {
    return this.#file(path).sha256;
  }

  /** The manifest names the hash of each file, and reading holds the file to it: nothing is read for this. */
  async authenticate(signal?: AbortSignal): Promise<Authenticity> {
    throwIfAborted(signal);
    return judgeDigest(this.info, new Map([...this.#manifest.files].map(([path, file]) => [path, file.sha256])));
  }

  async read(path: string, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#read(path, this.#file(path), signal);
  }

  async *readMany(
    paths: Iterable<string>,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly [path: string, content: Uint8Array]> {
    const wanted = [...paths].map((path) => [path, this.#file(path)] as const);
    yield* mapParallel(
      wanted,
      this.#context.bucket.concurrency,
      async ([path, file]) => [path, await this.#read(path, file, signal)] as const,
    );
  }

  async #read(path: string, file: ManifestFile, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const shown = `${this.info.instance}/${path} of snapshot ${this.info.id}`;
    if ('object' in file) return readObject(this.#context, file.object, file.size, shown, signal);
    throwIfAborted(signal);
    // The manifest's own hash covers what it holds, so this is right unless the one who wrote it was wrong.
    if (sha256(file.inline) !== file.sha256) {
      throw new StoreError('integrity', `${shown} is damaged inside the manifest`);
    }
    return Uint8Array.from(file.inline);
  }

  #file(path: string): ManifestFile {
    const file = this.#manifest.files.get(path);
    if (file) return file;
    throw new StoreError('not-found', `snapshot ${this.info.id} of ${this.info.instance} has no file ${path}`);
  }
}
