import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startN8n, type RunningN8n } from '../../../test/support/n8n/start.ts';
import { alternate, perRound } from '../alternate.ts';
import type { Bench, Scenario } from '../bench.ts';
import { editWorkflow, fillCredentials, fillWorkflows } from '../fill.ts';
import { describeRequests, type Floor } from '../floor.ts';
import { addAndCommit, countWrites, fingerprint } from '../git-files.ts';
import { timesOf, type Comparison } from '../result.ts';
import type { S3Server } from '../servers/s3.ts';
import { startServer, type ServerProcess } from '../servers/fork.ts';

/** Backups of a real n8n to git and to S3, against the floor and against n8n's own export. */
export const backup: Scenario = {
  name: 'backup',
  async run(bench) {
    const { workflows, credentials, backupRounds } = bench.sizes;
    await using n8n = await startN8n({ licensed: false });
    await fillWorkflows(n8n, workflows);
    await fillCredentials(n8n, credentials);
    await using s3 = await startServer<S3Server>('s3.ts', {});
    const floors = await recordFloors(bench, n8n);
    const work = new Backups(bench, n8n, s3);
    const inTurn = await contenders(bench, n8n, floors, work);
    const seconds = await alternate(backupRounds, inTurn, (round) => bench.say(`round ${round} of ${backupRounds}`));
    const failure = await exportTooMany(bench, n8n);
    return {
      title: `Backup of ${workflows} workflows`,
      about: about(workflows, credentials),
      times: timesOf(seconds),
      comparisons: [...compare(seconds), ...work.writes()],
      notes: [
        ...Object.entries(floors).map(([name, floor]) => `Requests of ${name}: ${describeRequests(floor.requests)}.`),
        ...failure,
      ],
    };
  },
};

type Floors = Readonly<Record<'a first run' | 'an unchanged run' | 'a run with one edit', Floor>>;

/** Notes what flowkeep asks for in each kind of run; this is the warm-up of the real n8n, too. */
async function recordFloors(bench: Bench, n8n: RunningN8n): Promise<Floors> {
  const cwd = await bench.newFolder('recorded');
  const record = (name: string): Promise<Floor> =>
    bench.floorOf(name, n8n, (through) => bench.backup(through, { cwd, label: `recorded ${name}` }));
  const first = await record('first');
  const unchanged = await record('unchanged');
  await editWorkflow(n8n, -1);
  return { 'a first run': first, 'an unchanged run': unchanged, 'a run with one edit': await record('edit') };
}

/** flowkeep's runs of a round: each goes on where the one before left the store. */
class Backups {
  readonly #bench: Bench;
  readonly #n8n: RunningN8n;
  readonly #s3: ServerProcess<S3Server>;
  #cwd = '';
  #s3Store: Record<string, string> = {};
  #round = 0;
  readonly #gitWrites: number[] = [];
  readonly #s3Writes: number[] = [];

  constructor(bench: Bench, n8n: RunningN8n, s3: ServerProcess<S3Server>) {
    this.#bench = bench;
    this.#n8n = n8n;
    this.#s3 = s3;
  }

  get repository(): string {
    return join(this.#cwd, 'n8n-backup');
  }

  /** Begins a round with empty stores. */
  async first(): Promise<number> {
    this.#round++;
    this.#cwd = await this.#bench.newFolder('backup');
    const { endpoint, bucket, accessKey } = this.#s3.ready;
    this.#s3Store = {
      FLOWKEEP_STORE: `s3://${bucket}/round-${this.#round}?region=us-east-1&endpoint=${encodeURIComponent(endpoint)}`,
      FLOWKEEP_S3_FORCE_PATH_STYLE: 'true',
      FLOWKEEP_S3_ACCESS_KEY_ID: accessKey,
      FLOWKEEP_S3_SECRET_ACCESS_KEY: 'secret',
    };
    return this.toGit('git first');
  }

