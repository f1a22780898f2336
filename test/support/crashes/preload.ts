import childProcess, { type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { TRACED, type CrashPlan } from './plan.ts';

/**
 * Loaded into flowkeep's own process before anything of it (`node --import`): counts what writes, before and after each
 * (files, git processes that write and what they are fed, requests to n8n and S3 that change something), and kills at
 * the number that the plan names. Counting makes a crash hit the same place each time, which no timer does.
 */
const plan = JSON.parse(process.env['CRASH_PLAN'] ?? '{}') as CrashPlan;
const { openSync, writeSync } = fs;
const log = plan.log === undefined ? null : openSync(plan.log, 'a');
const running = new Set<{ readonly child: ChildProcess; readonly isGroup: boolean }>();
let boundaries = 0;
let gitCalls = 0;

watchFiles();
watchGit();
watchRequests();
syncBuiltinESMExports();

function boundary(what: string): void {
  boundaries += 1;
  if (log !== null) writeSync(log, `${what}\n`);
  if (boundaries === plan.at) die(plan.victims === 'all');
}

function die(withGit: boolean): void {
  if (withGit) for (const { child, isGroup } of running) kill(isGroup ? -(child.pid ?? 0) : (child.pid ?? 0));
  process.kill(process.pid, 'SIGKILL');
  // The signal arrives at once; nothing may happen until it does.
  for (;;);
}

function kill(pid: number): void {
  try {
    if (pid !== 0) process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

type Anything = (this: unknown, ...args: unknown[]) => unknown;

function watchFiles(): void {
  const names = ['writeFile', 'rename', 'unlink', 'rm', 'rmdir', 'mkdir', 'mkdtemp', 'write', 'symlink', 'link'];
  const sync = fs as unknown as Record<string, Anything>;
  const promises = fs.promises as unknown as Record<string, Anything>;
  for (const name of names) {
    watch(sync, `${name}Sync`, () => true);
    if (promises[name] !== undefined) watch(promises, name, () => true);
  }
  const forWriting = (_path: unknown, flags: unknown): boolean =>
    typeof flags === 'number' ? (flags & 3) !== 0 : typeof flags === 'string' && /[wa+]/.test(flags);
  watch(sync, 'openSync', forWriting);
  watch(promises, 'open', forWriting);
}

/** Puts a boundary before and after each call that counts as a write; a promise's comes when it is settled. */
function watch(module: Record<string, Anything>, name: string, isWrite: (...args: unknown[]) => boolean): void {
  const original = module[name];
  if (original === undefined) throw new Error(`node has no ${name}`);
  module[name] = function (...args) {
    if (!isWrite(...args)) return original.apply(this, args);
    boundary(`before ${name}`);
    const result = original.apply(this, args);
    if (result instanceof Promise) return result.finally(() => boundary(`after ${name}`));
    boundary(`after ${name}`);
    return result;
  };
}

const WRITING = ['init', 'fast-import', 'update-ref', 'fetch', 'push', 'read-tree', 'update-index', 'gc'];

function watchGit(): void {
  const original = childProcess.spawn as (
    command: string,
    args: readonly string[],
    options: childProcess.SpawnOptions,
  ) => ChildProcess;
  const spawn: typeof original = (command, args, options) => {
    const name = WRITING.find((each) => args.includes(each));
    if (command !== 'git' || name === undefined) return original(command, args, options);
    gitCalls += 1;
    boundary(`before git ${name}`);
    const tracer = tracerOf(gitCalls, name);
    const child = tracer ? original('strace', [...tracer, 'git', ...args], options) : original('git', args, options);
    const entry = { child, isGroup: options.detached === true };
    running.add(entry);
    watchInput(child, name);
    child.once('exit', () => {
      running.delete(entry);
      if (plan.git?.call === Number(gitCallOf.get(child)) && plan.victims === 'all') die(true);
      boundary(`after git ${name}`);
    });
    gitCallOf.set(child, gitCalls);
    boundary(`git ${name} runs`);
    return child;
  };
  childProcess.spawn = spawn as unknown as typeof childProcess.spawn;
}

const gitCallOf = new WeakMap<ChildProcess, number>();

/** strace lets git die at the entry of its n-th system call of a name: the writes before it are done, this is not. */
function tracerOf(call: number, name: string): string[] | null {
  const common = ['-f', '-qq', '--seccomp-bpf', '-e', `trace=${TRACED.join(',')}`];
  if (plan.traces !== undefined) return [...common, '-o', `${plan.traces}.${call}.${name}`];
  if (plan.git?.call !== call) return null;
  const { syscall, nth } = plan.git;
  return [...common, '-o', '/dev/null', '-e', `inject=${syscall}:signal=SIGKILL:when=${nth}`];
}

/** What a git reads is what it writes: fast-import is fed a snapshot piece by piece. */
function watchInput(child: ChildProcess, name: string): void {
  const { stdin } = child;
  if (name !== 'fast-import' || stdin === null) return;
  const write = stdin.write.bind(stdin) as (chunk: unknown) => boolean;
  stdin.write = ((chunk: unknown) => {
    const hasRoom = write(chunk);
    boundary(`git ${name} was fed`);
    return hasRoom;
  }) as typeof stdin.write;
}

const CHANGING = new Set(['PUT', 'POST', 'DELETE', 'PATCH']);

function watchRequests(): void {
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const method = init?.method ?? 'GET';
    if (!CHANGING.has(method)) return fetch(input, init);
    boundary(`before n8n ${method}`);
    const answer = await fetch(input, init);
    boundary(`after n8n ${method}`);
    return answer;
  };
  const request = http.request as (...args: unknown[]) => http.ClientRequest;
  http.request = (...args: unknown[]) => {
    const { method = 'GET' } = args[0] as http.RequestOptions;
    if (!CHANGING.has(method)) return request(...args);
    boundary(`before S3 ${method}`);
    const sent = request(...args);
    sent.once('response', () => boundary(`after S3 ${method}`));
    return sent;
  };
}
