import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand, type CommandRun } from '../support/hostile/commands.ts';
import { S3StandIn, STAND_IN_ACCESS_KEY, STAND_IN_BUCKET, STAND_IN_SECRET_KEY } from '../support/s3/stand-in.ts';
import { startStandIn, type StandIn } from '../support/stand-in/start.ts';
import { addWorkflow } from '../support/stand-in/workflow-actions.ts';

const DAYS_3 = 3 * 86_400_000;

let n8n: StandIn;
let bucket: S3StandIn;
let cwd: string;

const run = (...args: string[]): Promise<CommandRun> =>
  runCommand(args, { cwd, env: { KEY: n8n.apiKey, S3_ID: STAND_IN_ACCESS_KEY, S3_KEY: STAND_IN_SECRET_KEY } });

function configure(prefix: string, more = ''): void {
  const s3 =
    `{ type: s3, bucket: ${STAND_IN_BUCKET}, prefix: ${prefix}, region: us-east-1, ` +
    `endpoint: 'http://127.0.0.1:${bucket.port}', forcePathStyle: true, accessKeyId: { env: S3_ID }, ` +
    'secretAccessKey: { env: S3_KEY }, retention: { keepLast: 9 } }';
  const instances = `instances:\n  prod: { url: '${n8n.url}', apiKey: { env: KEY } }\n`;
  writeFileSync(join(cwd, 'flowkeep.yaml'), `${instances}stores:\n  offsite: ${s3}\n${more}`);
}

/** What somebody leaves who removes the manifests alone: they are days old. */
function loseManifests(): void {
  for (const [key, object] of bucket.objects) {
    object.lastModified -= DAYS_3;
    if (key.startsWith('n8n/snapshots/')) bucket.objects.delete(key);
  }
}

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'flowkeep-emptied-'));
  n8n = await startStandIn();
  bucket = await S3StandIn.start();
  configure('n8n');
  addWorkflow(n8n.state, { id: 'w1', name: 'Invoice sync', nodes: [] });
  // Too large for a manifest: it is an object of its own.
  const long = { jsCode: Array.from({ length: 5_000 }, (_, line) => `line ${line * line}`).join('\n') };
  const code = { id: 'n1', name: 'Totals', type: 'n8n-nodes-base.code', typeVersion: 2, parameters: long };
  addWorkflow(n8n.state, { id: 'w0', name: 'Long', nodes: [{ ...code, position: [0, 0] }] });
});
afterEach(async () => {
  await n8n.stop();
  await bucket[Symbol.asyncDispose]();
  rmSync(cwd, { recursive: true, force: true });
});

describe('a store without a snapshot', () => {
  it('is fine for check before the first backup, and nothing that verify could call a success', async () => {
    const checked = await run('check');
    expect(checked.stdout).toMatch(/store offsite \(.*\): no snapshot of prod yet/);
    expect(checked.code).toBe(0);
    for (const args of [['verify'], ['verify', '--all']]) {
      const { code, stdout } = await run(...args);
      expect(code).toBe(5);
      expect(stdout).toContain('store offsite holds no snapshot of prod: nothing was verified');
      expect(stdout).toMatch(/→ Where no backup was saved to it yet: `flowkeep backup`.*bucket and prefix/);
    }
    expect(await run('prune')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('no snapshot of prod here') as string,
    });
    expect((await run('backup')).stdout).not.toContain('warning');
    expect(await run('verify', '--all')).toMatchObject({ code: 0 });
    expect((await run('check')).stdout).toMatch(/store offsite \(.*\): 1 snapshot$/m);
  });

  it('is damage where what is left shows that it held some, and the next backup says so', async () => {
    expect(await run('backup')).toMatchObject({ code: 0 });
    loseManifests();
    const left = bucket.objects.size;
    for (const args of [['verify', '--all'], ['verify'], ['check'], ['prune']]) {
      const { code, stdout } = await run(...args);
      expect({ args, code }).toEqual({ args, code: 5 });
      expect(stdout).toMatch(/store offsite holds no snapshot of prod: .*; .* has no manifest of this instance/);
      expect(stdout).toContain('remove the delete markers');
    }
    expect(bucket.objects.size).toBe(left);
    const { code, stdout, stderr } = await run('backup');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/saved as its first.*are gone/) as string,
    });
    expect(stderr).toContain('saved as its first');
  });

  it('is damage where a mistyped prefix hides what another store shows', async () => {
    const second = '  repo: { type: git, path: ./repo }\n';
    configure('n8n', second);
    expect(await run('backup')).toMatchObject({ code: 0 });
    configure('n8n-prod', second);
    for (const args of [['verify', '--all'], ['check']]) {
      const { code, stdout } = await run(...args);
      expect({ args, code }).toEqual({ args, code: 5 });
      expect(stdout).toMatch(/store offsite holds no snapshot of prod: .*; store repo holds 1 of its snapshots/);
    }
    const { code, stdout } = await run('backup');
    expect(code).toBe(0);
    expect(stdout).toMatch(/warning: store offsite listed no snapshot of prod.*Where the store was just added/);
  });
});

it('a store that is behind is told of, and one that lacks older snapshots is not', async () => {
  configure('n8n', '  repo: { type: git, path: ./repo }\n');
  expect(await run('backup', '--store', 'repo')).toMatchObject({ code: 0 });
  addWorkflow(n8n.state, { id: 'w2', name: 'Lead router', nodes: [] });
  expect(await run('backup')).toMatchObject({ code: 0 });
  const both = await run('verify', '--all');
  expect(both).toMatchObject({ code: 0, stdout: expect.not.stringContaining('warning') as string });
  addWorkflow(n8n.state, { id: 'w3', name: 'Daily report', nodes: [] });
  expect(await run('backup', '--store', 'repo')).toMatchObject({ code: 0 });
  expect((await run('verify', '--all')).stdout).toMatch(
    /warning: store repo holds 1 newer snapshots, which this store/,
  );
  const named = await run('verify', 'latest~2', '--json');
  expect(named.code).toBe(0);
});
