import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { run } from '../../../src/cli/run.ts';
import { grepOutput } from '../secrets/grep.ts';
import { plantEnvironment } from '../secrets/planted.ts';

export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What somebody types at a terminal; without it there is none. */
  readonly answer?: string;
}

/** Runs a command line in this process, which takes a tenth of the time of a process of its own. */
export async function runCommand(args: readonly string[], { cwd, env, answer }: CommandOptions): Promise<CommandRun> {
  plantEnvironment(env, cwd);
  const stdin = Object.assign(Readable.from(answer === undefined ? [] : [answer]), { isTTY: answer !== undefined });
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
    stdin: () => stdin,
    allowToStop: () => undefined,
    limitMemory: () => undefined,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    pid: process.pid,
    onHangup: () => ({ [Symbol.dispose]: () => undefined }),
    signal: new AbortController().signal,
  });
  for (const [stream, text] of Object.entries(written)) grepOutput(`${stream} of ${args.join(' ')}`, text);
  return { code, ...written };
}
