import type { Bench, Scenario } from '../bench.ts';
import { alternate, perRound } from '../alternate.ts';
import { timesOf } from '../result.ts';

/** What a command costs that does nothing. */
export const startUp: Scenario = {
  name: 'start-up',
  async run(bench) {
    const cwd = await bench.newFolder('start-up');
    const start = async (flag: string): Promise<number> =>
      (await bench.flowkeep({ args: [flag], cwd, label: `start-up${flag}` })).seconds;
    await warmUp(bench, start);
    const seconds = await alternate(
      bench.sizes.startRounds,
      {
        'node -e 0': () => bench.emptyNode(),
        'flowkeep --version': () => start('--version'),
        'flowkeep --help': () => start('--help'),
      },
      () => undefined,
    );
    const overNode = (name: 'flowkeep --version' | 'flowkeep --help'): number[] =>
      perRound(seconds, (of) => of(name) / of('node -e 0'));
    return {
      title: 'Start-up',
      about:
        'The built program, run through the link that npm makes, against a Node that does nothing. ' +
        '`node -e 0` is the floor of every program in Node.',
      times: timesOf(seconds),
      comparisons: [
        { name: '`flowkeep --version` over `node -e 0`', values: overNode('flowkeep --version'), limit: 1.5 },
        { name: '`flowkeep --help` over `node -e 0`', values: overNode('flowkeep --help'), limit: 2 },
      ],
      notes: [],
    };
  },
};

/** Once each, so that the files are in the page cache, and whatever is compiled once for all runs is. */
async function warmUp(bench: Bench, start: (flag: string) => Promise<number>): Promise<void> {
  await bench.emptyNode();
  await start('--version');
  await start('--help');
}
