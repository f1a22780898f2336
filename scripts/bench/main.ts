/**
 * `npm run bench`: measures flowkeep against the floor of its requests and against n8n's own tools, and writes
 * docs/internal/benchmarks.md. About 15 minutes on an idle machine; n8n is installed first where it is not yet.
 *
 *   npm run bench                                the whole, into docs/internal/benchmarks.md
 *   npm run bench -- --short                     every step once with little, into a temporary file: does the bench
 *   work?
 *   npm run bench -- --only SCENARIO             one scenario alone, into a temporary file; may be repeated
 *   npm run bench -- --profile SCENARIO          CPU profiles of flowkeep in a scenario, and where its time goes
 */
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Bench, type Scenario } from './bench.ts';
import { machineFacts } from './machine.ts';
import { installProgram } from './program.ts';
import { printProfiles } from './print-profiles.ts';
import { intoPage, reportOf } from './report.ts';
import type { Result } from './result.ts';
import { FULL, SHORT } from './sizes.ts';
import { backup } from './scenarios/backup.ts';
import { diffFuzz } from './scenarios/diff-fuzz.ts';
import { manyRows, manyWorkflows } from './scenarios/growth.ts';
import { restore } from './scenarios/restore.ts';
import { rows } from './scenarios/rows.ts';
import { scan } from './scenarios/scan.ts';
import { startUp } from './scenarios/start-up.ts';

const SCENARIOS: readonly Scenario[] = [startUp, backup, rows, restore, manyWorkflows, manyRows, diffFuzz, scan];
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = join(ROOT, 'docs', 'internal', 'benchmarks.md');

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    profile: { type: 'string' },
  },
});
await main(values);

async function main(options: typeof values): Promise<void> {
  const chosen = choose(options.profile === undefined ? options.only : [options.profile]);
  const facts = machineFacts(ROOT);
  const folder = await mkdtemp(join(tmpdir(), 'flowkeep-bench-'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => endAt(signal, folder));
  try {
    say('building flowkeep');
    const program = await installProgram(ROOT, folder);
    const profiles = options.profile === undefined ? null : await mkdtemp(join(tmpdir(), 'flowkeep-profiles-'));
    const sizes = options.short ? SHORT : FULL;
    const once = { ...sizes, startRounds: 1, backupRounds: 1, rowRounds: 1, restoreRounds: 1 };
    const bench = new Bench({
      sizes: profiles === null ? sizes : { ...once, manyWorkflowRounds: 1, manyRowRounds: 1 },
      ...{ folder, program, profiles, say },
    });
    const { results, failures } = await runAll(bench, chosen);
    if (profiles !== null && failures.length === 0) {
      await printProfiles(profiles, (text) => void process.stdout.write(text));
    } else {
      const whole = !options.short && options.only.length === 0 && failures.length === 0;
      await writeReport(reportOf(facts, results), whole);
    }
    if (failures.length > 0) throw new AggregateError(failures, 'the bench is broken');
  } finally {
    // A process that ends may write its last file while its folder is being removed.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The servers end with this process; what they wrote goes after them. */
function endAt(signal: NodeJS.Signals, folder: string): void {
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  process.exit(128 + constants.signals[signal]);
}

function choose(names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return SCENARIOS;
  return names.map((name) => {
    const found = SCENARIOS.find((scenario) => scenario.name === name);
    if (found) return found;
    const known = SCENARIOS.map((scenario) => scenario.name).join(', ');
    throw new Error(`there is no scenario ${name}; there are: ${known}`);
  });
}

interface Measured {
  readonly results: readonly Result[];
  readonly failures: readonly unknown[];
}

/** One scenario after another. One that breaks does not take with it what the others measure. */
async function runAll(bench: Bench, scenarios: readonly Scenario[]): Promise<Measured> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  for (const scenario of scenarios) {
    try {
      results.push(await runTwice(bench, scenario));
    } catch (error) {
      failures.push(error);
    }
  }
  return { results, failures };
}

/** A hiccup of one among hundreds of processes and servers does not cost the whole run; what breaks again is broken. */
async function runTwice(bench: Bench, scenario: Scenario): Promise<Result> {
  try {
    return await runOnce(bench, scenario);
  } catch {
    // runOnce has said what broke.
    return runOnce(bench, scenario);
  }
}

async function runOnce(bench: Bench, scenario: Scenario): Promise<Result> {
  const started = performance.now();
  say(`${scenario.name}: begins`);
  try {
    const result = await scenario.run(bench);
    say(`${scenario.name}: measured in ${Math.round((performance.now() - started) / 1000)} s`);
    return result;
  } catch (error) {
    say(`${scenario.name}: BROKEN: ${error instanceof Error ? error.stack : String(error)}`);
    throw error;
  }
}

/** Into the documentation, or from a part of the bench into a temporary copy of that page. */
async function writeReport(measured: string, whole: boolean): Promise<void> {
  const folder = whole ? null : await mkdtemp(join(tmpdir(), 'flowkeep-benchmarks-'));
  const file = folder === null ? PAGE : join(folder, 'benchmarks.md');
  await writeFile(file, await intoPage(await readFile(PAGE, 'utf8'), measured, PAGE));
  process.stdout.write(`${measured}\n\nwrote ${file}\n`);
}

function say(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
