import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { memoryFile, Spool, type SpooledFile } from '../../../../src/lib/spool.ts';
import type { Collected } from '../../../../src/snapshot/collect/collect.ts';
import { StagedFiles } from '../../../../src/snapshot/collect/staged-files.ts';
import type { SnapshotHeader } from '../../../../src/snapshot/format/header.ts';
import { liveView } from '../../../../src/snapshot/format/snapshot-view.ts';
import { markerFor } from '../../../../src/snapshot/secrets/marker.ts';
import { applyPolicy } from '../../../../src/snapshot/treat/apply-policy.ts';
import { withOmissions } from '../../../../src/snapshot/treat/omitted.ts';
import { DEFAULT_POLICY, type StorePolicy } from '../../../../src/snapshot/treat/policy.ts';

const POLICY: StorePolicy = { ...DEFAULT_POLICY, secrets: 'redact' };
const TIME = '2026-11-28T00:00:00Z';
const HEADER: SnapshotHeader = {
  format: 1,
  instance: 'test',
  n8nVersion: null,
  kinds: { workflows: { coverage: 'complete', items: 4 } },
};

const pathOf = (name: string): string => `workflows/${name}.1.json`;
const contentOf = (name: string, note = 'none'): Uint8Array => Buffer.from(JSON.stringify({ name, note }));

/** What was read, in which each read of a file is told. */
function collected(base: Collected['base'], fill: (staged: StagedFiles) => void): Collected & { reads: string[] } {
  const spool = new Spool(tmpdir());
  const staged = new StagedFiles(spool, { base });
  fill(staged);
  const reads: string[] = [];
  const counted = new Map(
    [...staged.files].map(([path, file]): [string, SpooledFile] => [
      path,
      { ...file, read: () => (reads.push(path), file.read()) },
    ]),
  );
  const { names, unchanged, kept, marked } = staged;
  const dispose = { [Symbol.dispose]: () => spool[Symbol.dispose]() };
  return { ...liveView(HEADER, counted, TIME), names, base, unchanged, kept, marked, ...dispose, reads };
}

function stored(files: Readonly<Record<string, Uint8Array>>): NonNullable<Collected['base']> {
  const held = new Map(Object.entries(files).map(([path, content]) => [path, memoryFile(content)]));
  return liveView(withOmissions(HEADER, POLICY), held, TIME);
}

describe('a store that redacts', () => {
  it('a store that redacts reads no unchanged file, but for those that may hold a marker', async () => {
    const typed = contentOf('typed', `see ${markerFor('github-token')}`);
    const base = stored({
      [pathOf('a')]: contentOf('a'),
      [pathOf('b')]: contentOf('b'),
      [pathOf('typed')]: typed,
      [pathOf('changed')]: contentOf('changed', 'before'),
    });
    using read = collected(base, (staged) => {
      for (const name of ['a', 'b', 'changed']) staged.put(pathOf(name), contentOf(name));
      staged.put(pathOf('typed'), typed);
      // Its bytes were others before: what was noted of them is forgotten.
      staged.put(pathOf('a'), typed);
      staged.put(pathOf('a'), contentOf('a'));
    });
    using view = await applyPolicy(read, POLICY, base, () => new Spool(tmpdir()));
    expect(read.reads.sort()).toEqual([pathOf('changed'), pathOf('typed')]);
    // A typed marker is escaped now: the store gets another file.
    expect(view.unchanged).toEqual(new Set([pathOf('a'), pathOf('b')]));
  });

  it('what is known of the bytes of a file follows it to another path, and goes when it is dropped', () => {
    const typed = contentOf('typed', markerFor('github-token'));
    using read = collected(null, (staged) => {
      staged.put('workflows/A.1.json', contentOf('a'));
      staged.put('workflows/a.1.json', typed);
      staged.put(pathOf('dropped'), typed);
      staged.drop(pathOf('dropped'));
      staged.resolveCollisions();
    });
    expect(read.marked.size).toBe(1);
    const [path = ''] = read.marked;
    expect(path).not.toBe('workflows/a.1.json');
    expect(read.files.get(path)?.size).toBe(typed.length);
  });
});
