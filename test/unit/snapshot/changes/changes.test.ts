import { describe, expect, it } from 'vitest';
import { describeOtherFiles, findChanges, findShrunk } from '../../../../src/snapshot/changes/changes.ts';
import { isUnchanged, STATE_MAX_AGE_MS } from '../../../../src/snapshot/changes/compare-headers.ts';
import { FORMAT_VERSION, type KindHeader, type SnapshotHeader } from '../../../../src/snapshot/format/header.ts';
import { writeBody, writeSubject } from '../../../../src/snapshot/changes/subject.ts';
import type { Kind } from '../../../../src/kinds/kinds.ts';

function header(kinds: Partial<Record<Kind, Partial<KindHeader>>>, more: Partial<SnapshotHeader> = {}): SnapshotHeader {
  const filled = Object.entries(kinds).map(([kind, entry]) => [kind, { coverage: 'complete', items: 0, ...entry }]);
  return {
    format: FORMAT_VERSION,
    instance: 'prod',
    n8nVersion: '2.41.1',
    kinds: Object.fromEntries(filled) as SnapshotHeader['kinds'],
    ...more,
  };
}

const all = header({ workflows: { items: 3 }, variables: { items: 1 }, 'data-tables': { items: 1 } });

function changesOf(before: string[], after: string[], unchanged: string[], names: Record<string, string> = {}) {
  return findChanges({
    before: { paths: before, header: all },
    after: {
      paths: after,
      unchanged: new Set(unchanged),
      names: new Map(Object.entries(names)),
      header: all,
    },
  });
}

describe('findChanges', () => {
  it('findChanges tells added, changed and removed items apart, by id and not by name', () => {
    const changes = changesOf(
      ['workflows/old-name.w1.json', 'workflows/same.w2.json', 'workflows/gone.w3.json', 'variables.json'],
      ['workflows/new-name.w1.json', 'workflows/same.w2.json', 'workflows/fresh.w4.json', 'variables.json'],
      ['workflows/same.w2.json', 'variables.json'],
      { 'workflows/new-name.w1.json': 'New Name', 'workflows/fresh.w4.json': 'Fresh' },
    );
    expect(changes.map(({ change, name, key }) => [change, name, key])).toEqual([
      ['added', 'Fresh', 'w4'],
      ['changed', 'New Name', 'w1'],
      ['removed', 'gone', 'w3'],
    ]);
  });

  it('findChanges counts a live version that came or went as a change of its workflow', () => {
    const draft = 'workflows/a.w1.json';
    expect(changesOf([draft], [draft, 'workflows/a.w1.published.json'], [draft])).toMatchObject([
      { change: 'changed', key: 'w1' },
    ]);
  });

  it('findChanges passes over static data and schemas', () => {
    expect(changesOf(['workflow-state/w1.json'], ['workflow-state/w2.json', 'credential-schemas/x.json'], [])).toEqual(
      [],
    );
  });

  it('findChanges does not call a kind removed that is no longer read', () => {
    const now = header({ workflows: {} });
    const changes = findChanges({
      before: { paths: ['variables.json'], header: all },
      after: { paths: [], unchanged: new Set(), names: new Map(), header: now },
    });
    expect(changes).toEqual([]);
  });
});

describe('writeSubject', () => {
  it('writeSubject says what changed in one line that people can read', () => {
    const changes = changesOf(
      ['workflows/a.w1.json', 'workflows/b.w2.json', 'variables.json'],
      ['workflows/a.w1.json', 'workflows/b.w2.json', 'workflows/c.w3.json', 'variables.json'],
      [],
      {
        'workflows/a.w1.json': 'Invoice sync',
        'workflows/b.w2.json': 'Lead router',
        'workflows/c.w3.json': 'New one',
      },
    );
    expect(writeSubject(all, all, changes)).toBe(
      'prod: 2 workflows changed, 1 added; variables changed: Invoice sync, Lead router, New one',
    );
  });

  it('writeSubject says of the first snapshot what it holds', () => {
    const first = header({ workflows: { items: 1 }, 'data-tables': { items: 2 }, tags: { items: 0 } });
    expect(writeSubject(null, first, [])).toBe('prod: first snapshot with 1 workflow, 2 data tables');
  });

  it('writeSubject stays one short line, whatever the names hold', () => {
    const path = 'workflows/x.w1.json';
    const name = `evil\nFlowkeep-Snapshot: forged\u001b[31m${'x'.repeat(300)}`;
    const subject = writeSubject(all, all, changesOf([], [path], [], { [path]: name }));
    expect(subject).not.toMatch(/\p{Cc}/u);
    expect([...subject].length).toBeLessThanOrEqual(100);
  });

  it('writeSubject names a new n8n version when nothing else changed', () => {
    expect(writeSubject(header({}, { n8nVersion: '2.41.0' }), header({}), [])).toBe(
      'prod: n8n is now 2.41.1, was 2.41.0',
    );
  });
});

