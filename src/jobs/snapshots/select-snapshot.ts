import { UsageError } from '../../lib/errors.ts';
import { isRegular } from '../../store/flags.ts';
import type { TimeDoubt } from '../../store/plausible-time.ts';
import type { SnapshotInfo } from '../../store/store.ts';

/** An ISO 8601 date, with or without a time; a zone is needed unless it is UTC. */
const ISO = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * The snapshot that a SNAPSHOT argument names: an id, a unique prefix of one, `latest`, `latest~N`, or an ISO time,
 * which means the newest at or before it. A safety snapshot counts only by its id: it holds what was there before a
 * restore, so that a restore that is run again would otherwise restore the damage. So does an unconfirmed one, which
 * lost nearly everything.
 * @param snapshots of one instance, newest first
 * @param doubts times that are not to be believed
 * @throws UsageError that says what there is instead
 */
export function selectSnapshot(
  snapshots: readonly SnapshotInfo[],
  selector: string,
  doubts: ReadonlyMap<SnapshotInfo, TimeDoubt> = new Map(),
): SnapshotInfo {
  if (snapshots.length === 0) throw new UsageError('there is no snapshot yet', 'Run `flowkeep backup` first.');
  const back = /^latest(?:~(\d{1,9}))?$/.exec(selector);
  if (back) return nthNewest(regular(snapshots), Number(back[1] ?? 0));
  const matches = snapshots.filter((snapshot) => snapshot.id.toLowerCase().startsWith(selector.toLowerCase()));
  const exact = matches.find((snapshot) => snapshot.id === selector);
  if (exact) return exact;
  if (matches.length === 1) return matches[0]!;
  if (matches.length > 1) throw ambiguous(selector, matches);
  if (isTime(selector)) return newestAt(regular(snapshots), selector, doubts);
  throw new UsageError(
    `there is no snapshot ${JSON.stringify(selector)}`,
    'Give an id or the start of one, `latest`, `latest~1`, or a time such as 2026-11-23T10:00Z. ' +
      '`flowkeep snapshots` lists them.',
  );
}

/** Whether a SNAPSHOT argument that is no id reads as a time. */
export function isTime(selector: string): boolean {
  return ISO.test(selector);
}

/** Without safety snapshots and unconfirmed ones, unless there are no others. */
function regular(snapshots: readonly SnapshotInfo[]): readonly SnapshotInfo[] {
  const found = snapshots.filter(isRegular);
  return found.length > 0 ? found : snapshots;
}

/**
 * The newest unconfirmed snapshot right after the one that was selected, where it counts for that selection: somebody
 * who reads `latest` is to know that it is not the newest.
 * @param id what the argument names
 */
export function passedOver(snapshots: readonly SnapshotInfo[], selector: string, id: string): SnapshotInfo | null {
  if (id.toLowerCase().startsWith(selector.toLowerCase())) return null;
  const time = ISO.test(selector) ? timeOf(selector).getTime() : Infinity;
  const until = snapshots.findIndex((info) => info.id === id);
  const newer = snapshots.slice(0, Math.max(until, 0));
  const next = newer.slice(newer.findLastIndex(isRegular) + 1);
  return next.find(({ flags, takenAt }) => flags.includes('unconfirmed') && Date.parse(takenAt) <= time) ?? null;
}

/** `latest is …: the newer … had lost nearly everything, and is passed over` */
export function passedOverWords({ id: passed, takenAt, instance }: SnapshotInfo, selector: string, id: string): string {
  return (
    `${selector} is ${id}: ${passed}, taken ${takenAt}, had lost nearly everything, and is passed over because ` +
    `nobody has confirmed that (flowkeep backup --instance ${instance} --confirm)`
  );
}

function nthNewest(snapshots: readonly SnapshotInfo[], back: number): SnapshotInfo {
  const found = snapshots[back];
  if (found) return found;
  throw new UsageError(
    `there is no latest~${back}: there are ${snapshots.length} snapshots`,
    `The oldest is latest~${snapshots.length - 1}.`,
  );
}

function timeOf(time: string): Date {
  return new Date(/^\d{4}-\d{2}-\d{2}$/.test(time) || /(Z|[+-]\d{2}:?\d{2})$/.test(time) ? time : `${time}Z`);
}

/**
 * The one that was saved last of those that say they were taken by then. One whose time does not fit the store's order
 * counts only where there is no other. One in the future counts: it is asked for by a time that is later still, and it
 * is this machine's clock alone that doubts it.
 */
function newestAt(
  snapshots: readonly SnapshotInfo[],
  time: string,
  doubts: ReadonlyMap<SnapshotInfo, TimeDoubt>,
): SnapshotInfo {
  const date = timeOf(time);
  if (Number.isNaN(date.getTime())) throw new UsageError(`${JSON.stringify(time)} is not a time`);
  const due = snapshots.filter((snapshot) => Date.parse(snapshot.takenAt) <= date.getTime());
  const found = due.find((snapshot) => doubts.get(snapshot) !== 'order') ?? due[0];
  if (found) return found;
  throw new UsageError(
    `there is no snapshot at or before ${date.toISOString()}`,
    `The oldest is of ${snapshots.at(-1)!.takenAt}.`,
  );
}

function ambiguous(selector: string, matches: readonly SnapshotInfo[]): UsageError {
  const shown = matches.slice(0, 10).map((match) => `${match.id}  ${match.subject}`);
  return new UsageError(
    `${JSON.stringify(selector)} is the start of ${matches.length} snapshot ids:\n  ${shown.join('\n  ')}`,
    'Give more of the id.',
  );
}
