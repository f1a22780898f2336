import { FlowkeepError } from '../lib/errors.ts';
import { periodNamer, type Period } from './period.ts';
import { doubtfulTimes, type TimeDoubt } from './plausible-time.ts';
import { UNREADABLE_FORMAT, type SnapshotInfo } from './store.ts';

/** How many snapshots of each period are kept; 0: the rule keeps none. */
export interface RetentionPolicy {
  readonly keepLast: number;
  readonly keepHourly: number;
  readonly keepDaily: number;
  readonly keepWeekly: number;
  readonly keepMonthly: number;
  readonly keepYearly: number;
  /** Snapshots that are less than this many milliseconds older than the newest are kept; 0: no such rule. */
  readonly keepWithinMs: number;
}

/** The decision for a snapshot: it is kept for these reasons, or removed if there are none. */
export interface RetentionDecision {
  readonly id: string;
  readonly info: SnapshotInfo;
  readonly keep: boolean;
  /** For people: "the newest of 2026-11-23", "keepLast 3". */
  readonly reasons: readonly string[];
}

type PeriodRule = readonly [
  setting: 'keepHourly' | 'keepDaily' | 'keepWeekly' | 'keepMonthly' | 'keepYearly',
  period: Period,
];

const PERIOD_RULES: readonly PeriodRule[] = [
  ['keepHourly', 'hour'],
  ['keepDaily', 'day'],
  ['keepWeekly', 'week'],
  ['keepMonthly', 'month'],
  ['keepYearly', 'year'],
];

/**
 * Snapshots are counted by what they are good for, each sort by itself, so that none takes the place of a better one:
 * a safety snapshot shows what a restore was about to replace, a partial one lacks a kind, of a damaged one nothing can
 * be read. An unconfirmed one shows a loss.
 */
type Sort = 'regular' | 'partial' | 'safety' | 'unconfirmed' | 'damaged';

function sortOf({ flags, format }: SnapshotInfo): Sort {
  if (format === UNREADABLE_FORMAT) return 'damaged';
  if (flags.includes('safety')) return 'safety';
  if (flags.includes('unconfirmed')) return 'unconfirmed';
  return flags.includes('partial') ? 'partial' : 'regular';
}

/**
 * Decides which snapshots of one or more instances are kept, each instance for itself; newest first. The rules count
 * regular, partial, safety, unconfirmed and damaged snapshots apart. Of each period the newest snapshot is kept, for the newest N
 * periods that have one; `keepWithin` counts from the newest snapshot. Whatever the policy says, the newest regular
 * snapshot, each `shrunk` or `unconfirmed` one and the last ones before it, where there are any, and each one whose time
 * is not to be believed are kept; the latter count for no rule. A policy without any rule keeps everything.
 *
 * Planning again with what was kept removes nothing more, as long as times rise with the order, and a policy that keeps
 * more in any rule removes nothing that the other one keeps.
 * @param snapshots of each instance newest first, as its store has them: times decide nothing about what came first
 * @param now milliseconds since 1970; only tells which snapshots are from the future, so that a clock that is ahead
 *   removes nothing
 * @param timezone IANA name: when days, weeks, months and years begin
 */
export function planRetention(
  snapshots: readonly SnapshotInfo[],
  policy: RetentionPolicy,
  now: number,
  timezone: string,
): RetentionDecision[] {
  checkPolicy(policy);
  const byInstance = Map.groupBy(snapshots, (info) => info.instance);
  return [...byInstance.values()].flatMap((own) => planInstance(own, policy, now, timezone));
}

function planInstance(
  newestFirst: readonly SnapshotInfo[],
  policy: RetentionPolicy,
  now: number,
  timezone: string,
): RetentionDecision[] {
  const reasons = new Map<SnapshotInfo, string[]>(newestFirst.map((info) => [info, []]));
  const keep = (info: SnapshotInfo, reason: string): void => void reasons.get(info)?.push(reason);
  if (isEmpty(policy)) newestFirst.forEach((info) => keep(info, 'no rule is set'));
  const doubts = doubtfulTimes(newestFirst, now);
  for (const [info, doubt] of doubts) keep(info, DOUBTS[doubt]);
  const dated = newestFirst.filter((info) => !doubts.has(info));
  keepSafe(dated, keep);
  for (const [sort, own] of Map.groupBy(dated, sortOf))
    applyRules(own, policy, timezone, (info, why) => keep(info, inSort(sort, why)));
  return newestFirst.map((info) => {
    const why = reasons.get(info) ?? [];
    return { id: info.id, info, keep: why.length > 0, reasons: why };
  });
}

const DOUBTS: Readonly<Record<TimeDoubt, string>> = {
  future: 'its time is in the future: check the clock of this machine and of its writer',
  order: 'its time does not fit those saved before and after it: the clock of its writer was wrong',
};

type Keep = (info: SnapshotInfo, reason: string) => void;

function inSort(sort: Sort, reason: string): string {
  return sort === 'regular' ? reason : `${reason} (of the ${sort} ones)`;
}

/** What every policy keeps. */
function keepSafe(newestFirst: readonly SnapshotInfo[], keep: Keep): void {
  const newest = newestFirst.find(isRegular);
  if (newest) keep(newest, 'the newest complete snapshot');
  newestFirst.forEach((info, index) => {
    if (!info.flags.includes('shrunk') && !info.flags.includes('unconfirmed')) return;
    const older = newestFirst.slice(index + 1);
    const before = new Set([older[0], older.find(isRegular)].filter((one) => one !== undefined));
    for (const one of before) keep(one, `the last before ${info.id}, which lost over half of a kind`);
    // Without the one that says so, the next plan would not know what those before it are kept for.
    if (older[0]) keep(info, `shows why ${older[0].id} is kept`);
  });
}

function isRegular(info: SnapshotInfo): boolean {
  return sortOf(info) === 'regular';
}

/** The rules of the policy, for snapshots of one sort. */
function applyRules(newestFirst: readonly SnapshotInfo[], policy: RetentionPolicy, timezone: string, keep: Keep): void {
  newestFirst.slice(0, policy.keepLast).forEach((info, index) => keep(info, `keepLast ${index + 1}`));
  // From the newest, as restic counts: a month without backups must not empty the store.
  const newest = Date.parse(newestFirst[0]?.takenAt ?? '');
  for (const info of newestFirst) {
    if (newest - Date.parse(info.takenAt) < policy.keepWithinMs) keep(info, 'keepWithin');
  }
  for (const [setting, period] of PERIOD_RULES) {
    keepPeriods(newestFirst, policy[setting], periodNamer(period, timezone), setting, keep);
  }
}

function keepPeriods(
  newestFirst: readonly SnapshotInfo[],
  count: number,
  nameOf: (takenAt: Date) => string,
  setting: string,
  keep: Keep,
): void {
  const seen = new Set<string>();
  for (const info of newestFirst) {
    const name = nameOf(new Date(info.takenAt));
    if (seen.has(name)) continue;
    if (seen.size === count) return;
    seen.add(name);
    keep(info, `${setting} ${seen.size}: the newest of ${name}`);
  }
}

function isEmpty(policy: RetentionPolicy): boolean {
  return Object.values(policy).every((value) => value === 0);
}

function checkPolicy(policy: RetentionPolicy): void {
  for (const [rule, value] of Object.entries(policy) as [string, number][]) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    throw new FlowkeepError('retention', `${rule} is ${value}: it must be a whole number, 0 or more`);
  }
}
