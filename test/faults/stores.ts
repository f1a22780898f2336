import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { createGitStore } from '../../src/store/git/store.ts';
import type { Store } from '../../src/store/store.ts';
import type { GitHttpServer } from '../support/git-http.ts';
import type { RunningRgw } from '../support/s3/rgw.ts';
import { createS3Store } from '../support/s3/store.ts';

export const BUCKET = 'faults';

/** Where the stores are, real ones both: a git remote over HTTP and a bucket of Ceph's gateway. */
export interface StoreServers {
  readonly git: GitHttpServer;
  /** Folder of the git server's repositories. */
  readonly gitRoot: string;
  readonly rgw: RunningRgw;
  /** For clones. */
  readonly folder: string;
}

/** Both stores as a test looks at them: without any fault. `name` is the repository's, and the prefix in the bucket. */
export function openStores(servers: StoreServers, name: string): { readonly git: Store; readonly s3: Store } {
  const { git, rgw, folder } = servers;
  const cacheDir = join(folder, `clone-of-${name}`);
  mkdirSync(cacheDir, { recursive: true });
  return {
    git: createGitStore({ name: 'git', remote: git.url(`${name}.git`), cacheDir, env: process.env }),
    s3: createS3Store({ ...rgw.storeOptions(BUCKET), name: 's3', prefix: name }),
  };
}

/** A copy of both stores, so that each run begins with the same snapshots. */
export async function copyStores(servers: StoreServers, from: string, to: string): Promise<void> {
  const { gitRoot, rgw } = servers;
  cpSync(join(gitRoot, `${from}.git`), join(gitRoot, `${to}.git`), { recursive: true });
  const listed = await rgw.client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${from}/` }));
  for (const { Key } of listed.Contents ?? []) {
    const { Body } = await rgw.client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    const bytes = await Body!.transformToByteArray();
    const copy = { Bucket: BUCKET, Key: `${to}${Key!.slice(from.length)}`, Body: bytes };
    await rgw.client.send(new PutObjectCommand(copy));
  }
}
