import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { run } from '../../../src/cli/run.ts';

export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, which takes a tenth of the time of a process of its own. */
export async function runCommand(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<CommandRun> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => (written[name] += text),
    isTTY: false,
  });
  const code = await run({
    argv: args,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    cwd,
    temporaryFolder: tmpdir(),
    stdin: () => Readable.from([]),
    limitMemory: () => undefined,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    pid: process.pid,
    onHangup: () => ({ [Symbol.dispose]: () => undefined }),
    signal: new AbortController().signal,
  });
  return { code, ...written };
}
