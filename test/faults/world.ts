import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { N8nClient } from '../../src/n8n/http/types.ts';
import type { Store } from '../../src/store/store.ts';
import { clientFor, takeBackup } from '../support/backup.ts';
import { startSeededFaultProxy, type SeededFaultProxy } from '../support/faults/seeded-faults.ts';
import { flowkeep, type FlowkeepRun } from '../support/flowkeep.ts';
import { GitHttpServer } from '../support/git-http.ts';
import { startN8n, type RunningN8n } from '../support/n8n/start.ts';
import type { SeededIds } from '../support/restore/seed.ts';
import { startRgw } from '../support/s3/rgw.ts';
import { change, fill } from './instance.ts';
import type { FaultyRun } from './matrix.ts';
import { BUCKET, openStores, type StoreServers } from './stores.ts';

/** Name of the stores that every run gets a copy of. */
export const TEMPLATE = 'template';

/** A real n8n, a git remote and a bucket, each of which holds one snapshot from before the last changes. */
export interface World extends AsyncDisposable {
  readonly n8n: RunningN8n;
  readonly client: N8nClient;
  readonly ids: SeededIds;
  readonly servers: StoreServers;
}

export async function startWorld(): Promise<World> {
  await using started = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'flowkeep-faults-'));
  started.defer(() => rmSync(folder, { recursive: true, force: true }));
  const rgw = started.use(await startRgw());
  await rgw.createBucket(BUCKET);
  const gitRoot = join(folder, 'git');
  mkdirSync(gitRoot);
  const git = started.use(await GitHttpServer.start({ root: gitRoot }));
  git.createRepository(`${TEMPLATE}.git`);
  const n8n = started.use(await startN8n({ licensed: true }));
  const client = clientFor(n8n);
  started.defer(() => client.close());
  const servers = { git, gitRoot, rgw, folder };
  const ids = await fill(client);
  const stores = openStores(servers, TEMPLATE);
  await save(n8n, Object.values(stores));
  await change(client, ids);
  const owned = started.move();
  return { n8n, client, ids, servers, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Saves a snapshot without any fault. */
export async function save(n8n: RunningN8n, stores: readonly Store[]): Promise<void> {
  const report = await takeBackup(n8n, { stores });
  const failed = report.stores.find(({ status }) => status === 'failed');
  if (failed?.status === 'failed') throw failed.error;
}

/** One run of the program, and the faults that it met by proxy. */
export interface FaultyResult {
  readonly done: FlowkeepRun;
  readonly met: Readonly<Record<'n8n' | StoreName, SeededFaultProxy['met']>>;
}

export const STORE_NAMES = ['git', 's3'] as const;
export type StoreName = (typeof STORE_NAMES)[number];

/** Milliseconds after which a run is no longer waited for: none may hang. */
const HANGS_AFTER_MS = 240_000;

/** Runs the program with a proxy that makes faults before n8n, before the git remote and before the bucket. */
export async function runWithFaults(
  { n8n, servers }: World,
  name: string,
  args: readonly string[],
  { seed, rate }: FaultyRun,
): Promise<FaultyResult> {
  const proxy = (to: string, url: string): Promise<SeededFaultProxy> =>
    startSeededFaultProxy(url, { name: to, seed, rate });
  const { git, rgw, folder } = servers;
  await using toN8n = await proxy('n8n', n8n.url);
  await using toGit = await proxy('git', new URL(git.url('')).origin);
  await using toS3 = await proxy('s3', rgw.endpoint);
  const cwd = mkdtempSync(join(folder, 'run-'));
  const done = await runFlowkeep(cwd, args, {
    instances: {
      prod: {
        url: toN8n.url,
        apiKey: { env: 'KEY' },
        rateLimit: { concurrency: 4, requestsPerSecond: 1000 },
        timeout: '2s',
      },
    },
    stores: {
      git: { type: 'git', remote: `${toGit.url}/${name}.git`, timeout: '4s' },
      s3: {
        ...{ type: 's3', bucket: BUCKET, prefix: name, endpoint: toS3.url, forcePathStyle: true },
        ...{ accessKeyId: { env: 'S3_ID' }, secretAccessKey: { env: 'S3_SECRET' }, timeout: '2s' },
      },
    },
  });
  const met = { n8n: toN8n.met, git: toGit.met, s3: toS3.met };
  rmSync(cwd, { recursive: true, force: true });
  return { done, met };

  function runFlowkeep(cwd: string, args: readonly string[], config: object): Promise<FlowkeepRun> {
    writeFileSync(join(cwd, 'flowkeep.yaml'), JSON.stringify(config));
    const env = { KEY: n8n.apiKey, S3_ID: rgw.accessKey, S3_SECRET: rgw.secretKey };
    let timer: NodeJS.Timeout | undefined;
    const onStart = (child: { kill(signal: NodeJS.Signals): boolean }): void => {
      timer = setTimeout(() => child.kill('SIGKILL'), HANGS_AFTER_MS);
    };
    return flowkeep(args, { cwd, env, onStart }).finally(() => clearTimeout(timer));
  }
}

/** A store still has the newest snapshot of another one that it was copied from, as it was. */
export async function expectKept({ servers }: World, store: StoreName, name: string, from: string): Promise<void> {
  const [original] = await openStores(servers, from)[store].list('prod');
  const listed = await openStores(servers, name)[store].list('prod');
  expect(listed.map(({ id, digest }) => [id, digest])).toContainEqual([original?.id, original?.digest]);
}
