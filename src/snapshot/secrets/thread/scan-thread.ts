import { Worker } from 'node:worker_threads';
import { throwIfAborted } from '../../../lib/errors.ts';
import type { Span } from '../hit.ts';
import type { Leaf } from '../leaves.ts';
import type { Rules } from '../scan-texts.ts';
import { limitOf, MEMORY, PROGRAM } from './limits.ts';
import type { Answer, Task } from './scan-worker.ts';

/** How long a thread waits for more before it ends, and gives its memory back. */
const IDLE_MS = 2000;

/**
 * Scans texts in a thread of its own, one task after another, each within a limit of time and memory: whatever a text
 * does to a rule, the process goes on, and answers. The thread begins with the first task and ends after the last; it
 * does not keep a process alive that has nothing else to do.
 */
export class ScanThread {
  #worker: Worker | null = null;
  #tasks: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #tooLong = 0;

  /**
   * The secrets of each text; null where the scan took too long, or too much memory, or failed.
   * @throws InterruptedError
   */
  scan(leaves: readonly Leaf[], rules: Rules, signal?: AbortSignal): Promise<Span[][] | null> {
    const task = { leaves: leaves.map(shortened), rules };
    const result = this.#tasks.then(() => this.#run(task, signal));
    this.#tasks = result.catch(() => undefined);
    return result;
  }

  async #run(task: Task, signal: AbortSignal | undefined): Promise<Span[][] | null> {
    throwIfAborted(signal);
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= await this.#start());
    const characters = task.leaves.reduce((sum, { text }) => sum + text.length, 0);
    worker.ref();
    const outcome = await outcomeOf(worker, task, limitOf(characters, this.#tooLong), signal);
    worker.unref();
    if (outcome === 'too long') this.#tooLong += 1;
    // What was being scanned there goes on without end, perhaps.
    if (typeof outcome === 'string') await worker.terminate();
    throwIfAborted(signal);
    this.#idle = setTimeout(() => void this.#end(), IDLE_MS).unref();
    return typeof outcome === 'string' ? null : outcome;
  }

  /** A thread that waits for tasks. @throws what kept it from loading its program */
  async #start(): Promise<Worker> {
    // It needs neither the secrets that the environment may hold, nor what the process was started with.
    const worker = new Worker(PROGRAM, { name: 'scan', env: {}, execArgv: [], resourceLimits: MEMORY });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    worker.once('message', () => resolve());
    // Too little memory, for example. Once it is ready, whoever gave it a task sees that it ended.
    worker.on('error', reject);
    worker.once('exit', (code) => {
      reject(new Error(`the thread that looks for secrets ended with code ${code}`));
      if (this.#worker === worker) this.#worker = null;
    });
    await promise;
    return worker;
  }

  /** Ends the thread where nothing is left to do. What took too long before is forgotten. */
  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#tooLong = 0;
    await worker?.terminate();
  }
}

type Outcome = Span[][] | null | 'too long' | 'ended' | 'interrupted';

/** Steps in which a limit passes: a machine that slept for an hour took one step in that time. */
const STEPS = 20;

function outcomeOf(worker: Worker, task: Task, limitMs: number, signal: AbortSignal | undefined): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const onAnswer = (answer: Exclude<Answer, 'ready'>): void => resolve(answer);
  const onEnd = (): void => resolve('ended');
  const onAbort = (): void => resolve('interrupted');
  let steps = 0;
  const clock = setInterval(() => {
    if (++steps >= STEPS) resolve('too long');
  }, limitMs / STEPS);
  worker.once('message', onAnswer).once('exit', onEnd);
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted === true) onAbort();
  else worker.postMessage(task);
  return promise.finally(() => {
    clearInterval(clock);
    worker.off('message', onAnswer).off('exit', onEnd);
    signal?.removeEventListener('abort', onAbort);
  });
}

/** More of a name says nothing to a rule, and one long name may stand above each of a million texts. */
const LONGEST_NAME = 200;

function shortened({ text, name, path }: Leaf): Leaf {
  const short = (part: string): string => part.slice(-LONGEST_NAME);
  return { text, name: short(name), path: path.map((part) => (typeof part === 'string' ? short(part) : part)) };
}
