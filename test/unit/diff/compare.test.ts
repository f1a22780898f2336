import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { diffLines } from '../../../src/cli/output/diff-report.ts';
import { canonicalJson, canonicalJsonLine, type JsonObject } from '../../../src/lib/json/json.ts';
import { Budget } from '../../../src/diff/budget.ts';
import { compareSnapshots } from '../../../src/diff/compare.ts';
import { parseOnly } from '../../../src/kinds/only.ts';
import type { SnapshotView } from '../../../src/snapshot/format/snapshot-view.ts';
import type { ItemDiff } from '../../../src/diff/types.ts';
import { allItems, ignoreLayout } from '../../../src/diff/totals.ts';
import { itemWords } from '../../../src/diff/words.ts';
import { KINDS, type Kind } from '../../../src/kinds/kinds.ts';
import type { KindHeader } from '../../../src/snapshot/format/header.ts';
import { node, workflow } from './support/workflow.ts';

type Files = Record<string, JsonObject | JsonObject[] | string>;

interface Options {
  readonly kinds?: Partial<Record<Kind, KindHeader>>;
}

/** A snapshot in memory. */
interface Compared extends SnapshotView {
  readonly contentsRead: string[];
}

/** A snapshot in memory, which counts what is read of it. */
function snapshot(id: string, files: Files, options: Options = {}): Compared {
  const bytes = new Map(
    Object.entries(files).map(([path, value]) => [
      path,
      Buffer.from(typeof value === 'string' ? value : canonicalJson(value)),
    ]),
  );
  const complete = Object.fromEntries(KINDS.map((kind) => [kind, { coverage: 'complete', items: 0 }]));
  const contentsRead: string[] = [];
  return {
    id,
    takenAt: '2026-11-23T00:00:00Z',
    header: {
      format: 1,
      instance: 'prod',
      n8nVersion: '2.41.1',
      kinds: { ...complete, ...options.kinds },
    },
    files: new Map([...bytes].map(([path, content]) => [path, { size: content.length }])),
    contentsRead,
    matches: (path, content) => bytes.get(path)?.equals(content) ?? false,
    read: async (path) => bytes.get(path)!,
    async *readMany(paths) {
      for (const path of paths) {
        contentsRead.push(path);
        yield [path, bytes.get(path)!] as const;
      }
    },
  };
}

async function items(from: Files, to: Files, only: string[] = []): Promise<ItemDiff[]> {
  const found = await compareSnapshots(snapshot('a', from), snapshot('b', to), { only: only.map(parseOnly) });
  return allItems(found);
}

const words = (found: readonly ItemDiff[]): string[] =>
  found.map((item) => `${item.change} ${item.kind} ${item.name}: ${itemWords(item)}`);

const flow = (id: string, name: string, more: JsonObject = {}): JsonObject =>
  workflow([node('A')], { id, name, ...more });

describe('workflows', () => {
  it('workflows are paired by id over a rename, and added and removed ones are reported', async () => {
    const found = await items(
      { 'workflows/old.w1.json': flow('w1', 'Old'), 'workflows/gone.w2.json': flow('w2', 'Gone') },
      { 'workflows/new.w1.json': flow('w1', 'New'), 'workflows/fresh.w3.json': flow('w3', 'Fresh') },
    );
    expect(words(found)).toEqual([
      'added workflows Fresh: 1 node, not published',
      'removed workflows Gone: 1 node, not published',
      'changed workflows New: renamed from Old',
    ]);
  });

  it('workflows stay the same one when another that differs in case alone comes', async () => {
    const found = await items(
      { 'workflows/x.aB.json': flow('aB', 'x') },
      { 'workflows/x.aB~0123abcd.json': flow('aB', 'x'), 'workflows/x.AB~4567abcd.json': flow('AB', 'x') },
    );
    expect(words(found)).toEqual(['added workflows x: 1 node, not published']);
  });

  it('workflows that moved to another folder are reported, although their own files are the same', async () => {
    const folders = (workflows: JsonObject) => ({
      folders: [{ id: 'f1', name: 'Sales', projectId: 'p', parentFolderId: null }],
      workflows,
    });
    const file = { 'workflows/x.w1.json': flow('w1', 'x') };
    const found = await items(
      { ...file, 'folders.json': folders({}) },
      { ...file, 'folders.json': folders({ w1: 'f1' }) },
    );
    expect(found).toMatchObject([{ kind: 'workflows', id: 'w1', fields: [{ field: 'folder', to: 'Sales' }] }]);
  });
});

