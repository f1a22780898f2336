/** What the preloaded module does; passed to it as JSON in the variable CRASH_PLAN. */
export interface CrashPlan {
  /** A file to which each boundary is noted, one a line: for the run that counts them. */
  readonly log?: string;
  /** Beginning of the files to which strace notes the system calls of each git that writes. */
  readonly traces?: string;
  /** The number of the boundary at which flowkeep dies, from 1. */
  readonly at?: number;
  /** Instead: the git process that dies. `call` counts those that write, from 1. */
  readonly git?: { readonly call: number; readonly syscall: string; readonly nth: number };
  readonly victims?: Victims;
}

/** `process`: flowkeep alone, its git goes on; `all`: both, as where a container is killed; `git`: git alone. */
export type Victims = 'process' | 'all' | 'git';

/** The system calls by which git changes a repository; `?`: not every processor has each. */
export const TRACED = [
  ...['?write', '?rename', '?renameat', '?renameat2', '?link', '?linkat', '?unlink', '?unlinkat'],
  ...['?mkdir', '?mkdirat', '?rmdir', '?fsync'],
];
