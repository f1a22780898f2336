import { describe, expect, it } from 'vitest';
import { selectSnapshot } from '../../../src/jobs/select-snapshot.ts';
import type { SnapshotInfo } from '../../../src/store/store.ts';

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
  it('takes latest and latest~N', () => {
    expect(idOf('latest')).toBe(snapshots[0]!.id);
    expect(idOf('latest~2')).toBe(snapshots[2]!.id);
    expect(() => idOf('latest~3')).toThrow(/no latest~3: there are 3 snapshots/);
  });

  it('takes an id and a unique start of one', () => {
    expect(idOf(snapshots[1]!.id)).toBe(snapshots[1]!.id);
    expect(idOf('20261122')).toBe(snapshots[2]!.id);
  });

  it('lists the candidates of an ambiguous start', () => {
    expect(() => idOf('20261123')).toThrow(/start of 2 snapshot ids:\n.*cccccccc.*\n.*bbbbbbbb/);
  });

  it('takes a time: the newest at or before it', () => {
    expect(idOf('2026-11-23T11:30:00Z')).toBe(snapshots[1]!.id);
    expect(idOf('2026-11-23T11:00Z')).toBe(snapshots[1]!.id);
    expect(idOf('2026-11-23T11:30')).toBe(snapshots[1]!.id);
    expect(idOf('2026-11-23T12:30+02:00')).toBe(snapshots[2]!.id);
    expect(() => idOf('2026-11-01')).toThrow(/no snapshot at or before/);
  });

  it('passes over safety snapshots, which hold what was there before a restore', () => {
    const safety = {
      ...info('20261123T130000Z-dddddddd', '2026-11-23T13:00:00Z'),
      flags: ['safety'] as const,
    };
    expect(selectSnapshot([safety, ...snapshots], 'latest').id).toBe(snapshots[0]!.id);
    expect(selectSnapshot([safety, ...snapshots], '2026-11-23T14:00Z').id).toBe(snapshots[0]!.id);
    expect(selectSnapshot([safety, ...snapshots], '20261123T13').id).toBe(safety.id);
    expect(selectSnapshot([safety], 'latest').id).toBe(safety.id);
  });

  it('says what to give when nothing fits', () => {
    expect(() => idOf('yesterday')).toThrow(/no snapshot "yesterday"/);
    expect(() => selectSnapshot([], 'latest')).toThrow(/no snapshot yet/);
  });
});
