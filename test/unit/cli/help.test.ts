import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { Io } from '../../../src/cli/io.ts';
import { makeProgram } from '../../../src/cli/program.ts';
import { EXIT } from '../../../src/lib/exit-codes.ts';

const io: Io = {
  argv: [],
  env: {},
  cwd: '/',
  temporaryFolder: '/',
  stdin: () => new PassThrough(),
  stdout: { write: () => true },
  stderr: { write: () => true },
  pid: 1,
  onHangup: () => ({ [Symbol.dispose]() {} }),
  allowToStop() {},
  limitMemory() {},
  signal: new AbortController().signal,
};
const program = makeProgram(io, { code: EXIT.done });
const commands = program.commands.flatMap((command) =>
  command.commands.length === 0 ? [command] : [...command.commands],
);

function pathOf(command: Command): string {
  return command.parent === program ? command.name() : `${command.parent!.name()} ${command.name()}`;
}

function readRoot(file: string): string {
  return readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
}

describe('--help', () => {
  it.each(commands.map((command) => [pathOf(command), command] as const))(
    '--help of `flowkeep %s` shows the flags that every command takes',
    (_name, command) => {
      const help = command.helpInformation();
      for (const option of program.options) expect(help).toContain(option.flags);
    },
  );
});

describe('the list of commands', () => {
  it('the list of commands in the README names each command once', () => {
    const listed = [...readRoot('README.md').matchAll(/^\| `flowkeep (\w+)/gm)].map(([, name]) => name!);
    expect(listed.toSorted()).toEqual(program.commands.map((command) => command.name()).toSorted());
  });

  it('the list of commands in the CHANGELOG introduces no command twice', () => {
    const introduced = [...readRoot('CHANGELOG.md').matchAll(/^- `flowkeep (\w+)`/gm)].map(([, name]) => name);
    expect(introduced).toEqual([...new Set(introduced)]);
  });
});
