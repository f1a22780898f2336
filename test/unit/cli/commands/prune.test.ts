import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startDaemon } from '../../../support/daemon/process.ts';
import { flowkeep, type FlowkeepRun } from '../../../support/flowkeep.ts';
import { freePorts } from '../../../support/n8n/server-process.ts';
import { S3StandIn, STAND_IN_ACCESS_KEY, STAND_IN_BUCKET, STAND_IN_SECRET_KEY } from '../../../support/s3/stand-in.ts';

let near: S3StandIn;
let offsite: S3StandIn;
let cwd: string;
const env = { KEY: 'n8n-key', S3_KEY: STAND_IN_SECRET_KEY, S3_ID: STAND_IN_ACCESS_KEY };

beforeEach(async () => {
  near = await S3StandIn.start();
  offsite = await S3StandIn.start();
  // Locks can be taken, but nobody is told which snapshots there are.
  offsite.fault = ({ method }) => (method === 'LIST' ? { status: 403, code: 'AccessDenied' } : null);
  cwd = await mkdtemp(join(tmpdir(), 'flowkeep-prune-'));
});
afterEach(async () => {
  await near[Symbol.asyncDispose]();
  await offsite[Symbol.asyncDispose]();
  await rm(cwd, { recursive: true, force: true });
});

const storeOf = ({ port }: S3StandIn) =>
  `{ type: s3, bucket: ${STAND_IN_BUCKET}, region: us-east-1, endpoint: 'http://127.0.0.1:${port}', ` +
  'forcePathStyle: true, accessKeyId: { env: S3_ID }, secretAccessKey: { env: S3_KEY }, retention: { keepLast: 2 } }';

async function configure(stores: readonly S3StandIn[], httpPort: number | null = null): Promise<void> {
  const lines = stores.map((store, index) => `  store${index}: ${storeOf(store)}`);
  const instance = "{ url: 'http://127.0.0.1:9', apiKey: { env: KEY }, schedules: { prune: '* * * * * *' } }";
  const file = ['instances:', `  prod: ${instance}`, 'stores:', ...lines, `http: { port: ${httpPort} }`, ''];
  await writeFile(join(cwd, 'flowkeep.yaml'), file.join('\n'));
}

const prune = (): Promise<FlowkeepRun> => flowkeep(['prune', '--json'], { cwd, env });

it.each([
  ['one failed store among two is partial', (): S3StandIn[] => [near, offsite], 3],
  ['a failed store alone is a failure', (): S3StandIn[] => [offsite], 1],
])('%s, for the command and for the daemon', async (_what, stores, exitCode) => {
  const [port = 0] = await freePorts(1);
  await configure(stores(), port);
  const { code, stdout } = await prune();
  expect(code).toBe(exitCode);
  expect(JSON.parse(stdout)).toMatchObject({
    stores: stores().map((store) => ({ status: store === offsite ? 'failed' : 'pruned' })),
  });
  await using daemon = await startDaemon({ cwd, port, env });
  const ended = () => daemon.log.find(({ msg }) => String(msg).startsWith('run ended'));
  await expect.poll(ended, { timeout: 20_000 }).toMatchObject({ job: 'prune', exitCode });
});
