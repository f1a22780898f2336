/** The exit codes of every command (stable: scripts and podFailurePolicy rules depend on them). */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  partial: 3,
  conflict: 4,
  integrity: 5,
  locked: 11,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One line for each exit code, in the order in which `--help` and the documentation print them. */
export const EXIT_CODE_TABLE: readonly (readonly [ExitCode, string])[] = [
  [EXIT.done, 'done (also: nothing changed)'],
  [EXIT.failed, 'failed'],
  [EXIT.usage, 'usage or configuration is wrong'],
  [EXIT.partial, 'partial: finished, but a kind failed or an item could not be restored'],
  [EXIT.conflict, 'conflict: nothing was overwritten'],
  [EXIT.integrity, 'integrity: verify found damage'],
  [EXIT.locked, 'another run holds the lock'],
  [EXIT.interrupted, 'interrupted'],
];
