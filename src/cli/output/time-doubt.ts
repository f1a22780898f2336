import type { ListedSnapshot } from '../../jobs/snapshots/list-snapshots.ts';

/** Why the time of a snapshot is not believed. */
export function describeTimeDoubt(doubt: NonNullable<ListedSnapshot['timeDoubt']>): string {
  return doubt === 'future'
    ? "in the future: this machine's clock is wrong, or that of the machine that took it was"
    : 'does not fit those before and after it: the clock of the machine that took it was wrong';
}
