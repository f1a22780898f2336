import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leaseName, LEASE_TTL_MS } from '../../src/jobs/lock/lease.ts';
import { createGitStore } from '../../src/store/git/store.ts';
import type { Store } from '../../src/store/store.ts';
import { startDaemon } from '../support/daemon/process.ts';
import { flowkeep } from '../support/flowkeep.ts';
import { GitHttpServer } from '../support/git-http.ts';
import { freePorts } from '../support/n8n/server-process.ts';
import { startRgw, type RunningRgw } from '../support/s3/rgw.ts';
import { connectSourceControl } from '../support/stand-in/source-control.ts';
import { startStandIn, type StandIn } from '../support/stand-in/start.ts';
import { addWorkflow } from '../support/stand-in/workflow-actions.ts';
import { createS3Store } from '../support/s3/store.ts';

/** Five minutes by hand: FLOWKEEP_TEST_WRITERS_SECONDS=300. */
const DURATION_MS = Number(process.env.FLOWKEEP_TEST_WRITERS_SECONDS ?? 30) * 1000;
const ENTRY = new URL('../../src/main.ts', import.meta.url).pathname;

let n8n: StandIn;
let rgw: RunningRgw;
let git: GitHttpServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowkeep-writers-'));
  rgw = await startRgw();
  git = await GitHttpServer.start({ root: folder });
});
afterAll(async () => {
  await rgw[Symbol.asyncDispose]();
  await git[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Place {
  readonly env: Record<string, string>;
  readonly store: Store;
}

async function s3Place(): Promise<Place> {
  await rgw.createBucket('writers');
  const env = {
    FLOWKEEP_STORE: `s3://writers/n8n?region=us-east-1&forcePathStyle=true&endpoint=${rgw.endpoint}`,
    FLOWKEEP_S3_ACCESS_KEY_ID: rgw.accessKey,
    FLOWKEEP_S3_SECRET_ACCESS_KEY: rgw.secretKey,
  };
  return { env, store: createS3Store(rgw.storeOptions('writers')) };
}

async function gitPlace(): Promise<Place> {
  const remote = git.createRepository('writers.git');
  const store = createGitStore({
    name: 'repo',
    remote,
    branch: 'main',
    cacheDir: join(folder, 'look'),
    env: process.env,
  });
  return { env: { FLOWKEEP_STORE: `git+${remote}` }, store };
}

/** A process of its own, as in another container: with its own folder for clones. */
async function writer(name: string, place: Place, schedule = '*/2 * * * * *') {
  const [port = 0] = await freePorts(1);
  const env = { ...environment(name, place), FLOWKEEP_SCHEDULE: schedule };
  return startDaemon({ cwd: folder, port, env });
}

function environment(name: string, place: Place): Record<string, string> {
  return { N8N_URL: n8n.url, N8N_API_KEY: n8n.apiKey, XDG_CACHE_HOME: join(folder, name), ...place.env };
}

describe.each([
  // In a process namespace of its own a holder is as far away as on another machine: only time tells that it died.
  ['an S3 store', s3Place, ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'], LEASE_TTL_MS],
  ['a git remote', gitPlace, ['env'], 0],
])('two daemons and a loop of backups on %s', (where, makePlace, [command, ...elsewhere], livesMs) => {
  let place: Place;

  beforeAll(async () => {
    n8n = await startStandIn({ licensed: true, now: Date.now });
    place = await makePlace();
  });
  afterAll(async () => {
    await place.store[Symbol.asyncDispose]();
    await n8n.stop();
  });

  const count = async (): Promise<number> => (await place.store.list('default')).length;

  it('two daemons and a loop of backups keep one snapshot of each change, and leave no lock behind', async () => {
    addWorkflow(n8n.state, { id: 'w0', name: 'First' });
    await using one = await writer('one', place);
    await using two = await writer('two', place);
    const stop = new AbortController();
    const codes: (number | null)[] = [];
    const loop = (async () => {
      while (!stop.signal.aborted)
        codes.push((await flowkeep(['backup'], { cwd: folder, env: environment('three', place) })).code);
    })();
    await expect.poll(count, { timeout: 60_000 }).toBe(1);
    const ends = performance.now() + DURATION_MS;
    let edits = 0;
    while (performance.now() < ends) {
      edits++;
      addWorkflow(n8n.state, { id: `w${edits}`, name: `Edit ${edits}` });
      await expect.poll(count, { timeout: 60_000, interval: 500 }).toBeGreaterThanOrEqual(1 + edits);
    }
    stop.abort();
    await loop;
    for (const daemon of [one, two]) daemon.signal('SIGTERM');
    expect([await one.ended, await two.ended]).toEqual([0, 0]);
    const saved = [one, two].map((daemon) => daemon.log.filter(isSaved).length);
    process.stderr.write(
      `${where}: ${DURATION_MS / 1000} s, ${edits} edits, ${await count()} snapshots, runs ${saved.join(' and ')}, loop ${codes.length}\n`,
    );
    expect(codes.every((code) => code === 0)).toBe(true);
    expect(await count()).toBe(1 + edits);
    expect(await place.store.readDocument(leaseName('default'))).toBeNull();
  });

  it('two daemons and a loop of backups go on when its holder is killed: at once on the same machine, else when the lock has died', async () => {
    connectSourceControl(n8n.state, [{ type: 'workflow', id: 'x', name: 'x', status: 'created', conflict: false }]);
    n8n.fault({ path: '/source-control/status', action: 'stall', times: 100 });
    const holder = spawn(command!, [...elsewhere, process.execPath, ENTRY, 'pull'], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, ...environment('holder', place) },
      stdio: 'ignore',
    });
    await expect.poll(() => place.store.readDocument(leaseName('default')), { timeout: 30_000 }).not.toBeNull();
    holder.kill('SIGKILL');
    const before = await count();
    addWorkflow(n8n.state, { id: 'after', name: 'After the kill' });
    const began = performance.now();
    const { code } = await flowkeep(['backup'], { cwd: folder, env: environment('three', place) });
    const tookMs = performance.now() - began;
    process.stderr.write(`${where}: the lock of a killed run was taken over after ${Math.round(tookMs / 1000)} s\n`);
    expect(code).toBe(0);
    expect(await count()).toBe(before + 1);
    expect(tookMs).toBeGreaterThan(livesMs);
    expect(tookMs).toBeLessThan(livesMs + 30_000);
    expect(await place.store.readDocument(leaseName('default'))).toBeNull();
  });
});

function isSaved({ msg, status }: Record<string, unknown>): boolean {
  return String(msg).startsWith('run ended') && status === 'success';
}
