import type { Bench, Scenario, Target } from '../bench.ts';
import { alternate, perRound } from '../alternate.ts';
import { describeRequests, type Floor } from '../floor.ts';
import { timesOf, type Comparison, type Result } from '../result.ts';
import { startServer } from '../servers/fork.ts';
import type { StandInSettings } from '../servers/n8n.ts';

/** Whether ten times as much costs ten times as much: many workflows. */
export const manyWorkflows: Scenario = {
  name: 'many-workflows',
  async run(bench) {
    const { fewWorkflows, manyWorkflows, manyWorkflowRounds } = bench.sizes;
    return measureGrowth(bench, {
      name: 'many-workflows',
      counts: [fewWorkflows, manyWorkflows],
      rounds: manyWorkflowRounds,
      settings: (workflows) => ({ workflows, rows: 0 }),
      item: 'workflow',
      kinds: 'workflows',
      limits: { cost: 1.2 },
    });
  },
};

/** Whether ten times as much costs ten times as much, in the same memory: many rows. */
export const manyRows: Scenario = {
  name: 'many-rows',
  async run(bench) {
    const { fewRows, manyRows, manyRowRounds } = bench.sizes;
    return measureGrowth(bench, {
      name: 'many-rows',
      counts: [fewRows, manyRows],
      rounds: manyRowRounds,
      settings: (rows) => ({ workflows: 0, rows }),
      item: 'row',
      kinds: 'data-tables',
      limits: { cost: 1.1, peakMegabytes: 200, peakGrowth: 1.1 },
    });
  },
};

interface Growth {
  readonly name: string;
  readonly counts: readonly [few: number, many: number];
  readonly rounds: number;
  readonly settings: (count: number) => StandInSettings;
  readonly item: string;
  readonly kinds: string;
  readonly limits: { readonly cost: number; readonly peakMegabytes?: number; readonly peakGrowth?: number };
}

async function measureGrowth(bench: Bench, growth: Growth): Promise<Result> {
  const [few, many] = growth.counts;
  await using small = await startServer<Target>('n8n.ts', growth.settings(few));
  await using large = await startServer<Target>('n8n.ts', growth.settings(many));
  const fewer = await Backups.of(bench, growth, small.ready, few);
  const more = await Backups.of(bench, growth, large.ready, many);
  const seconds = await alternate(
    growth.rounds,
    {
      ...prefixed('few', fewer.contenders()),
      ...prefixed('many', more.contenders()),
    },
    (round) => bench.say(`round ${round} of ${growth.rounds}`),
  );
  const named = Object.entries(seconds).map(([key, values]): [string, readonly number[]] => [
    key.replace(/^few/, `${few.toLocaleString('en')}:`).replace(/^many/, `${many.toLocaleString('en')}:`),
    values,
  ]);
  const perItem = (what: What): number[] =>
    perRound(seconds, (of) => of(`many ${what}`) / many / (of(`few ${what}`) / few));
  const sizes = `${many.toLocaleString('en')} against ${few.toLocaleString('en')} ${growth.item}s`;
  const overFloor = (size: 'few' | 'many', what: What, floor: What): number[] =>
    perRound(seconds, (of) => of(`${size} ${what}`) / of(`${size} ${floor}`));
  return {
    title: `Growth: ${sizes}`,
    about:
      'On the stand-in n8n of the tests, in a process of its own, since a real one would take ' +
      `too long to fill. What counts is the time of one ${growth.item} at the larger size over ` +
      'its time at the smaller one: 1 is linear. The same of the bare client is beside it, since ' +
      `the stand-in need not be linear itself. Memory is the peak of flowkeep's own process, ` +
      `without git's, and the larger one of a first and an unchanged run.`,
    times: timesOf(Object.fromEntries(named)),
    comparisons: [
      {
        name: `first run, git: time of a ${growth.item}, ${sizes}`,
        values: perItem('first run'),
        limit: growth.limits.cost,
      },
      {
        name: `unchanged, git: time of a ${growth.item}, ${sizes}`,
        values: perItem('unchanged'),
        limit: growth.limits.cost,
      },
      { name: `bare client, first run: time of a ${growth.item}`, values: perItem('bare client, first') },
      { name: `bare client, unchanged: time of a ${growth.item}`, values: perItem('bare client, unchanged') },
      {
        name: `first run over the bare client, ${many.toLocaleString('en')}`,
        values: overFloor('many', 'first run', 'bare client, first'),
      },
      {
        name: `unchanged over the bare client, ${many.toLocaleString('en')}`,
        values: overFloor('many', 'unchanged', 'bare client, unchanged'),
      },
      ...comparePeaks(growth, fewer, more),
    ],
    notes: [
      `Requests of a first run with ${many.toLocaleString('en')}: ` +
        `${describeRequests(more.floors.first.requests)}; of an unchanged one: ` +
        `${describeRequests(more.floors.unchanged.requests)}.`,
    ],
  };
}

