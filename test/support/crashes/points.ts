import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { IS_FULL } from '../campaign.ts';
import type { CrashPlan, Victims } from './plan.ts';

/** A place at which a run is killed. */
export interface CrashPoint {
  /** What to read in a report: number, what is written there, who dies. */
  readonly label: string;
  readonly plan: CrashPlan;
}

/**
 * Every place at which a run can be killed, from what it did when nothing was killed: each boundary that the preloaded
 * module counts, and each system call by which a git process changes a repository.
 * @param record runs flowkeep with a plan that notes what it does
 */
export async function findPoints(folder: string, record: (plan: CrashPlan) => Promise<unknown>): Promise<CrashPoint[]> {
  const log = join(folder, 'boundaries.log');
  const traces = join(folder, 'trace');
  await record({ log, traces });
  const boundaries = readFileSync(log, 'utf8').trimEnd().split('\n');
  const hasGit = boundaries.some((what) => what.includes('git '));
  const victims: readonly Victims[] = hasGit ? ['process', 'all'] : ['process'];
  return [
    ...victims.flatMap((who) => boundaries.map((what, index) => atBoundary(index + 1, what, who))),
    ...(['git', 'all'] as const).flatMap((who) => systemCalls(traces).map((call) => atSystemCall(call, who))),
  ];
}

/**
 * About so many of the points, or half as many outside of a full campaign: every one at which git moves a lock into
 * place, since nobody but its owner removes it, and others spread evenly over the rest.
 */
export function choose(points: readonly CrashPoint[], count: number): CrashPoint[] {
  const atLocks = points.filter(({ label }) => /, rename\w* .*\.lock"/.test(label));
  const others = points.filter((point) => !atLocks.includes(point));
  const wanted = IS_FULL ? count : Math.ceil(count / 2);
  const room = Math.max(0, wanted - atLocks.length);
  const step = Math.max(1, others.length / Math.max(1, room));
  const spread = Array.from({ length: Math.min(room, others.length) }, (_, index) => others[Math.floor(index * step)]);
  return [...atLocks, ...spread.filter((point) => point !== undefined)];
}

function atBoundary(at: number, what: string, victims: Victims): CrashPoint {
  return { label: `boundary ${at} (${what}), ${victims}`, plan: { at, victims } };
}

interface SystemCall {
  readonly call: number;
  readonly command: string;
  readonly syscall: string;
  readonly nth: number;
  readonly args: string;
}

function atSystemCall({ call, command, syscall, nth, args }: SystemCall, victims: Victims): CrashPoint {
  const label = `git ${call} (${command}), ${syscall} ${nth} ${args}, ${victims}`;
  return { label, plan: { git: { call, syscall, nth }, victims } };
}

/** From the files of strace, one for each git: `TRACES.CALL.COMMAND`. strace counts by process and by name. */
function systemCalls(traces: string): SystemCall[] {
  const found = new Map<string, SystemCall>();
  for (const file of readdirSync(dirname(traces)).filter((name) => name.startsWith(`${basename(traces)}.`))) {
    const [call = '', command = ''] = file.slice(basename(traces).length + 1).split('.');
    const counts = new Map<string, number>();
    for (const line of readFileSync(join(dirname(traces), file), 'utf8').split('\n')) {
      const [, pid = '', syscall = '', args = ''] = /^(\d+) +(\w+)\((.*)$/.exec(line) ?? [];
      if (syscall === '') continue;
      const nth = (counts.get(`${pid} ${syscall}`) ?? 0) + 1;
      counts.set(`${pid} ${syscall}`, nth);
      // What git prints changes nothing.
      if (syscall === 'write' && /^[12],/.test(args)) continue;
      const key = `${call} ${syscall} ${nth}`;
      if (!found.has(key)) found.set(key, { call: Number(call), command, syscall, nth, args: args.slice(0, 100) });
    }
  }
  return [...found.values()].sort((a, b) => a.call - b.call);
}
