import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { grepOutput } from './secrets/grep.ts';
import { plantEnvironment } from './secrets/planted.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCE = join(ROOT, 'src/main.ts');

export interface FlowkeepRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

export interface FlowkeepOptions {
  readonly cwd: string;
  /** Nothing of the tests' own environment but PATH and HOME reaches flowkeep. */
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
  /** The program that is run: the sources, or what `buildProgram` gives. */
  readonly program?: string;
  /** Called with the process as soon as it runs: to kill it, or to watch it. */
  readonly onStart?: (child: ChildProcess) => void;
}

/**
 * Builds the program that people run, and gives its path: to measure what the sources would not tell, since Node takes
 * the types out of those with a compiler of its own in each thread.
 */
export function buildProgram(): string {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.ts')]);
  return join(ROOT, 'dist/main.js');
}

/**
 * Runs the real program in a process of its own, as a user does, and waits for its end. What it gets of secrets by its
 * environment must not be in what it puts out.
 */
export async function flowkeep(args: readonly string[], options: FlowkeepOptions): Promise<FlowkeepRun> {
  const started = performance.now();
  const env = { PATH: process.env.PATH, HOME: options.cwd, ...options.env };
  plantEnvironment(env, options.cwd);
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), options.program ?? SOURCE, ...args], {
    cwd: options.cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.onStart?.(child);
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...ended: [number | null, NodeJS.Signals | null]) => resolve(ended));
    }),
  ]);
  const command = `flowkeep ${args.join(' ')}`;
  grepOutput(`the command line ${command}`, command);
  grepOutput(`stdout of ${command}`, stdout);
  grepOutput(`stderr of ${command}`, stderr);
  return { code, signal, stdout, stderr, durationMs: performance.now() - started };
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  let all = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) all += String(chunk);
  return all;
}
