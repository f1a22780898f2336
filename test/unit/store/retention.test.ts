import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRetention, type RetentionPolicy } from '../../../src/store/retention.ts';
import type { SnapshotFlag, SnapshotInfo } from '../../../src/store/store.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const NOTHING: RetentionPolicy = {
  keepLast: 0,
  keepHourly: 0,
  keepDaily: 0,
  keepWeekly: 0,
  keepMonthly: 0,
  keepYearly: 0,
  keepWithinMs: 0,
};

describe('planRetention', () => {
  it('planRetention keeps everything where no rule is set', () => {
    const plan = planRetention([at(0), at(400 * DAY)], NOTHING, NOW, 'UTC');
    expect(plan.map(({ keep }) => keep)).toEqual([true, true]);
  });

  it('planRetention keeps the last ones, newest first', () => {
    expect(kept([at(DAY), at(2 * DAY), at(3 * DAY)], { keepLast: 2 })).toEqual([at(DAY).id, at(2 * DAY).id]);
  });

  it('planRetention keeps the newest of each day, and of nothing but days that have one', () => {
    const snapshots = [at(HOUR), at(2 * HOUR), at(9 * DAY), at(9 * DAY + HOUR), at(20 * DAY)];
    expect(kept(snapshots, { keepDaily: 2 })).toEqual([at(HOUR).id, at(9 * DAY).id]);
  });

  it('planRetention begins a day where the timezone does', () => {
    const before = info('2026-11-22T22:30:00Z');
    const after = info('2026-11-22T23:30:00Z');
    const keptIn = (timezone: string): number =>
      planRetention([after, before], { ...NOTHING, keepDaily: 5 }, NOW, timezone).filter(({ keep }) => keep).length;

    expect(keptIn('UTC')).toBe(1);
    expect(keptIn('Europe/Berlin')).toBe(2);
  });

  it.each([
    ['keepHourly', HOUR],
    ['keepWeekly', 7 * DAY],
    ['keepMonthly', 31 * DAY],
    ['keepYearly', 366 * DAY],
  ] as const)('%s keeps the newest of each period', (rule, length) => {
    const snapshots = [0, 1, 2, 3].map((index) => at(index * length));
    expect(kept(snapshots, { [rule]: 2 })).toEqual(snapshots.slice(0, 2).map(({ id }) => id));
  });

  it('planRetention keeps what is less than keepWithin older than the newest', () => {
    const snapshots = [at(0), at(6 * DAY), at(7 * DAY), at(8 * DAY)];
    expect(kept(snapshots, { keepWithinMs: 7 * DAY })).toEqual([at(0).id, at(6 * DAY).id]);
  });

  it('adds the rules up and tells each reason', () => {
    const plan = planRetention([at(HOUR), at(DAY)], { ...NOTHING, keepLast: 1, keepDaily: 1 }, NOW, 'UTC');

    expect(plan[0]).toMatchObject({
      keep: true,
      reasons: ['the newest complete snapshot', 'keepLast 1', 'keepDaily 1: the newest of 2026-11-23'],
    });
    expect(plan[1]).toMatchObject({ keep: false, reasons: [] });
  });

  it('planRetention keeps the newest complete one behind newer partial ones', () => {
    const complete = at(5 * DAY);
    const snapshots = [at(0, 'partial'), at(DAY, 'partial'), complete, at(6 * DAY)];
    expect(kept(snapshots, { keepLast: 1 })).toEqual([at(0).id, complete.id]);
  });

  it('A safety, a partial or a damaged snapshot takes the place of no regular one', () => {
    const damaged = { ...at(3 * DAY, 'partial'), format: 0 };
    const regular = [at(4 * DAY), at(5 * DAY), at(6 * DAY)];
    const snapshots = [at(HOUR, 'safety'), at(DAY, 'safety'), at(2 * DAY, 'partial'), damaged, ...regular];
    expect(kept(snapshots, { keepLast: 2 })).toEqual(snapshots.filter((one) => one !== regular[2]).map(({ id }) => id));
    expect(kept(snapshots, { keepDaily: 1 })).toContain(regular[0]?.id);
  });

  it('planRetention keeps the last regular one before a shrink that a safety snapshot shows', () => {
    const good = at(3 * DAY);
    const shrunk = at(2 * DAY, 'safety', 'shrunk');
    expect(kept([at(0), at(DAY), shrunk, good], { keepLast: 1 })).toContain(good.id);
  });

  it('keepWithin counts from the newest snapshot, so that a quiet month empties no store', () => {
    const snapshots = [at(40 * DAY), at(41 * DAY), at(50 * DAY)];
    expect(kept(snapshots, { keepWithinMs: 7 * DAY })).toEqual([at(40 * DAY).id, at(41 * DAY).id]);
  });

  it('A snapshot from the future is kept, counts for no rule, and its reason names the clocks', () => {
    const future = at(-400 * DAY);
    const snapshots = [future, at(DAY), at(2 * DAY), at(9 * DAY)];
    expect(kept(snapshots, { keepLast: 1 })).toEqual([future.id, at(DAY).id]);
    expect(kept(snapshots, { keepWithinMs: 7 * DAY })).toEqual([future.id, at(DAY).id, at(2 * DAY).id]);
    const [first] = planRetention(snapshots, { ...NOTHING, keepLast: 1 }, NOW, 'UTC');
    expect(first?.reasons).toEqual([expect.stringContaining('clock')]);
  });

  it('A clock that is 800 days ahead removes nothing that the right one keeps', () => {
    const snapshots = [0, 1, 2, 10, 40, 80].map((days) => at(days * DAY));
    const policy = { ...NOTHING, keepWithinMs: 30 * DAY, keepDaily: 2, keepMonthly: 3 };
    const keptAt = (now: number): string[] =>
      planRetention(snapshots, policy, now, 'UTC').flatMap(({ id, keep }) => (keep ? [id] : []));
    expect(keptAt(NOW + 800 * DAY)).toEqual(keptAt(NOW));
  });

  it('What a store saved last is the newest, whatever its time says', () => {
    const behind = at(400 * DAY);
    const snapshots = [behind, at(DAY), at(2 * DAY), at(3 * DAY), at(4 * DAY)];
    expect(kept(snapshots, { keepLast: 2 })).toEqual([behind.id, at(DAY).id, at(2 * DAY).id]);
    expect(kept(snapshots, { keepWithinMs: 2 * DAY })).toEqual([behind.id, at(DAY).id, at(2 * DAY).id]);
  });

  it('A time that has passed since is still not believed where later snapshots came before it', () => {
    const ahead = at(DAY);
    const snapshots = [at(HOUR), at(20 * DAY), at(21 * DAY), at(22 * DAY), ahead, at(23 * DAY)];
    const plan = planRetention(snapshots, { ...NOTHING, keepLast: 2 }, NOW, 'UTC');
    expect(plan.filter(({ keep }) => keep).map(({ info: each }) => each)).toEqual([at(HOUR), at(20 * DAY), ahead]);
    expect(plan.find(({ info: each }) => each === ahead)?.reasons).toEqual([expect.stringContaining('does not fit')]);
  });

  it('planRetention keeps the last one before a shrink, now and ever after', () => {
    const before = at(30 * DAY);
    const shrunk = at(29 * DAY, 'shrunk');
    const snapshots = [at(0), at(28 * DAY), shrunk, before, at(31 * DAY)];
    const first = kept(snapshots, { keepLast: 1 });

    expect(first).toEqual([at(0).id, shrunk.id, before.id]);
    expect(
      kept(
        snapshots.filter(({ id }) => first.includes(id)),
        { keepLast: 1 },
      ),
    ).toEqual(first);
  });

  it('plans each instance for itself', () => {
    const other = { ...at(100 * DAY), instance: 'staging' };
    expect(kept([at(0), at(DAY), other], { keepLast: 1 })).toEqual([at(0).id, other.id]);
  });

  it('planRetention refuses a rule that is no whole number of 0 or more', () => {
    expect(() => planRetention([], { ...NOTHING, keepDaily: -1 }, NOW, 'UTC')).toThrow('keepDaily is -1');
    expect(() => planRetention([], { ...NOTHING, keepLast: Number.NaN }, NOW, 'UTC')).toThrow('keepLast');
  });
});

