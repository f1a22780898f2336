import { copyFile, cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { isJsonObject, parseJson } from '../../../src/lib/json/json.ts';
import { startN8n, type RunningN8n } from '../../../test/support/n8n/start.ts';
import { alternate, perRound } from '../alternate.ts';
import { environmentFor, type Bench, type Scenario, type Target } from '../bench.ts';
import { describeRequests, makeFloor, type Floor } from '../floor.ts';
import type { RecordedRequest } from '../recorder.ts';
import { timesOf } from '../result.ts';
import { startServer } from '../servers/fork.ts';
import type { StandInSettings } from '../servers/n8n.ts';

/** A whole instance brought back onto an empty n8n. */
export const restore: Scenario = {
  name: 'restore',
  async run(bench) {
    const { restoredWorkflows, restoreRounds } = bench.sizes;
    const store = await bench.newFolder('restore');
    await saveSource(bench, store);
    await using n8n = await startN8n({ licensed: false, dir: await bench.newFolder('n8n') });
    const empty = await keepEmpty(bench, n8n);
    const recorded = await bench.floorOf('restore', n8n, (through) => runRestore(bench, through, store));
    const packages = await onlyPackages(bench, n8n, recorded);
    const posts = await singlePosts(bench, n8n, store);
    const seconds = await alternate(
      restoreRounds,
      {
        'flowkeep restore': () => empty.putBack().then(() => runRestore(bench, n8n, store)),
        "n8n's own import of the same packages": () => empty.putBack().then(() => onEmpty(packages)),
        'single POSTs, four at a time': () => empty.putBack().then(() => onEmpty(posts)),
      },
      (round) => bench.say(`round ${round} of ${restoreRounds}`),
    );
    const ofImport = "n8n's own import of the same packages";
    return {
      title: `Restore of ${restoredWorkflows.toLocaleString('en')} workflows`,
      about:
        'The snapshot of one n8n, restored onto an empty one: a new process of n8n on a new database ' +
        'each time. flowkeep restore is the whole process, with its plan, the safety snapshot before, ' +
        'and the comparison of every workflow after. Against it: the packages that flowkeep sent, ' +
        'sent by a bare client, which is what n8n itself takes to import them; and the same workflows ' +
        'created by single requests, which gives them new ids.',
      times: timesOf(seconds),
      comparisons: [
        {
          name: "over n8n's own import of the same packages",
          values: perRound(seconds, (of) => of('flowkeep restore') / of(ofImport)),
          limit: 1.2,
        },
        {
          name: 'over single POSTs',
          values: perRound(seconds, (of) => of('flowkeep restore') / of('single POSTs, four at a time')),
        },
      ],
      notes: [
        `flowkeep sent ${packages.requests.length} packages, the first of them empty, to see whether ` +
          `any are taken. Its requests: ${describeRequests(recorded.requests)}.`,
      ],
    };
  },
};

const KINDS = { FLOWKEEP_KINDS: 'workflows' };

/** A snapshot to restore, taken of the stand-in n8n: where it comes from makes no difference to what is sent. */
async function saveSource(bench: Bench, store: string): Promise<void> {
  const settings: StandInSettings = { workflows: bench.sizes.restoredWorkflows, rows: 0 };
  await using source = await startServer<Target>('n8n.ts', settings);
  await bench.backup(source.ready, { cwd: store, label: 'restore source', env: KINDS });
}

interface EmptyInstance {
  /** Ends n8n, gives it the database of the beginning, and starts it again. */
  putBack(): Promise<void>;
}

/** Keeps a copy of an n8n's database as it is now: with the owner and the key, and without any workflow. */
async function keepEmpty(bench: Bench, n8n: RunningN8n): Promise<EmptyInstance> {
  const kept = join(await bench.newFolder('empty'), 'database.sqlite');
  const used = join(n8n.dir, '.n8n', 'database.sqlite');
  using database = new DatabaseSync(used, { readOnly: true });
  await backup(database, kept);
  return {
    async putBack() {
      await n8n.stop();
      for (const suffix of ['', '-wal', '-shm']) await rm(`${used}${suffix}`, { force: true });
      await copyFile(kept, used);
      await n8n.restart();
    },
  };
}

/** Restores from a copy of the store, since a restore leaves its safety snapshot and its notes of ids in it. */
async function runRestore(bench: Bench, target: Target, store: string): Promise<number> {
  const cwd = join(await bench.newFolder('restore'), 'copy');
  await cp(store, cwd, { recursive: true });
  const args = ['restore', '--yes', '--quiet', '--log-level', 'error'];
  return (await bench.flowkeep({ args, cwd, label: 'restore', env: { ...environmentFor(target), ...KINDS } })).seconds;
}

async function onEmpty(floor: Floor): Promise<number> {
  return (await floor.measure()).processSeconds;
}

async function onlyPackages(bench: Bench, n8n: RunningN8n, { requests }: Floor): Promise<Floor> {
  const imports = requests.filter(({ method, path }) => method === 'POST' && path.includes('/n8n-packages/import'));
  return makeFloor(await bench.newFolder('floor'), 'import', n8n.url, imports);
}

/** One request for each workflow of the snapshot, side by side. */
async function singlePosts(bench: Bench, n8n: RunningN8n, store: string): Promise<Floor> {
  const folder = join(store, 'n8n-backup', 'default', 'workflows');
  const requests: RecordedRequest[] = [];
  for (const name of await readdir(folder)) {
    const workflow = parseJson(await readFile(join(folder, name), 'utf8'));
    if (!isJsonObject(workflow)) throw new Error(`${name} is no workflow`);
    const { nodes, connections } = workflow;
    const body = JSON.stringify({ name: workflow.name, nodes, connections, settings: {} });
    requests.push({
      method: 'POST',
      path: '/api/v1/workflows',
      headers: { 'content-type': 'application/json', 'x-n8n-api-key': n8n.apiKey },
      bodyBase64: Buffer.from(body).toString('base64'),
      status: 200,
      chain: name,
    });
  }
  return makeFloor(await bench.newFolder('floor'), 'posts', n8n.url, requests);
}