describe('other kinds', () => {
  it('other kinds are compared field by field, times aside', async () => {
    const found = await items(
      {
        'variables.json': [{ id: 'v', key: 'URL', value: 'a' }],
        'tags.json': [{ id: 't', name: 'Old', updatedAt: '1' }],
        'credentials/c.c1.json': { id: 'c1', name: 'Stripe', type: 'stripeApi', updatedAt: '1' },
        'projects.json': [{ id: 'p', name: 'P', members: [{ id: 'u', email: 'a@b.c', role: 'viewer' }] }],
      },
      {
        'variables.json': [{ id: 'v', key: 'URL', value: 'b' }],
        'tags.json': [{ id: 't', name: 'New', updatedAt: '2' }],
        'credentials/c.c1.json': { id: 'c1', name: 'Stripe', type: 'stripeApi', updatedAt: '2' },
        'projects.json': [{ id: 'p', name: 'P', members: [{ id: 'u', email: 'a@b.c', role: 'admin' }] }],
      },
    );
    expect(words(found)).toEqual([
      'changed variables URL: value changed',
      'changed tags New: renamed from Old',
      'changed projects P: members["a@b.c"] changed',
    ]);
  });

  it('other kinds say of data tables which columns and which rows differ, and read only row files that differ', async () => {
    const column = (id: string, name: string, index: number) => ({ id, name, type: 'string', index });
    const rows = (...list: JsonObject[]) => `${list.map((row) => canonicalJsonLine(row)).join('\n')}\n`;
    const table = (columns: JsonObject[]) => ({ id: 'd1', name: 'People', columns });
    const same = rows({ id: 1000, name: 'far' });
    const from = snapshot('a', {
      'data-tables/people.d1/table.json': table([column('c1', 'name', 0), column('c2', 'age', 1)]),
      'data-tables/people.d1/rows/0.ndjson': rows({ id: 1, name: 'Ada', updatedAt: '1' }, { id: 2, name: 'Bob' }),
      'data-tables/people.d1/rows/1.ndjson': same,
    });
    const to = snapshot('b', {
      'data-tables/people.d1/table.json': table([column('c1', 'full name', 0), column('c3', 'mail', 1)]),
      'data-tables/people.d1/rows/0.ndjson': rows({ id: 1, name: 'Ada', updatedAt: '2' }, { id: 3, name: 'Eve' }),
      'data-tables/people.d1/rows/1.ndjson': same,
    });
    const [item] = allItems(await compareSnapshots(from, to));
    expect(item!.fields).toEqual([
      { field: 'column age', from: 'string' },
      { field: 'column name', from: 'name', to: 'full name' },
      { field: 'column mail', to: 'string' },
    ]);
    expect(item!.rows).toMatchObject({ added: 1, removed: 1, changed: 0 });
    expect(from.contentsRead).not.toContain('data-tables/people.d1/rows/1.ndjson');
  });

  it('other kinds that could not be read are not said to be gone', async () => {
    const reason = { code: 'licence', message: 'Your license does not allow' } as const;
    const lost = { variables: { coverage: 'unavailable', items: 0, reason } } as const;
    const found = await compareSnapshots(
      snapshot('a', { 'variables.json': [{ id: 'v', key: 'URL', value: 'a' }] }),
      snapshot('b', {}, { kinds: lost }),
      { only: [parseOnly('variables:URL')] },
    );
    expect(found.kinds).toMatchObject([{ kind: 'variables', compared: false, items: [] }]);
    expect(found.kinds[0]!.notes).toEqual(['b could not read this kind: Your license does not allow']);
  });
});

describe('what is too large to be compared in detail', () => {
  it('a place that is too large is reported as less, beside its kind and in the commit message not at all', async () => {
    const flow = (code: string) => ({
      'workflows/a.w1.json': workflow([node('Code', { parameters: { code } })], { id: 'w1', name: 'A' }),
    });
    const [from, to] = [snapshot('a', flow('a\nb')), snapshot('b', flow('a\nc'))];
    const found = await compareSnapshots(from, to, { budget: Budget.none() });
    expect(found.kinds.find(({ kind }) => kind === 'workflows')!.notes).toEqual([
      '1 place is too large to be compared in detail, and shown as changed as a whole',
    ]);
    expect(words(allItems(found))).toEqual(words(allItems(await compareSnapshots(from, to))));
    const palette = pc.createColors(false);
    expect(diffLines(found, { palette, columns: 80, details: true }).map((line) => line.trim())).toContain(
      'code: changed, too large to be compared in detail',
    );
  });
});

describe('--only', () => {
  const from = { 'workflows/a.w1.json': flow('w1', 'A'), 'workflows/b.w2.json': flow('w2', 'B') };
  const to = {
    'workflows/a.w1.json': flow('w1', 'A', { active: true }),
    'workflows/b.w2.json': flow('w2', 'B', { active: true }),
  };

  it('--only takes a kind, an id and a name in any case', async () => {
    expect(await items(from, to, ['workflows'])).toHaveLength(2);
    expect(await items(from, to, ['workflow:w1'])).toMatchObject([{ id: 'w1' }]);
    expect(await items(from, to, ['workflow:b'])).toMatchObject([{ id: 'w2' }]);
    expect(await items(from, to, ['tags'])).toEqual([]);
  });

  it('--only says nothing of an item that did not change, and refuses one that is not there', async () => {
    expect(await items(from, { ...to, 'workflows/a.w1.json': flow('w1', 'A') }, ['workflow:A'])).toEqual([]);
    await expect(items(from, to, ['workflow:Nope'])).rejects.toThrow('neither side has a workflow');
    expect(() => parseOnly('nonsense:x')).toThrow('unknown kind "nonsense"');
  });
});

it('a diff leaves out layout on request', async () => {
  const moved = workflow([node('A', { position: [9, 9] })]);
  const both = workflow([node('A', { position: [9, 9], disabled: true })]);
  const base = workflow([node('A')]);
  const compare = (draft: JsonObject) =>
    compareSnapshots(snapshot('a', { 'workflows/x.w1.json': base }), snapshot('b', { 'workflows/x.w1.json': draft }));
  expect(allItems(ignoreLayout(await compare(moved)))).toEqual([]);
  expect(allItems(ignoreLayout(await compare(both)))[0]!.draft!.nodes[0]!.changes).toEqual([{ what: 'disabled' }]);
});
