import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** How often the kernel is asked; it keeps the peak itself, so that only the very last moment could be missed. */
const POLL_MS = 50;

/** The peak resident memory of a process in bytes, once it has ended. */
export function peakMemory(child: ChildProcess): Promise<number> {
  let peak = 0;
  const read = (): void => {
    peak = Math.max(peak, residentPeak(child.pid));
  };
  const timer = setInterval(read, POLL_MS);
  return new Promise((resolve) => {
    child.once('exit', () => {
      clearInterval(timer);
      resolve(peak);
    });
  });
}

/** `VmHWM` of /proc/PID/status, which is in kB; 0 once the process is gone. */
function residentPeak(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH')
      return 0;
    throw error;
  }
}
