import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { InterruptedError, throwIfAborted } from '../../../lib/errors.ts';
import { type GitContext, repositoryVariables, withToken } from './git-environment.ts';
import { GitFailure } from './git-failure.ts';

export interface GitRunOptions {
  readonly signal?: AbortSignal | undefined;
  /** What git reads on stdin; default: nothing. */
  readonly input?: string;
  /** Ends git when it prints nothing for this long (ms); for commands that use the network and report progress. */
  readonly idleMs?: number;
  /** More variables for this process. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface GitOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** A running git whose stdin and stdout the caller uses. */
export interface RunningGit {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when git ended well; rejects with GitFailure or InterruptedError. Never rejects unobserved. */
  readonly done: Promise<void>;
  readonly stderr: () => string;
}

/** How long an interrupted git may take to clean up (ms) before it is killed. */
const GRACE_MS = 2000;

/**
 * Starts git in its own process group and gives its streams, for the commands that simple-git cannot run (all others
 * go through `git` in git.ts):
 * - `fast-import` and `cat-file --batch` exchange data with flowkeep while they run, and the output of `ls-tree -r` is
 *   read one entry at a time, since a small tree can stand for billions. simple-git returns the whole output at the
 *   end.
 * - `fetch`, `push`, `ls-remote`, `gc`, and `rev-parse` in a partial clone start other programs, such as
 *   git-remote-http. On an abort or a timeout simple-git sends a signal to git alone, and these programs keep running.
 * - `read-tree` updates the work tree, which takes seconds if there are many files. Ctrl-C in a terminal ends every
 *   process of flowkeep's own process group, including those of simple-git, and half of the files would be missing.
 * - `log` and `diff-tree` are the only other commands of an unchanged backup. Loading simple-git for them would take
 *   20 ms, about 5 % of such a run (measured with 300 workflows and a local repository).
 */
export function startGit(context: GitContext, args: readonly string[], options: GitRunOptions = {}): RunningGit {
  throwIfAborted(options.signal);
  const child = spawn('git', args, {
    cwd: context.workTree ?? context.gitDir,
    env: { ...withToken(repositoryVariables(context), args), ...options.variables },
    stdio: 'pipe',
    // Its own process group: ending it ends git's network helpers too, which outlive git otherwise.
    detached: true,
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr = `${stderr}${chunk.toString()}`.slice(-MAX_STDERR)));
  // A git that ends early breaks the pipe; its exit code and stderr say why it ended.
  child.stdin.on('error', () => child.stdin.destroy());
  const done = ended(child, args, options, () => stderr);
  done.catch(() => child.stdout.destroy());
  return { child, done, stderr: () => stderr };
}

const MAX_STDERR = 64 * 1024;

/** As startGit, but to its end. @throws GitFailure, InterruptedError */
export async function runGitGroup(
  context: GitContext,
  args: readonly string[],
  options: GitRunOptions = {},
): Promise<GitOutput> {
  const { child, done, stderr } = startGit(context, args, options);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.end(options.input ?? '');
  await done;
  return { stdout: Buffer.concat(chunks).toString(), stderr: stderr() };
}

async function ended(
  child: ChildProcessWithoutNullStreams,
  args: readonly string[],
  { signal, idleMs }: GitRunOptions,
  stderr: () => string,
): Promise<void> {
  let stopped: Error | undefined;
  const stop = (reason: Error): void => {
    stopped ??= reason;
    endProcess(child);
  };
  const onAbort = (): void => stop(new InterruptedError());
  signal?.addEventListener('abort', onAbort, { once: true });
  const watch = idleMs === undefined ? undefined : watchIdle(child, idleMs, () => stop(idleFailure(args, idleMs)));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (stopped) throw stopped;
    if (code !== 0) throw new GitFailure(args, code, stderr());
  } catch (error) {
    throwIfAborted(signal);
    throw error instanceof Error && 'syscall' in error ? GitFailure.ofSpawn(args, error.message) : error;
  } finally {
    watch?.();
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Lets a reader of stdin end by itself, since it cleans up then; asks the others to end; kills what remains. */
function endProcess(child: ChildProcessWithoutNullStreams): void {
  if (child.stdin.writable) child.stdin.end();
  else signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS);
  child.once('close', () => clearTimeout(timer));
}

function signalGroup(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: the group has ended by itself, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function idleFailure(args: readonly string[], idleMs: number): GitFailure {
  return new GitFailure(args, null, `timed out: no answer within ${idleMs / 1000} seconds`);
}

/** Calls `onIdle` when git prints nothing for `idleMs`; returns what stops the watch. */
function watchIdle(child: ChildProcessWithoutNullStreams, idleMs: number, onIdle: () => void): () => void {
  const timer = setTimeout(onIdle, idleMs);
  const refresh = (): unknown => timer.refresh();
  child.stdout.on('data', refresh);
  child.stderr.on('data', refresh);
  return () => clearTimeout(timer);
}
