import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { freePorts } from '../n8n/server-process.ts';
import type { S3StoreOptions } from '../../../src/store/s3/options.ts';
import { s3Options } from './stand-in.ts';

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
  // The cluster's own ports are up to 9,060 above this one (rgw-inside.sh).
  const port = (await freePorts(8)).find((each) => each < 56_000);
  if (port === undefined) throw new Error('no free port below 56,000 for the S3 server');
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

function connect(endpoint: string, accessKeyId: string, secretAccessKey: string): S3Client {
  const credentials = { accessKeyId, secretAccessKey };
  return new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
}
