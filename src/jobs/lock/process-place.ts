import { existsSync, readFileSync, readlinkSync } from 'node:fs';

/** Where process ids mean the same: one boot of one machine, and one namespace of process ids (a container's) on it. */
export type ProcessPlace = string;

/** The place of this process, or null where the system does not tell (anything but Linux). */
export function processPlace(): ProcessPlace | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

/**
 * Whether a process surely is gone: it ran at this very place, and no process has its id. Host names would not do: two
 * machines may share one. An id that was given to another process counts as alive, and so does every id where the system
 * shows a user only processes of their own.
 */
export function isGone(pid: number, place: ProcessPlace | null): boolean {
  return place !== null && place === processPlace() && !existsSync(`/proc/${pid}`) && !hidesProcesses();
}

/** Whether /proc is mounted so that other users' processes are missing from it (`hidepid`, see proc(5)). */
function hidesProcesses(): boolean {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  // Of several at one place, the last one is seen.
  const proc = mounts.findLast((line) => line.split(' ')[4] === '/proc') ?? '';
  return /\bhidepid=(?!0\b|off\b)/.test(proc);
}
