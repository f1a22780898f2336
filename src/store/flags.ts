import type { SnapshotFlag } from './store.ts';

const FLAGS: readonly string[] = ['partial', 'shrunk', 'safety'] satisfies SnapshotFlag[];

/** Whether a text is a flag that this flowkeep knows. */
export function isFlag(text: string): text is SnapshotFlag {
  return FLAGS.includes(text);
}
