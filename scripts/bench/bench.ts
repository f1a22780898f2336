import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { CONCURRENCY, makeFloor, REQUESTS_PER_SECOND, type Floor } from './floor.ts';
import { profilingOptions } from './profile.ts';
import { startRecorder } from './recorder.ts';
import type { Result } from './result.ts';
import { run, type Finished } from './run.ts';
import type { Sizes } from './sizes.ts';

/** What the bench measures in one go, on servers of its own. */
export interface Scenario {
  readonly name: string;
  run(bench: Bench): Promise<Result>;
}

/** An n8n, real or not, as a scenario talks to it. */
export interface Target {
  readonly url: string;
  readonly apiKey: string;
}

export interface BenchOptions {
  readonly sizes: Sizes;
  /** An existing folder for everything that is written. */
  readonly folder: string;
  /** flowkeep as npm installs it: a link to the built main.js, which the kernel runs by its first line. */
  readonly program: string;
  /** Where profiles of flowkeep's processes go; null: none are made. */
  readonly profiles: string | null;
  readonly say: (line: string) => void;
}

export interface FlowkeepRun {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What the profile is called. */
  readonly label: string;
}

/** What the scenarios share: processes in an environment of their own, and folders that end with the bench. */
export class Bench {
  readonly sizes: Sizes;
  readonly say: (line: string) => void;
  readonly #options: BenchOptions;

  constructor(options: BenchOptions) {
    this.sizes = options.sizes;
    this.say = options.say;
    this.#options = options;
  }

  newFolder(name: string): Promise<string> {
    return mkdtemp(join(this.#options.folder, `${name}-`));
  }

  /** One run of the built program, as a user starts it. */
  async flowkeep({ args, cwd, env, label }: FlowkeepRun): Promise<Finished> {
    const { profiles, program } = this.#options;
    const profiling = profiles === null ? {} : profilingOptions(profiles, label);
    return run({ file: program, args, cwd, env: { ...(await this.#environment()), ...profiling, ...env } });
  }

  /** A backup of a target, into the default git store below `cwd` unless `env` says otherwise. */
  backup(target: Target, { cwd, label, env }: Omit<FlowkeepRun, 'args'>): Promise<Finished> {
    const args = ['backup', '--quiet', '--log-level', 'error'];
    return this.flowkeep({ args, cwd, label, env: { ...environmentFor(target), ...env } });
  }

  /** `node -e 0`: the least that any program in Node takes. */
  async emptyNode(): Promise<number> {
    const command = { file: process.execPath, args: ['-e', '0'], cwd: this.#options.folder, env: {} };
    return (await run(command)).seconds;
  }

  /** Seconds of `git`, with nothing of the machine's configuration. */
  async git(cwd: string, ...args: string[]): Promise<number> {
    return (await run({ file: 'git', args, cwd, env: { ...(await this.#environment()), ...GIT } })).seconds;
  }

  /** Has flowkeep work through a proxy that notes its requests, and makes a bare client of them. */
  async floorOf(name: string, target: Target, work: (through: Target) => Promise<unknown>): Promise<Floor> {
    await using recorder = await startRecorder(target.url);
    await work({ ...target, url: recorder.url });
    return makeFloor(await this.newFolder('floor'), name, target.url, recorder.take());
  }

  /** One home for all runs, as a user has one: what a program keeps between its runs it may use. */
  async #environment(): Promise<Record<string, string>> {
    const home = join(this.#options.folder, 'home');
    await mkdir(home, { recursive: true });
    return { PATH: `${join(process.execPath, '..')}:${process.env.PATH ?? ''}`, HOME: home };
  }
}

const GIT = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'bench',
  GIT_AUTHOR_EMAIL: 'bench@flowkeep.test',
  GIT_COMMITTER_NAME: 'bench',
  GIT_COMMITTER_EMAIL: 'bench@flowkeep.test',
};

/** flowkeep's settings for a target, with a rate that does not hold it back. */
export function environmentFor({ url, apiKey }: Target): Record<string, string> {
  return {
    N8N_URL: url,
    N8N_API_KEY: apiKey,
    FLOWKEEP_RATE_LIMIT_CONCURRENCY: String(CONCURRENCY),
    FLOWKEEP_RATE_LIMIT_REQUESTS_PER_SECOND: String(REQUESTS_PER_SECOND),
  };
}
