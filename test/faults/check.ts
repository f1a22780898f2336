import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { verify } from '../../src/jobs/verify/verify.ts';
import { noProgress } from '../../src/lib/progress.ts';
import { systemClock } from '../../src/lib/time.ts';
import { KINDS, type Kind } from '../../src/kinds/kinds.ts';
import { partsOf } from '../../src/snapshot/collect/carry-over.ts';
import type { SnapshotHeader } from '../../src/snapshot/format/header.ts';
import { HEADER_PATH, partOf, README_PATH } from '../../src/snapshot/format/paths.ts';
import type { Store } from '../../src/store/store.ts';
import type { FlowkeepRun } from '../support/flowkeep.ts';

export type Files = ReadonlyMap<string, string>;

/** The paths at which two snapshots differ, one missing there included. */
export function differences(a: Files, b: Files): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((path) => a.get(path) !== b.get(path)).sort();
}

/**
 * Whether a snapshot says of some kinds that they failed, holds for these just what the snapshot before it held, and is
 * for all others just the one that is expected.
 */
export function isHonestPart(found: Files, before: Files, expected: Files): boolean {
  const header = headerOf(found);
  const failed = KINDS.filter((kind) => header.kinds[kind]?.coverage === 'failed');
  if (failed.length === 0) return false;
  const parts = new Set(failed.flatMap(partsOf));
  const composed = (from: Files, carried: boolean): [string, string][] =>
    [...from].filter(([path]) => {
      const part = partOf(path);
      return part !== null && parts.has(part) === carried && path !== README_PATH && path !== HEADER_PATH;
    });
  const wanted = new Map([...composed(before, true), ...composed(expected, false)]);
  const rest = new Map([...found].filter(([path]) => path !== README_PATH && path !== HEADER_PATH));
  return differences(rest, wanted).length === 0 && sameOtherKinds(header, headerOf(expected), failed);
}

function sameOtherKinds(found: SnapshotHeader, expected: SnapshotHeader, failed: readonly Kind[]): boolean {
  const others = ({ kinds }: SnapshotHeader): object =>
    Object.fromEntries(Object.entries(kinds).filter(([kind]) => !failed.includes(kind as Kind)));
  return isDeepStrictEqual(others(found), others(expected));
}

function headerOf(files: Files): SnapshotHeader {
  return JSON.parse(files.get(HEADER_PATH) ?? '{"kinds":{}}') as SnapshotHeader;
}

/** Re-reads everything that a store holds, as `flowkeep verify --all` does. */
export async function expectIntact(store: Store): Promise<void> {
  const report = await verify({
    instance: 'prod',
    stores: [store],
    selector: { all: true },
    share: 1,
    clock: systemClock,
    progress: noProgress,
    signal: new AbortController().signal,
  });
  expect(report.stores).toMatchObject([{ status: 'intact', damage: [] }]);
}

/** An error is told as one: its code is another than 0, it says what to do, and shows nobody a stack trace. */
export function expectClearError({ code, signal, stdout, stderr }: FlowkeepRun): void {
  const told = `${stdout}\n${stderr}`;
  expect([1, 2, 3, 5, 11], told).toContain(code);
  expect(signal).toBeNull();
  expect(told).not.toMatch(/\n\s+at .+:\d+:\d+/);
  expect(told).not.toMatch(/"code": "internal"/);
  if (code !== 3) expect(told).toMatch(/"remedy":/);
}
