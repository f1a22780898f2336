import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { s3Options } from './stand-in.ts';
import type { S3StoreOptions } from './store.ts';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, 'rgw.sh');

/** A real S3 server (Ceph's RADOS Gateway) that this process started. Dispose of it, or it stays behind. */
export interface RunningRgw extends AsyncDisposable {
  readonly port: number;
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** A client with the owner's rights, for what a test prepares or spoils behind the store's back. */
  readonly client: S3Client;
  /** @param settings `owner`: access key and secret of another user than the client's */
  createBucket(name: string, settings?: BucketSettings): Promise<void>;
  storeOptions(bucket: string, changes?: Partial<S3StoreOptions>): S3StoreOptions;
  /** An outage: killed with its data kept, accepting connections but silent, or back. */
  switchTo(state: 'up' | 'down' | 'paused'): Promise<void>;
  /** radosgw-admin. @returns its output */
  admin(...args: string[]): Promise<string>;
}

export interface BucketSettings {
  /** With object lock, and so with versions. */
  readonly locked?: boolean;
  readonly owner?: readonly [accessKey: string, secretKey: string];
}

/** Installs it where needed, once per machine, and starts it on a free port. Throws where that is not possible. */
export async function startRgw(): Promise<RunningRgw> {
  await run(SCRIPT, ['install'], { maxBuffer: 64 * 1024 * 1024 });
  const port = await freePort();
  const env = { ...process.env, RGW_PORT: String(port) };
  const { stdout } = await run(SCRIPT, ['start'], { env });
  const told = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  const endpoint = told('ENDPOINT');
  const accessKey = told('ACCESS_KEY');
  const secretKey = told('SECRET_KEY');
  const client = connect(endpoint, accessKey, secretKey);
  return {
    port,
    endpoint,
    accessKey,
    secretKey,
    client,
    async createBucket(name, { locked = false, owner } = {}) {
      const command = new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: locked });
      if (owner === undefined) return void (await client.send(command));
      const ownersClient = connect(endpoint, ...owner);
      await ownersClient.send(command).finally(() => ownersClient.destroy());
    },
    storeOptions: (bucket, changes) => s3Options(endpoint, bucket, accessKey, secretKey, changes),
    async switchTo(state) {
      await run(SCRIPT, [state], { env });
    },
    async admin(...args) {
      return (await run(SCRIPT, ['adm', ...args], { env })).stdout;
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await run(SCRIPT, ['stop'], { env });
    },
  };
}

/** A gateway's cluster takes ports of its own, up to 60 behind its first (rgw-inside.sh): two never share a hundred. */
const BLOCK = 100;
const BLOCKS = 130;

/**
 * A port that is free, and so are the two fixed ones of the cluster. All below 32768: above it the system hands ports
 * out to outgoing connections, which could take one between this look and the start.
 */
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < BLOCKS; attempt++) {
    const port = 10_000 + ((process.pid + attempt) % BLOCKS) * BLOCK;
    const free = await Promise.all([port, port + 9000, port + 9001].map(isFree));
    if (!free.includes(false)) return port;
  }
  throw new Error('no free ports for the S3 server');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function connect(endpoint: string, accessKeyId: string, secretAccessKey: string): S3Client {
  const credentials = { accessKeyId, secretAccessKey };
  return new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
}
