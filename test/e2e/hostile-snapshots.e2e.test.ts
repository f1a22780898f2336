import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCommand, type CommandRun } from '../support/hostile/commands.ts';
import { startSample } from '../support/hostile/sample.ts';
import { COMMANDS, HOSTILE_SNAPSHOTS, type Command, type HostileSnapshot } from '../support/hostile/snapshots.ts';
import { putTampered } from '../support/hostile/tampered-bucket.ts';
import { Repository } from '../support/hostile/tampered-git.ts';
import { S3StandIn, STAND_IN_ACCESS_KEY, STAND_IN_BUCKET, STAND_IN_SECRET_KEY } from '../support/s3/stand-in.ts';
import type { StandIn } from '../support/stand-in/start.ts';

/**
 * Every command on every snapshot of the table in test/support/hostile/snapshots.ts: somebody with write access to the
 * store put it on top of a sound one.
 */
const BEFORE = '2026-11-20T00:00:00Z';
const NOW = '2026-11-21T00:00:00Z';
/** What flowkeep was asked to write, and `.cache`, which is Node's own. */
const WRITTEN = ['.cache', 'files', 'n8n-cli', 'n8np', 'repo', 'show.html'];

let outer: string;
let folder: string;
let n8n: StandIn;
let sound: Map<string, Uint8Array>;
let s3: S3StandIn;
beforeEach(async () => {
  outer = mkdtempSync(join(tmpdir(), 'flowkeep-hostile-'));
  folder = join(outer, 'deep', 'work');
  mkdirSync(folder, { recursive: true });
  ({ n8n, files: sound } = await startSample());
  s3 = await S3StandIn.start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await s3[Symbol.asyncDispose]();
  await n8n.stop();
  rmSync(outer, { recursive: true, force: true });
});

const forGit = HOSTILE_SNAPSHOTS.filter((each) => !each.manifest);
const forS3 = HOSTILE_SNAPSHOTS.filter((each) => !each.entries && !each.message);

describe('a snapshot in git with', () => {
  it.each(forGit)('$what', async (hostile) => {
    const repository = new Repository(join(folder, 'repo'));
    repository.commit({ instance: 'prod', files: sound, takenAt: BEFORE });
    const by = {
      ...(hostile.entries ? { extra: hostile.entries } : {}),
      ...(hostile.message ? { message: hostile.message } : {}),
    };
    repository.commit({ instance: 'prod', files: tampered(hostile), takenAt: NOW, ...by });
    await expectHarmless(hostile, { FLOWKEEP_STORE: 'git:./repo' });
  });
});

describe('a snapshot in S3 with', () => {
  it.each(forS3)('$what', async (hostile) => {
    putTampered(s3, { instance: 'prod', files: sound, takenAt: BEFORE });
    putTampered(s3, { instance: 'prod', files: tampered(hostile), takenAt: NOW, ...hostile.manifest });
    const endpoint = encodeURIComponent(`http://127.0.0.1:${s3.port}`);
    // The credential chain of the AWS SDK looks into the process itself.
    vi.stubEnv('AWS_ACCESS_KEY_ID', STAND_IN_ACCESS_KEY);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', STAND_IN_SECRET_KEY);
    await expectHarmless(hostile, {
      FLOWKEEP_STORE: `s3://${STAND_IN_BUCKET}/n8n?region=us-east-1&forcePathStyle=true&endpoint=${endpoint}`,
    });
  });
});

function tampered({ files }: HostileSnapshot): Map<string, Uint8Array> {
  const all = new Map(sound);
  files?.(all);
  return all;
}

async function expectHarmless(hostile: HostileSnapshot, store: Readonly<Record<string, string>>): Promise<void> {
  const env = { N8N_URL: n8n.url, N8N_API_KEY: n8n.apiKey, FLOWKEEP_INSTANCE: 'prod', ...store };
  const run = (args: readonly string[]): Promise<CommandRun> => runCommand(args, { cwd: folder, env });
  const codes: Record<string, number> = {};
  for (const [command, args] of Object.entries(COMMANDS) as [Command, readonly string[]][]) {
    const ran = await run(args);
    codes[command] = ran.code;
    expectReadable(ran);
    if (ran.code !== 0) expect(ran.stdout + ran.stderr, command).toMatch(hostile.names);
  }
  const all = Object.keys(COMMANDS) as Command[];
  expect(codes).toEqual(Object.fromEntries(all.map((each) => [each, hostile.fine.includes(each) ? 0 : 5])));
  if (!hostile.fine.includes('restore'))
    expect(n8n.requests.filter(({ method }) => ['PUT', 'PATCH', 'DELETE'].includes(method))).toEqual([]);

  for (const args of [['snapshots'], ['backup'], ['verify']]) {
    const ran = await run(args);
    expectReadable(ran);
    expect([args, ran.code], ran.stdout + ran.stderr).toEqual([args, 0]);
  }
  expect(readdirSync(outer)).toEqual(['deep']);
  expect(readdirSync(join(outer, 'deep'))).toEqual(['work']);
  expect(readdirSync(folder).filter((name) => !WRITTEN.includes(name))).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
}

/** Nothing that a terminal would obey, but for line breaks. */
function expectReadable({ stdout, stderr }: CommandRun): void {
  expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
}