type What = 'bare client, first' | 'first run' | 'bare client, unchanged' | 'unchanged';

/** The runs at one size. */
class Backups {
  readonly floors: { readonly first: Floor; readonly unchanged: Floor };
  /** Bytes, for each round those of the run that took the most. */
  readonly peaks: number[] = [];
  readonly #bench: Bench;
  readonly #growth: Growth;
  readonly #target: Target;
  readonly #count: number;
  #cwd = '';

  private constructor(
    bench: Bench,
    growth: Growth,
    target: Target,
    count: number,
    floors: { readonly first: Floor; readonly unchanged: Floor },
  ) {
    this.#bench = bench;
    this.#growth = growth;
    this.#target = target;
    this.#count = count;
    this.floors = floors;
  }

  static async of(bench: Bench, growth: Growth, target: Target, count: number): Promise<Backups> {
    const cwd = await bench.newFolder(growth.name);
    const env = { FLOWKEEP_KINDS: growth.kinds };
    const record = (name: string): Promise<Floor> =>
      bench.floorOf(`${name}-${count}`, target, (through) =>
        bench.backup(through, { cwd, label: `recorded ${name}`, env }),
      );
    const first = await record('first');
    return new Backups(bench, growth, target, count, { first, unchanged: await record('unchanged') });
  }

  contenders(): Record<What, () => Promise<number>> {
    return {
      'bare client, first': async () => (await this.floors.first.measure()).processSeconds,
      'first run': async () => {
        this.#cwd = await this.#bench.newFolder(this.#growth.name);
        this.peaks.push(0);
        return this.#backup('first');
      },
      'bare client, unchanged': async () => (await this.floors.unchanged.measure()).processSeconds,
      unchanged: () => this.#backup('unchanged'),
    };
  }

  async #backup(label: string): Promise<number> {
    const done = await this.#bench.backup(this.#target, {
      cwd: this.#cwd,
      label: `${this.#growth.name} ${this.#count} ${label}`,
      env: { FLOWKEEP_KINDS: this.#growth.kinds },
    });
    this.peaks.push(Math.max(this.peaks.pop() ?? 0, done.peakBytes));
    return done.seconds;
  }
}

function prefixed<Prefix extends string, Name extends string>(
  prefix: Prefix,
  contenders: Readonly<Record<Name, () => Promise<number>>>,
): Record<`${Prefix} ${Name}`, () => Promise<number>> {
  const entries = Object.entries<() => Promise<number>>(contenders);
  return Object.fromEntries(entries.map(([name, run]) => [`${prefix} ${name}`, run])) as Record<
    `${Prefix} ${Name}`,
    () => Promise<number>
  >;
}

/** Resident memory of flowkeep's own process, without the git that it starts. */
function comparePeaks({ limits, item, counts }: Growth, fewer: Backups, more: Backups): Comparison[] {
  const megabytes = (bytes: number): number => bytes / 1e6;
  const limit = limits.peakMegabytes === undefined ? {} : { limit: limits.peakMegabytes };
  const growth = limits.peakGrowth === undefined ? {} : { limit: limits.peakGrowth };
  const [few, many] = counts.map((count) => `${count.toLocaleString('en')} ${item}s`);
  return [
    { name: `peak memory, ${few}`, values: fewer.peaks.map(megabytes), unit: 'MB', ...limit },
    { name: `peak memory, ${many}`, values: more.peaks.map(megabytes), unit: 'MB', ...limit },
    {
      name: `peak memory, ${many} over ${few}`,
      values: more.peaks.map((peak, run) => peak / (fewer.peaks[run] ?? Number.NaN)),
      ...growth,
    },
  ];
}
