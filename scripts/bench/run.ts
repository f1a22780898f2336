import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { peakMemory } from '../../test/support/peak-memory.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Finished {
  /** From the start of the process until it is gone and its output is closed. */
  readonly seconds: number;
  readonly stdout: string;
  /** Peak resident memory of this one process, without the processes that it starts. */
  readonly peakBytes: number;
}

/** Runs a process to its end. @throws Error where it does not end with exit code 0: the bench is broken then */
export async function run({ file, args, cwd, env }: Command): Promise<Finished> {
  const started = performance.now();
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  // An interrupted bench leaves nothing running.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(performance.now()) : reject(new Error(`exit code ${code}`))));
  });
  const [output, errors, peakBytes, end] = await Promise.allSettled([
    text(child.stdout),
    text(child.stderr),
    peakMemory(child),
    ended,
  ]);
  process.off('exit', kill);
  const stdout = output.status === 'fulfilled' ? output.value : '';
  if (end.status === 'rejected' || peakBytes.status === 'rejected') {
    const stderr = errors.status === 'fulfilled' ? errors.value : '';
    throw new Error(`${[file, ...args].join(' ')} failed in ${cwd}:\n${stdout}${stderr}`);
  }
  return { seconds: (end.value - started) / 1000, stdout, peakBytes: peakBytes.value };
}
