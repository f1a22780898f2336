import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/lib/errors.ts';
import { passedOver, selectSnapshot } from '../../../../src/jobs/snapshots/select-snapshot.ts';
import type { SnapshotInfo } from '../../../../src/store/store.ts';

function info(id: string, takenAt: string): SnapshotInfo {
  return {
    id,
    takenAt,
    instance: 'prod',
    format: 1,
    n8nVersion: null,
    subject: `subject of ${id}`,
    flags: [],
    digest: null,
  };
}

const snapshots = [
  info('20261123T120000Z-cccccccc', '2026-11-23T12:00:00Z'),
  info('20261123T110000Z-bbbbbbbb', '2026-11-23T11:00:00Z'),
  info('20261122T110000Z-aaaaaaaa', '2026-11-22T11:00:00Z'),
];

const idOf = (selector: string): string => selectSnapshot(snapshots, selector).id;

describe('selectSnapshot', () => {
  it('selectSnapshot takes latest and latest~N', () => {
    expect(idOf('latest')).toBe(snapshots[0]!.id);
    expect(idOf('latest~2')).toBe(snapshots[2]!.id);
    expect(() => idOf('latest~3')).toThrow(/no latest~3: there are 3 snapshots/);
  });

  it('selectSnapshot takes an id and a unique start of one', () => {
    expect(idOf(snapshots[1]!.id)).toBe(snapshots[1]!.id);
    expect(idOf('20261122')).toBe(snapshots[2]!.id);
  });

  it('selectSnapshot lists the candidates of an ambiguous start', () => {
    expect(() => idOf('20261123')).toThrow(/start of 2 snapshot ids:\n.*cccccccc.*\n.*bbbbbbbb/);
  });

  it('selectSnapshot takes a time: the newest at or before it', () => {
    expect(idOf('2026-11-23T11:30:00Z')).toBe(snapshots[1]!.id);
    expect(idOf('2026-11-23T11:00Z')).toBe(snapshots[1]!.id);
    expect(idOf('2026-11-23T11:30')).toBe(snapshots[1]!.id);
    expect(idOf('2026-11-23T12:30+02:00')).toBe(snapshots[2]!.id);
    expect(() => idOf('2026-11-01')).toThrow(/no snapshot at or before/);
  });

  it('selectSnapshot passes over safety snapshots, which hold what was there before a restore', () => {
    const safety = {
      ...info('20261123T130000Z-dddddddd', '2026-11-23T13:00:00Z'),
      flags: ['safety'] as const,
    };
    expect(selectSnapshot([safety, ...snapshots], 'latest').id).toBe(snapshots[0]!.id);
    expect(selectSnapshot([safety, ...snapshots], '2026-11-23T14:00Z').id).toBe(snapshots[0]!.id);
    expect(selectSnapshot([safety, ...snapshots], '20261123T13').id).toBe(safety.id);
    expect(selectSnapshot([safety], 'latest').id).toBe(safety.id);
  });

  it('selectSnapshot says what to give when nothing fits', () => {
    expect(() => idOf('yesterday')).toThrow(/no snapshot "yesterday"/);
    expect(() => selectSnapshot([], 'latest')).toThrow(/no snapshot yet/);
  });
});

describe('selectSnapshot, whatever is asked for', () => {
  /** Newest first, as stores list them. */
  const lists = fc
    .uniqueArray(
      fc.record({
        time: fc.integer({ min: 0, max: 40 * 365 * 24 }).map((hours) => Date.UTC(2000, 0, 1) + hours * 3_600_000),
        isSafety: fc.boolean(),
      }),
      { selector: ({ time }) => time, minLength: 1, maxLength: 20 },
    )
    .map((list) =>
      list
        .sort((a, b) => b.time - a.time)
        .map(({ time, isSafety }) => {
          const takenAt = `${new Date(time).toISOString().slice(0, 19)}Z`;
          const each = info(`${takenAt.replaceAll(/[-:]/g, '')}-0123abcd`, takenAt);
          return isSafety ? { ...each, flags: ['safety'] as const } : each;
        }),
    );
  const selector = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^latest(~\d{0,12})?$/),
    fc.stringMatching(/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)?)?$/),
    fc.constantFrom('', '..', '--upload-pack=x', '__proto__', 'latest~-1', 'latest~1e9'),
  );

  it('selectSnapshot gives one of the snapshots, or says what to give instead', () => {
    fc.assert(
      fc.property(lists, selector, (list, asked) => {
        try {
          expect(list).toContain(selectSnapshot(list, asked));
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
        }
      }),
    );
  });

  it('selectSnapshot gives each by its id, and a safety snapshot by nothing else where there are others', () => {
    fc.assert(
      fc.property(lists, (list) => {
        for (const each of list) expect(selectSnapshot(list, each.id)).toBe(each);
        const regular = list.filter(({ flags }) => flags.length === 0);
        for (const [back, each] of regular.entries()) expect(selectSnapshot(list, `latest~${back}`)).toBe(each);
        for (const [index, { takenAt }] of list.entries()) {
          const due = list.slice(index).find(({ flags }) => flags.length === 0);
          if (due) expect(selectSnapshot(list, takenAt)).toBe(due);
        }
      }),
    );
  });
});

describe('passedOver', () => {
  const flagged = (day: number, ...flags: SnapshotInfo['flags']): SnapshotInfo => ({
    ...info(`2026112${day}T110000Z-aaaaaaaa`, `2026-11-2${day}T11:00:00Z`),
    flags,
  });
  const [first, lost, again, safety] = [
    flagged(1),
    flagged(2, 'unconfirmed'),
    flagged(3, 'unconfirmed'),
    flagged(4, 'safety'),
  ];
  const listed = [safety, again, lost, first];

  it('passedOver names what latest would be if somebody had confirmed it', () => {
    expect(selectSnapshot(listed, 'latest')).toBe(first);
    expect(passedOver(listed, 'latest', first.id)).toBe(again);
    expect(passedOver([flagged(5), ...listed], 'latest', flagged(5).id)).toBeNull();
    expect(passedOver([flagged(5), ...listed], 'latest~1', first.id)).toBe(again);
  });

  it('passedOver goes by the time that was asked for, and says nothing of an id', () => {
    expect(passedOver(listed, '2026-11-22T12:00Z', first.id)).toBe(lost);
    expect(passedOver(listed, '2026-11-21T12:00Z', first.id)).toBeNull();
    expect(passedOver(listed, first.id, first.id)).toBeNull();
  });
});
