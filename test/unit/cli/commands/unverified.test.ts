import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sha256 } from '../../../../src/lib/hash.ts';
import { runCommand, type CommandRun } from '../../../support/hostile/commands.ts';
import { S3StandIn, STAND_IN_ACCESS_KEY, STAND_IN_BUCKET, STAND_IN_SECRET_KEY } from '../../../support/s3/stand-in.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { draftOf } from '../../../support/stand-in/state.ts';
import { addWorkflow, saveDraft } from '../../../support/stand-in/workflow-actions.ts';

/** What somebody with access to a store does to the newest snapshot in place: its code is another one. */
const EDITED = 'workflows/invoice-sync.w1.json';
const code = (jsCode: string) => ({
  id: 'n1',
  name: 'Totals',
  type: 'n8n-nodes-base.code',
  typeVersion: 2,
  position: [0, 0],
  parameters: { jsCode },
});

let n8n: StandIn;
let folder: string;
let store: string;

const run = (...args: string[]): Promise<CommandRun> =>
  runCommand(args, { cwd: folder, env: { N8N_URL: n8n.url, N8N_API_KEY: n8n.apiKey, FLOWKEEP_STORE: store } });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowkeep-unverified-'));
  n8n = await startStandIn();
});
afterEach(async () => {
  await n8n.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function backUpTwice(): Promise<void> {
  const workflow = addWorkflow(n8n.state, { id: 'w1', name: 'Invoice sync', nodes: [code('return 1')] });
  expect(await run('backup')).toMatchObject({ code: 0 });
  saveDraft(n8n.state, workflow, { ...draftOf(workflow), nodes: [code('return 2')] });
  expect(await run('backup')).toMatchObject({ code: 0 });
}

const COMMANDS = [
  ['restore', '--dry-run'],
  ['restore', '--yes'],
  ['diff', 'latest', 'live'],
  ['diff', 'latest~1', 'latest'],
  ['export', 'latest', '--out', 'exported'],
  ['show', 'latest', '--html', 'page.html'],
] as const;

/** Every command that uses content refuses, writes nothing, and obeys the flag. */
async function expectRefusal(): Promise<void> {
  const before = JSON.stringify(draftOf(n8n.state.workflows.get('w1')!));
  for (const command of COMMANDS) {
    const { code: exit, stdout, stderr } = await run(...command);
    expect([command, exit]).toEqual([command, 5]);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/error: snapshot \S+ in store \S+ was altered/);
    expect(stderr).toContain(EDITED);
    expect(stderr).toContain('--allow-unverified');
  }
  expect(JSON.stringify(draftOf(n8n.state.workflows.get('w1')!))).toBe(before);
  expect(existsSync(join(folder, 'exported')) || existsSync(join(folder, 'page.html'))).toBe(false);
  expect(await run('verify')).toMatchObject({ code: 5 });
  for (const command of COMMANDS) {
    const { code: exit, stdout } = await run(...command, '--allow-unverified');
    expect([command, exit]).toEqual([command, 0]);
    // Only the page of one side names the snapshot of the other first.
    expect(stdout).toMatch(/^WARNING: snapshot \S+ in store \S+ was altered: .*invoice-sync/s);
  }
}

describe('an altered snapshot in git', () => {
  beforeEach(async () => {
    store = 'git:./repo';
    await backUpTwice();
    const git = (...args: string[]): string => execFileSync('git', args, { cwd: join(folder, 'repo') }).toString();
    const file = join(folder, 'repo', 'default', EDITED);
    writeFileSync(file, readFileSync(file, 'utf8').replace('return 2', 'evil()'));
    git('-c', 'user.name=M', '-c', 'user.email=m@example.com', 'commit', '-q', '-a', '--amend', '--no-edit');
  });

  it('is refused by every command that uses its content, until it is told to', expectRefusal);

  it('stays marked in a plan file, which is applied only where that is allowed again', async () => {
    const { stdout } = await run('restore', '--dry-run', '--json', '--allow-unverified');
    expect(JSON.parse(stdout)).toMatchObject({
      flowkeepPlan: 1,
      unverified: [expect.stringContaining('was altered')],
    });
    writeFileSync(join(folder, 'plan.json'), stdout);
    expect(await run('restore', '--plan', 'plan.json', '--yes')).toMatchObject({ code: 5 });
    const applied = await run('restore', '--plan', 'plan.json', '--yes', '--allow-unverified', '--json');
    expect(applied.code).toBe(0);
    expect(JSON.parse(applied.stdout)).toMatchObject({
      unverified: [expect.stringContaining('was altered') as string],
    });
  });
});

describe('an altered snapshot in S3', () => {
  let s3: S3StandIn;
  beforeEach(async () => {
    s3 = await S3StandIn.start();
    // The credential chain of the AWS SDK looks into the process itself.
    vi.stubEnv('AWS_ACCESS_KEY_ID', STAND_IN_ACCESS_KEY);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', STAND_IN_SECRET_KEY);
    const endpoint = encodeURIComponent(`http://127.0.0.1:${s3.port}`);
    store = `s3://${STAND_IN_BUCKET}/n8n?region=us-east-1&forcePathStyle=true&endpoint=${endpoint}`;
    await backUpTwice();
    const manifests = [...s3.objects.keys()].filter((key) => key.includes('/snapshots/')).sort();
    editManifest(s3, manifests.at(-1)!);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await s3[Symbol.asyncDispose]();
  });

  it('is refused by every command that uses its content, until it is told to', expectRefusal);
});

/** Every hash fits but the digest: what a writer without flowkeep's code leaves. */
function editManifest(s3: S3StandIn, key: string): void {
  const [first = '', ...rest] = gunzipSync(s3.objects.get(key)!.bytes).toString().split('\n');
  const edited = Buffer.from(contentOf(s3, rest).replace('return 2', 'evil()'));
  const line = JSON.stringify([EDITED, sha256(edited), edited.length, { base64: edited.toString('base64') }]);
  const below = rest.map((each) => (each.startsWith(`["${EDITED}"`) ? line : each)).join('\n');
  const header = { ...(JSON.parse(first) as object), sha256: sha256(below) };
  const bytes = Buffer.concat([gzipSync(`${JSON.stringify(header)}\n`), gzipSync(below)]);
  s3.objects.set(key, { bytes, lastModified: Date.now(), etag: `"${sha256(bytes)}"` });
}

function contentOf(s3: S3StandIn, lines: readonly string[]): string {
  const entry = JSON.parse(lines.find((line) => line.startsWith(`["${EDITED}"`))!) as [string, string, number, object?];
  const [, hash, , more] = entry;
  if (more && 'base64' in more) return Buffer.from(String(more.base64), 'base64').toString();
  return gunzipSync(s3.objects.get(`n8n/objects/${hash.slice(0, 2)}/${hash}.gz`)!.bytes).toString();
}