describe('planRetention, whatever the snapshots and the policy', () => {
  const flags = fc.uniqueArray(fc.constantFrom<SnapshotFlag>('partial', 'shrunk', 'safety'), {
    maxLength: 2,
  });
  const snapshots = fc
    .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 900 * 24 * 4 }), flags, fc.constantFrom('prod', 'staging')), {
      selector: ([quarter, , instance]) => `${instance}${quarter}`,
      maxLength: 60,
    })
    .map((list) => list.toSorted(([one], [other]) => one - other))
    .map((list) => list.map(([quarter, own, instance]) => ({ ...at((quarter * HOUR) / 4, ...own), instance })));
  const count = fc.integer({ min: 0, max: 6 });
  const policy = fc
    .record({
      keepLast: count,
      keepHourly: count,
      keepDaily: count,
      keepWeekly: count,
      keepMonthly: count,
      keepYearly: count,
      keepWithinMs: fc.integer({ min: 0, max: 100 }).map((days) => days * DAY),
    })
    .filter((rules) => Object.values(rules).some((value) => value > 0));
  const timezone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Chatham');

  it('planRetention never removes the newest complete one, nor the last before a shrunk one', () => {
    fc.assert(
      fc.property(snapshots, policy, timezone, (list, rules, zone) => {
        const plan = planRetention(list, rules, NOW, zone);
        for (const own of Map.groupBy(plan, ({ info }) => info.instance).values()) {
          const regular = ({ info }: (typeof own)[number]): boolean => !/partial|safety/.test(info.flags.join());
          expect(own.find(regular)?.keep ?? true).toBe(true);
          own.forEach(({ info }, index) => {
            if (info.flags.includes('shrunk')) expect(own[index + 1]?.keep ?? true).toBe(true);
          });
        }
      }),
    );
  });

  it('planRetention removes nothing more when it is planned again', () => {
    fc.assert(
      fc.property(snapshots, policy, timezone, (list, rules, zone) => {
        const first = planRetention(list, rules, NOW, zone).filter(({ keep }) => keep);
        const again = planRetention(
          first.map(({ info }) => info),
          rules,
          NOW,
          zone,
        );
        expect(again.filter(({ keep }) => !keep)).toEqual([]);
      }),
    );
  });

  it('planRetention keeps at least as much under a policy that keeps more', () => {
    fc.assert(
      fc.property(snapshots, policy, policy, timezone, (list, rules, more, zone) => {
        const generous = Object.fromEntries(
          Object.entries(rules).map(([rule, value]) => [rule, value + more[rule as keyof RetentionPolicy]]),
        ) as unknown as RetentionPolicy;
        const keptMore = new Set(
          planRetention(list, generous, NOW, zone)
            .filter(({ keep }) => keep)
            .map(({ info }) => info),
        );
        for (const { info, keep } of planRetention(list, rules, NOW, zone)) {
          if (keep) expect(keptMore).toContain(info);
        }
      }),
    );
  });

  it('planRetention keeps what each rule alone would keep', () => {
    fc.assert(
      fc.property(snapshots, policy, timezone, (list, rules, zone) => {
        const plan = planRetention(list, rules, NOW, zone);
        const all = new Set(plan.filter(({ keep }) => keep).map(({ info }) => info));
        for (const [rule, value] of Object.entries(rules)) {
          if (value === 0) continue;
          const alone = planRetention(list, { ...NOTHING, [rule]: value }, NOW, zone);
          for (const { info, keep } of alone) if (keep) expect(all).toContain(info);
        }
      }),
    );
  });

  it('decides on every snapshot exactly once', () => {
    fc.assert(
      fc.property(snapshots, policy, timezone, (list, rules, zone) => {
        const decided = planRetention(list, rules, NOW, zone).map(({ info }) => info);
        expect(decided).toHaveLength(list.length);
        expect(new Set(decided)).toEqual(new Set(list));
      }),
    );
  });
});

/** A snapshot of so many milliseconds ago. */
function at(ageMs: number, ...flags: SnapshotFlag[]): SnapshotInfo {
  return info(`${new Date(NOW - ageMs).toISOString().slice(0, 19)}Z`, ...flags);
}

function info(takenAt: string, ...flags: SnapshotFlag[]): SnapshotInfo {
  const id = `${takenAt.replaceAll(/[-:]/g, '')}-00000000`;
  return {
    id,
    instance: 'prod',
    takenAt,
    format: 1,
    n8nVersion: '2.41.1',
    subject: 'prod: changed',
    flags,
    digest: null,
  };
}

function kept(snapshots: readonly SnapshotInfo[], rules: Partial<RetentionPolicy>): string[] {
  const plan = planRetention(snapshots, { ...NOTHING, ...rules }, NOW, 'UTC');
  return plan.filter(({ keep }) => keep).map(({ id }) => id);
}
