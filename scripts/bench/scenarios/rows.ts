import { startN8n } from '../../../test/support/n8n/start.ts';
import { alternate, perRound } from '../alternate.ts';
import type { Scenario } from '../bench.ts';
import { fillRows } from '../fill.ts';
import { describeRequests } from '../floor.ts';
import { timesOf } from '../result.ts';

/** The rows of a data table of a real n8n. */
export const rows: Scenario = {
  name: 'rows',
  async run(bench) {
    const { rows, rowRounds } = bench.sizes;
    await using n8n = await startN8n({ licensed: false });
    await fillRows(n8n, rows);
    const env = { FLOWKEEP_KINDS: 'data-tables' };
    let cwd = await bench.newFolder('rows');
    const backup = async (label: string): Promise<number> =>
      (await bench.backup(n8n, { cwd, label: `rows ${label}`, env })).seconds;
    const floor = await bench.floorOf('rows', n8n, (through) =>
      bench.backup(through, { cwd, label: 'rows recorded', env }),
    );
    const seconds = await alternate(
      rowRounds,
      {
        'bare client, whole process': async () => (await floor.measure()).processSeconds,
        'flowkeep, first run, git': async () => {
          cwd = await bench.newFolder('rows');
          return backup('first');
        },
        'flowkeep, unchanged, git': () => backup('unchanged'),
      },
      (round) => bench.say(`round ${round} of ${rowRounds}`),
    );
    const overFloor = (name: 'flowkeep, first run, git' | 'flowkeep, unchanged, git'): number[] =>
      perRound(seconds, (of) => of(name) / of('bare client, whole process'));
    return {
      title: `Backup of ${rows.toLocaleString('en')} rows`,
      about:
        'A data table of four columns on a real n8n, and nothing else. n8n gives rows out in pages of ' +
        '250, each of which needs the last id of the one before, so the requests follow one another. ' +
        'Whole processes on both sides, and nothing taken off.',
      times: timesOf(seconds),
      comparisons: [
        { name: 'first run, git, over the floor', values: overFloor('flowkeep, first run, git'), limit: 1.2 },
        { name: 'unchanged, git, over the floor', values: overFloor('flowkeep, unchanged, git'), limit: 1.2 },
      ],
      notes: [`Requests: ${describeRequests(floor.requests)}.`],
    };
  },
};
