import { Budget } from '../../../src/diff/budget.ts';
import { diffLines } from '../../../src/diff/text/lines.ts';
import { ADVERSARIAL_TEXTS, type MakeTexts } from '../../../test/support/hostile/texts-to-compare.ts';
import type { Scenario } from '../bench.ts';
import { alternate, perRound, type Contender } from '../alternate.ts';
import { timesOf } from '../result.ts';

/** Whether five times as much text takes five times as long to compare, also where it was made to take longer. */
export const diffFuzz: Scenario = {
  name: 'diff-fuzz',
  async run(bench) {
    const [small, large] = bench.sizes.fuzzedMegabytes;
    const sizes = { small, large };
    const contenders: Record<string, Contender> = {};
    for (const [what, make] of Object.entries(ADVERSARIAL_TEXTS))
      for (const [size, megabytes] of Object.entries(sizes)) contenders[`${what}, ${size}`] = compare(make, megabytes);
    for (const contender of Object.values(contenders)) await contender();
    const seconds = await alternate(bench.sizes.fuzzRounds, contenders, () => undefined);
    return {
      title: `Growth: texts of ${large} MB against ${small} MB, made to take long to compare`,
      about:
        'Two versions of a text, line by line, within one process, in seconds of the processor: others that use it do ' +
        'not count. The ratio is that of the times for each megabyte: ' +
        '1 where time grows in step with the text, below it where a text has changed as a whole.',
      times: timesOf(seconds),
      comparisons: Object.keys(ADVERSARIAL_TEXTS).map((what) => ({
        name: what,
        values: perRound(seconds, (of) => of(`${what}, large`) / large / (of(`${what}, small`) / small)),
        limit: 2,
      })),
      notes: [],
    };
  },
};

function compare(make: MakeTexts, megabytes: number): Contender {
  const sample = 10_000;
  const lines = Math.round((megabytes * 1e6 * sample) / make(sample)[0].length);
  const [from, to] = make(lines);
  return async () => {
    const before = process.cpuUsage();
    diffLines(from, to, new Budget());
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
}
