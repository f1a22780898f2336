import type { SnapshotFlag, SnapshotInfo } from './store.ts';

const FLAGS: readonly string[] = ['partial', 'shrunk', 'safety', 'unconfirmed', 'confirmed'] satisfies SnapshotFlag[];

/** Whether a text is a flag that this flowkeep knows. */
export function isFlag(text: string): text is SnapshotFlag {
  return FLAGS.includes(text);
}

/**
 * Whether a snapshot is one that `latest` and a time can mean: no safety snapshot, which holds what was there before a
 * restore, and none that lost nearly everything while nobody confirmed it.
 */
export function isRegular({ flags }: Pick<SnapshotInfo, 'flags'>): boolean {
  return !flags.includes('safety') && !flags.includes('unconfirmed');
}
