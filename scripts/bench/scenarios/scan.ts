import { scanTexts } from '../../../src/snapshot/secrets/scan-texts.ts';
import { applyKnownRule, knownRules } from '../../../src/snapshot/secrets/known-formats.ts';
import { applyRule } from '../../../src/snapshot/secrets/rules/rule.ts';
import { RULES } from '../../../src/snapshot/secrets/rules/text-rules.ts';
import { GENERIC_PUMPS, patternsOf, pumpsFor, type Pump } from '../../../test/support/adversarial-texts.ts';
import type { Scenario } from '../bench.ts';
import type { Comparison, Result } from '../result.ts';

/**
 * The scan for secrets in texts that are made to take long: each rule on the text that it takes longest for, of those
 * that are made of its own pattern and some that patterns trip over.
 */
export const scan: Scenario = {
  name: 'scan',
  async run({ sizes: { fuzzedMegabytes } }): Promise<Result> {
    const [short, long] = fuzzedMegabytes.map((megabytes) => megabytes * 1e6) as [number, number];
    const linear = long / short;
    const measured: { name: string; seconds: number; ratio: number }[] = [];
    for (const { name, pumps, work } of await rules()) {
      const slowest = await slowestOf(pumps, long / 64, work);
      const before = await best(slowest.text(short), work);
      const seconds = await best(slowest.text(long), work);
      measured.push({ name: `${name}: ${shown(slowest.name)}`, seconds, ratio: seconds / before });
    }
    return {
      title: 'Scan for secrets',
      about:
        `Each rule on ${long / 1e6} million characters of the text that it takes longest for, and how many times ` +
        `as long that takes as ${short / 1e6} million of it: linear is ${linear}, quadratic is ${linear ** 2}.`,
      times: measured.map(({ name, seconds }) => ({ name, seconds: [seconds] })),
      comparisons: measured.map(({ name, ratio }): Comparison => ({ name, values: [ratio], limit: 2 * linear })),
      notes: [],
    };
  },
};

interface Rule {
  readonly name: string;
  readonly pumps: readonly Pump[];
  readonly work: (text: string) => unknown;
}

/** Every rule, and all of them together as a backup applies them. */
async function rules(): Promise<Rule[]> {
  const own = RULES.map((rule): Rule => {
    const pumps = [...GENERIC_PUMPS, ...pumpsFor(rule.pattern)];
    return { name: rule.rule, pumps, work: (text) => applyRule(rule, text) };
  });
  const known: Rule[] = [];
  for (const rule of await knownRules()) {
    const work = (text: string): Promise<unknown> => applyKnownRule(rule, text);
    const patterns = await patternsOf(() => work('text'));
    known.push({ name: rule.meta.id, pumps: [...GENERIC_PUMPS, ...patterns.flatMap((each) => pumpsFor(each))], work });
  }
  const all: Rule = {
    name: 'all',
    pumps: [...own, ...known].flatMap(({ pumps }) => pumps.slice(GENERIC_PUMPS.length)),
    work: (text) => scanTexts([{ text, name: 'value', path: ['value'] }], 'all'),
  };
  return [...own, ...known, all];
}

async function slowestOf(pumps: readonly Pump[], length: number, work: Rule['work']): Promise<Pump> {
  let slowest = { pump: pumps[0]!, seconds: 0 };
  for (const pump of pumps) {
    const seconds = await secondsOf(pump.text(length), work);
    if (seconds > slowest.seconds) slowest = { pump, seconds };
  }
  return slowest.pump;
}

/** The best of five: whatever else the machine does makes them longer alone. */
async function best(text: string, work: Rule['work']): Promise<number> {
  let seconds = Infinity;
  for (let round = 0; round < 5; round++) seconds = Math.min(seconds, await secondsOf(text, work));
  return seconds;
}

async function secondsOf(text: string, work: Rule['work']): Promise<number> {
  const started = performance.now();
  await work(text);
  return (performance.now() - started) / 1000;
}

/** In a table of Markdown. */
function shown(name: string): string {
  const short = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  return `\`${short.replaceAll('|', '¦').replaceAll('`', "'")}\``;
}
