import { FlowkeepError } from '../lib/errors.ts';
import { periodNamer, type Period } from './period.ts';
import type { SnapshotInfo } from './store.ts';

/** How many snapshots of each period are kept; 0: the rule keeps none. */
export interface RetentionPolicy {
  readonly keepLast: number;
  readonly keepHourly: number;
  readonly keepDaily: number;
  readonly keepWeekly: number;
  readonly keepMonthly: number;
  readonly keepYearly: number;
  /** Snapshots younger than this many milliseconds are kept; 0: no such rule. */
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
 * Decides which snapshots of one or more instances are kept, each instance for itself; newest first. Of each period the
 * newest snapshot is kept, for the newest N periods that have one. Whatever the policy says, the newest complete
 * snapshot, each `shrunk` one and the last one before it are kept, and a policy without any rule keeps everything.
 *
 * Planning again with what was kept removes nothing more, and a policy that keeps more in any rule removes nothing
 * that the other one keeps.
 * @param now milliseconds since 1970
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
  snapshots: readonly SnapshotInfo[],
  policy: RetentionPolicy,
  now: number,
  timezone: string,
): RetentionDecision[] {
  const newestFirst = [...snapshots].sort(byAge);
  const reasons = new Map<SnapshotInfo, string[]>(newestFirst.map((info) => [info, []]));
  const keep = (info: SnapshotInfo, reason: string): void => void reasons.get(info)?.push(reason);
  if (isEmpty(policy)) newestFirst.forEach((info) => keep(info, 'no rule is set'));
  keepSafe(newestFirst, keep);
  newestFirst.slice(0, policy.keepLast).forEach((info, index) => keep(info, `keepLast ${index + 1}`));
  for (const info of newestFirst) {
    if (policy.keepWithinMs > 0 && now - Date.parse(info.takenAt) < policy.keepWithinMs) keep(info, 'keepWithin');
  }
  for (const [setting, period] of PERIOD_RULES) {
    keepPeriods(newestFirst, policy[setting], periodNamer(period, timezone), setting, keep);
  }
  return newestFirst.map((info) => {
    const why = reasons.get(info) ?? [];
    return { id: info.id, info, keep: why.length > 0, reasons: why };
  });
}

type Keep = (info: SnapshotInfo, reason: string) => void;

/** What every policy keeps. */
function keepSafe(newestFirst: readonly SnapshotInfo[], keep: Keep): void {
  const newestComplete = newestFirst.find((info) => !info.flags.includes('partial'));
  if (newestComplete) keep(newestComplete, 'the newest complete snapshot');
  newestFirst.forEach((info, index) => {
    const before = newestFirst[index + 1];
    if (!info.flags.includes('shrunk') || !before) return;
    keep(before, `the last before ${info.id}, which lost over half of a kind`);
    // Without the one that says so, the next plan would not know what the one before it is kept for.
    keep(info, `shows why ${before.id} is kept`);
  });
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

/** Newest first; of the same second by id, so that the order never depends on the listing. */
function byAge(a: SnapshotInfo, b: SnapshotInfo): number {
  return Date.parse(b.takenAt) - Date.parse(a.takenAt) || (a.id < b.id ? 1 : -1);
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
