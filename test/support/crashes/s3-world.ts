import { mkdirSync } from 'node:fs';
import { S3StandIn, STAND_IN_ACCESS_KEY, STAND_IN_BUCKET } from '../s3/stand-in.ts';
import type { World, WorldMaker } from './world.ts';
import { createS3Store } from '../s3/store.ts';

/** Worlds with a bucket each, on a server of their own. `retention` goes into the store's configuration. */
export function s3Worlds(retention: object | null = null): WorldMaker {
  return {
    name: 'S3',
    async make(folder, like) {
      mkdirSync(folder, { recursive: true });
      const server = await S3StandIn.start();
      if (like) for (const [key, object] of (like as S3World).server.objects) server.objects.set(key, { ...object });
      return new S3World(folder, server, retention);
    },
    async [Symbol.asyncDispose]() {},
  };
}

export class S3World implements World {
  readonly folder: string;
  readonly server: S3StandIn;
  readonly #retention: object | null;

  constructor(folder: string, server: S3StandIn, retention: object | null) {
    this.folder = folder;
    this.server = server;
    this.#retention = retention;
  }

  get config(): object {
    return {
      type: 's3',
      bucket: STAND_IN_BUCKET,
      prefix: 'n8n',
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${this.server.port}`,
      forcePathStyle: true,
      ...(this.#retention ? { retention: this.#retention } : {}),
    };
  }

  /** For flowkeep, which takes these as any program of the AWS SDK does. */
  static readonly env = { AWS_ACCESS_KEY_ID: STAND_IN_ACCESS_KEY, AWS_SECRET_ACCESS_KEY: 'secret' };

  open(): ReturnType<typeof createS3Store> {
    return createS3Store(this.server.storeOptions());
  }

  /** Everything but snapshots and the objects that they name. */
  async leftovers(): Promise<string[]> {
    await using store = this.open();
    const named = new Set<string>();
    for (const { instance, id } of await store.list()) {
      const snapshot = await store.open(instance, id);
      for (const path of snapshot.files.keys()) named.add(snapshot.objectOf?.(path) ?? '');
    }
    return [...this.server.objects.keys()].filter((key) => {
      if (key.includes('/snapshots/')) return false;
      if (key.endsWith('/identity.json')) return false;
      // The index of the manifests is no litter: it stands beside them for good.
      if (key.includes('/index/')) return false;
      return !key.includes('/objects/') || !named.has(key.slice(key.lastIndexOf('/') + 1, -'.gz'.length));
    });
  }

  async passTime(): Promise<void> {
    for (const object of this.server.objects.values()) object.lastModified -= 3 * 86_400_000;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}