describe('the subject of a snapshot without a changed item', () => {
  const paths = ['workflows/a.w1.json', 'workflow-state/w1.json', 'credential-schemas/x.json'];
  const subjectOf = (changed: readonly string[], after = all) =>
    writeSubject(all, after, [], {
      otherwise: describeOtherFiles(paths, {
        paths,
        unchanged: new Set(paths.filter((path) => !changed.includes(path))),
      }),
    });

  it('the subject of a snapshot without a changed item says that nothing changed where nothing did', () => {
    expect(subjectOf([])).toBe('prod: nothing changed');
  });

  it('the subject of a snapshot without a changed item says that static data or schemas changed where they did', () => {
    expect(subjectOf(['workflow-state/w1.json'])).toBe('prod: static data of workflows changed');
    expect(subjectOf(['credential-schemas/x.json'])).toBe('prod: schemas of credentials changed');
    expect(subjectOf(paths.slice(1))).toBe('prod: static data of workflows and schemas of credentials changed');
  });

  it('the subject of a snapshot without a changed item names the kinds of which the header says something else', () => {
    const after = {
      ...all,
      kinds: { ...all.kinds, variables: { coverage: 'complete', items: 1, notes: ['x'] } },
    };
    expect(subjectOf([], after as SnapshotHeader)).toBe('prod: coverage details of variables changed');
  });
});

describe('writeBody', () => {
  it('writeBody lists the changes, and what could not be read with its reason', () => {
    const now = header({
      workflows: {},
      variables: {
        coverage: 'unavailable',
        reason: { code: 'licence', message: 'no licence' },
        carriedFrom: 'S1',
      },
    });
    const changes = changesOf(['workflows/a.w1.json'], ['workflows/a.w1.json'], [], {
      'workflows/a.w1.json': 'A',
    });
    expect(writeBody(all, now, changes)).toBe(
      'changed workflow A (w1)\nvariables unavailable, carried over from S1: no licence',
    );
  });
});

describe('findShrunk', () => {
  it('findShrunk flags a kind that lost over half of its items, or a table that lost over half of its rows', () => {
    const before = header({
      workflows: { items: 10 },
      tags: { items: 10 },
      'data-tables': { items: 1, rows: 100 },
    });
    const after = header({
      workflows: { items: 4 },
      tags: { items: 5 },
      'data-tables': { items: 1, rows: 49 },
    });
    expect(findShrunk(before, after)).toEqual(['workflows', 'data-tables']);
  });

  it('findShrunk does not flag what was not read', () => {
    const after = header({ workflows: { items: 0, coverage: 'failed' } });
    expect(findShrunk(header({ workflows: { items: 10 } }), after)).toEqual([]);
  });
});

describe('isUnchanged', () => {
  const paths = ['flowkeep.json', 'workflows/a.w1.json', 'workflow-state/w1.json', 'variables.json'];
  const before = { header: all, takenAt: '2026-11-23T00:00:00Z', paths };
  const start = Date.parse(before.takenAt);

  /** What was read now: these files, of which all but some are as before. */
  function now(changed: readonly string[] = [], after: readonly string[] = paths, header = all) {
    const read = after.filter((path) => path !== 'flowkeep.json');
    return { header, paths: read, unchanged: new Set(read.filter((path) => !changed.includes(path))) };
  }

  it('isUnchanged is so where every file has the same bytes at the same place', () => {
    expect(isUnchanged(before, now(), start)).toBe(true);
  });

  it('isUnchanged lets static data wait for a day, and no longer', () => {
    const newState = now(['workflow-state/w1.json']);
    expect(isUnchanged(before, newState, start + STATE_MAX_AGE_MS - 1)).toBe(true);
    expect(isUnchanged(before, newState, start + STATE_MAX_AGE_MS)).toBe(false);
  });

  it('isUnchanged is not so where a file changed, came or went', () => {
    expect(isUnchanged(before, now(['variables.json']), start)).toBe(false);
    expect(isUnchanged(before, now(['tags.json'], [...paths, 'tags.json']), start)).toBe(false);
    expect(isUnchanged(before, now([], paths.slice(0, 3)), start)).toBe(false);
  });

  it('isUnchanged is not so where coverage, counts or the version of n8n changed', () => {
    expect(isUnchanged(before, now([], paths, { ...all, n8nVersion: '2.42.0' }), start)).toBe(false);
    expect(isUnchanged(before, now([], paths, header({ workflows: { items: 4 } })), start)).toBe(false);
  });
});