  async toGit(label: string): Promise<number> {
    return (await this.#bench.backup(this.#n8n, { cwd: this.#cwd, label })).seconds;
  }

  async toS3(label: string): Promise<number> {
    return (await this.#bench.backup(this.#n8n, { cwd: this.#cwd, label, env: this.#s3Store })).seconds;
  }

  async unchangedToGit(): Promise<number> {
    const before = await fingerprint(this.repository);
    const seconds = await this.toGit('git unchanged');
    this.#gitWrites.push(countWrites(before, await fingerprint(this.repository)));
    return seconds;
  }

  async unchangedToS3(): Promise<number> {
    await this.#s3.ask('writes');
    const seconds = await this.toS3('s3 unchanged');
    this.#s3Writes.push((await this.#s3.ask('writes')) as number);
    return seconds;
  }

  async editedToGit(): Promise<number> {
    await editWorkflow(this.#n8n, this.#round);
    return this.toGit('git edit');
  }

  writes(): Comparison[] {
    return [
      { name: 'files written by an unchanged run, git', values: this.#gitWrites, limit: 0, unit: 'writes' },
      { name: 'objects written by an unchanged run, S3', values: this.#s3Writes, limit: 0, unit: 'writes' },
    ];
  }
}

async function contenders(bench: Bench, n8n: RunningN8n, floors: Floors, work: Backups) {
  const requests = (name: keyof Floors) => async () => (await floors[name].measure()).seconds;
  let commit = 0;
  return {
    'node -e 0': () => bench.emptyNode(),
    'floor of a first run': requests('a first run'),
    'flowkeep, first run, git': () => work.first(),
    'git add': async () => {
      const took = await addAndCommit(bench, work.repository);
      commit = took.commit;
      return took.add;
    },
    'git commit': async () => commit,
    'floor of an unchanged run': requests('an unchanged run'),
    'flowkeep, unchanged, git': () => work.unchangedToGit(),
    'flowkeep, first run, S3': () => work.toS3('s3 first'),
    'flowkeep, unchanged, S3': () => work.unchangedToS3(),
    'floor of a run with one edit': requests('a run with one edit'),
    'flowkeep, one edit, git': () => work.editedToGit(),
    'flowkeep, one edit, S3': () => work.toS3('s3 edit'),
    'n8n export:workflow --backup': () => exportByN8n(bench, n8n, 'export:workflow', bench.sizes.workflows),
    'n8n export:credentials --backup': () => exportByN8n(bench, n8n, 'export:credentials', bench.sizes.credentials),
  };
}

type Seconds = Readonly<Record<keyof Awaited<ReturnType<typeof contenders>>, readonly number[]>>;

function compare(seconds: Seconds): Comparison[] {
  const later = (store: 'git' | 'S3', what: 'unchanged' | 'one edit'): Comparison[] => {
    const floor = what === 'unchanged' ? 'floor of an unchanged run' : 'floor of a run with one edit';
    const run = `flowkeep, ${what}, ${store}` as const;
    return [
      {
        name: `${what}, ${store}: above \`node -e 0\`, over the floor`,
        values: perRound(seconds, (of) => (of(run) - of('node -e 0')) / of(floor)),
        ...(store === 'git' ? { limit: 1.3 } : {}),
      },
      {
        name: `${what}, ${store}: over n8n's own export`,
        values: perRound(
          seconds,
          (of) => of(run) / (of('n8n export:workflow --backup') + of('n8n export:credentials --backup')),
        ),
        limit: 0.5,
      },
    ];
  };
  return [
    {
      name: 'first run, git: above `node -e 0`, `git add` and `git commit`, over the floor',
      values: perRound(
        seconds,
        (of) =>
          (of('flowkeep, first run, git') - of('node -e 0') - of('git add') - of('git commit')) /
          of('floor of a first run'),
      ),
      limit: 1.15,
    },
    {
      name: 'first run, S3: above `node -e 0`, over the floor',
      values: perRound(seconds, (of) => (of('flowkeep, first run, S3') - of('node -e 0')) / of('floor of a first run')),
    },
    ...later('git', 'unchanged'),
    ...later('git', 'one edit'),
    ...later('S3', 'unchanged'),
    ...later('S3', 'one edit'),
  ];
}

/** n8n's own way, which needs a shell beside n8n and its database. */
async function exportByN8n(bench: Bench, n8n: RunningN8n, command: string, files: number): Promise<number> {
  const output = await bench.newFolder('export');
  const started = performance.now();
  await n8n.cli([command, '--backup', `--output=${output}`]);
  const seconds = (performance.now() - started) / 1000;
  const written = (await readdir(output)).length;
  if (written !== files) throw new Error(`${command} wrote ${written} files instead of ${files}`);
  return seconds;
}

/** n8n's own export beyond 1,000 workflows on SQLite. It fails; should a later n8n manage, then the report says so. */
async function exportTooMany(bench: Bench, n8n: RunningN8n): Promise<string[]> {
  const { overExport } = bench.sizes;
  if (overExport === null) return [];
  await fillWorkflows(n8n, overExport);
  const output = await bench.newFolder('export');
  const command = `\`n8n export:workflow --backup\` with ${overExport} workflows on SQLite`;
  const backedUp = await bench.backup(n8n, { cwd: await bench.newFolder('over'), label: 'over' });
  const beside = `\`flowkeep backup\` of the same instance took ${backedUp.seconds.toFixed(1)} s.`;
  try {
    await n8n.cli(['export:workflow', '--backup', `--output=${output}`]);
    return [`${command} wrote ${(await readdir(output)).length} files; ${beside}`];
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    const reason = /SQLITE_ERROR: .*/.exec(`${stdout}\n${stderr}`)?.[0];
    if (reason === undefined) throw error;
    return [`${command} fails: \`${reason}\`; ${beside}`];
  }
}

function about(workflows: number, credentials: number): string {
  return (
    `A real n8n with ${workflows} workflows of 15 nodes each and ${credentials} credentials. The ` +
    'floor is what the same requests take a bare client, without the start of its process; what ' +
    `flowkeep may take besides, \`node -e 0\` and git's own \`add\` and \`commit\` of the same ` +
    'files, is taken off before the ratio. S3 is the small in-memory server of the tests, in a ' +
    `process of its own. n8n's own export is the sum of \`export:workflow --backup\` and ` +
    `\`export:credentials --backup\`; it runs beside the server and reads its database.`
  );
}
