import { canonicalJson } from '../../lib/json/json.ts';
import type { SnapshotHeader } from '../format/header.ts';
import { partOf } from '../format/paths.ts';
import { sameFiles } from './same-files.ts';

/** How long static data that alone has changed may wait for the next real change: a day, in milliseconds. */
export const STATE_MAX_AGE_MS = 24 * 60 * 60 * 1000;

/** A saved snapshot. */
interface Before {
  readonly header: SnapshotHeader;
  readonly takenAt: string;
  readonly paths: Iterable<string>;
}

/** What was read now. `unchanged`: the paths whose bytes the saved snapshot has at the same place. */
interface After {
  readonly header: SnapshotHeader;
  readonly paths: Iterable<string>;
  readonly unchanged: ReadonlySet<string>;
}

/**
 * Whether what was read is what the snapshot before holds, so that nothing needs saving. Static data of workflows
 * changes with every poll; it rides along with the next real change, or after a day.
 */
export function isUnchanged(before: Before, after: After, now: number): boolean {
  if (headerText(before.header) !== headerText(after.header)) return false;
  const [old, current] = [splitState(before.paths), splitState(after.paths)];
  if (!sameFiles(old.content, current.content, after.unchanged)) return false;
  if (sameFiles(old.state, current.state, after.unchanged)) return true;
  // One that claims to be of the future has no age that could be waited for.
  return Math.abs(now - Date.parse(before.takenAt)) < STATE_MAX_AGE_MS;
}

/**
 * How typed markers are written and which server it was say nothing of n8n's state: what an older version saved is left
 * as it is. Whether it is another server is a question of its own (same-server.ts).
 */
function headerText(header: SnapshotHeader): string {
  const kinds = Object.entries(header.kinds).map(
    ([kind, entry]) => [kind, { ...entry, typedMarkers: undefined }] as const,
  );
  return canonicalJson({ ...header, server: undefined, kinds: Object.fromEntries(kinds) });
}

/** Paths of static data, and all others that belong to a kind: the header is compared by itself. */
function splitState(paths: Iterable<string>): { content: string[]; state: string[] } {
  const content: string[] = [];
  const state: string[] = [];
  for (const path of paths) {
    const part = partOf(path);
    if (part === 'workflow-state') state.push(path);
    else if (part !== null) content.push(path);
  }
  return { content, state };
}
