import { canonicalJson } from '../lib/json.ts';
import type { SnapshotHeader } from './header.ts';

/** How long static data that alone has changed may wait for the next real change: a day, in milliseconds. */
export const STATE_MAX_AGE_MS = 24 * 60 * 60 * 1000;

/**
 * Whether a snapshot with this header holds the same as the one before, so that nothing needs saving. Static data of
 * workflows changes with every poll; it rides along with the next real change, or after a day.
 */
export function isUnchanged(
  before: { readonly header: SnapshotHeader; readonly takenAt: string },
  after: SnapshotHeader,
  now: number,
): boolean {
  const { workflowState: stateBefore, ...restBefore } = before.header;
  const { workflowState: stateAfter, ...restAfter } = after;
  if (canonicalJson(restBefore) !== canonicalJson(restAfter)) return false;
  if (stateBefore.digest === stateAfter.digest) return true;
  return now - Date.parse(before.takenAt) < STATE_MAX_AGE_MS;
}
