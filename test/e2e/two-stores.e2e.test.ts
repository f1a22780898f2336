import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand, type CommandRun } from '../support/hostile/commands.ts';
import { S3StandIn, STAND_IN_ACCESS_KEY, STAND_IN_BUCKET, STAND_IN_SECRET_KEY } from '../support/s3/stand-in.ts';
import { startStandIn, type StandIn } from '../support/stand-in/start.ts';
import { addWorkflow } from '../support/stand-in/workflow-actions.ts';

/** Two stores with the same snapshots: a folder of git, and a bucket that goes down. */
let n8n: StandIn;
let bucket: S3StandIn;
let cwd: string;
const DOWN = /store offsite could not be asked: .*AccessDenied/s;

const run = (...args: string[]): Promise<CommandRun> =>
  runCommand(args, { cwd, env: { KEY: n8n.apiKey, S3_ID: STAND_IN_ACCESS_KEY, S3_KEY: STAND_IN_SECRET_KEY } });

const json = async (...args: string[]): Promise<unknown> => JSON.parse((await run(...args, '--json')).stdout);

function goDown(): void {
  bucket.fault = () => ({ status: 403, code: 'AccessDenied' });
}

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'flowkeep-unasked-'));
  n8n = await startStandIn();
  bucket = await S3StandIn.start();
  const s3 =
    `{ type: s3, bucket: ${STAND_IN_BUCKET}, region: us-east-1, endpoint: 'http://127.0.0.1:${bucket.port}', ` +
    'forcePathStyle: true, accessKeyId: { env: S3_ID }, secretAccessKey: { env: S3_KEY }, retention: { keepLast: 9 } }';
  writeFileSync(
    join(cwd, 'flowkeep.yaml'),
    `instances:\n  prod: { url: '${n8n.url}', apiKey: { env: KEY } }\n` +
      `stores:\n  offsite: ${s3}\n  repo: { type: git, path: ./repo }\n`,
  );
  addWorkflow(n8n.state, { id: 'w1', name: 'Invoice sync', nodes: [] });
  expect(await run('backup')).toMatchObject({ code: 0 });
});
afterEach(async () => {
  await n8n.stop();
  await bucket[Symbol.asyncDispose]();
  rmSync(cwd, { recursive: true, force: true });
});

describe('one of two stores is down', () => {
  const READERS: string[][] = [
    ['snapshots'],
    ['show'],
    ['diff'],
    ['diff', 'latest', 'latest'],
    ['export', 'latest', '--out', 'exported'],
    ['restore', '--dry-run'],
    ['restore', '--yes'],
  ];

  it.each(READERS)('%s uses what the other one holds, and says what it could not ask', async (...command: string[]) => {
    goDown();
    const { code, stderr, stdout } = await run(...command);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(DOWN) as string });
    expect(stdout).not.toBe('');
    if (command[0] !== 'snapshots') expect(stderr).toMatch(/may hold a newer snapshot than the one that latest names/);
  });

  it('the documents name the store with its code', async () => {
    goDown();
    const unasked = [
      { store: 'offsite', code: 'store-denied', message: expect.stringContaining('AccessDenied') as string },
    ];
    expect(await json('snapshots')).toMatchObject({ snapshots: [{ stores: ['repo'] }], unasked });
    expect(await json('show')).toMatchObject({ snapshots: [{ store: 'repo' }], unasked });
    expect(await json('diff')).toMatchObject({ instances: [{ unasked }] });
    expect(await json('export', 'latest', '--out', 'out')).toMatchObject({ export: { store: 'repo' }, unasked });
    expect(await json('restore', '--yes')).toMatchObject({ status: 'applied', unasked });
  });

  it('what the other one lacks may be in the one that is down, and no backup is advised', async () => {
    goDown();
    const { code, stderr } = await run('show', '20200101T000000Z-00000000');
    expect(code).toBe(1);
    expect(stderr).toMatch(/there is no snapshot "20200101T.*\n.*offsite could not be asked.*may hold what was asked/);
    rmSync(join(cwd, 'repo'), { recursive: true });
    expect(await run('show')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no snapshot yet\n.*offsite/) as string,
    });
    const empty = await run('snapshots');
    expect(empty.stdout).toContain('no snapshot in the stores that answered');
  });

  it('where no store answers, each is named', async () => {
    goDown();
    rmSync(join(cwd, 'repo/.git'), { recursive: true });
    writeFileSync(join(cwd, 'repo/.git'), 'gitdir: /nowhere');
    const { code, stderr } = await run('snapshots');
    expect(code).toBe(1);
    expect(stderr).toMatch(/AccessDenied[^]*repo/);
  });
});

it('a snapshot that is damaged in one store is shown from the other, and the damage is said', async () => {
  for (const [key, object] of bucket.objects) if (key.startsWith('snapshots/')) object.bytes = Buffer.from('damaged');
  const { code, stdout, stderr } = await run('show');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('repo (') as string });
  expect(stderr).toMatch(/in store offsite is damaged: .*; store repo is used/);
  const exported = await run('export', 'latest', '--out', 'exported');
  expect(exported).toMatchObject({ code: 0, stdout: expect.stringContaining('from repo to') as string });
});
