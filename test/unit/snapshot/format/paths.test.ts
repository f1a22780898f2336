import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isList, KINDS } from '../../../../src/kinds/kinds.ts';
import { resolveCaseCollisions } from '../../../../src/snapshot/format/collision.ts';
import {
  concealName,
  credentialPath,
  credentialSchemaPath,
  dataTableFolder,
  HEADER_PATH,
  listPath,
  parsePath,
  partOf,
  publishedPath,
  README_PATH,
  rowsFile,
  safeId,
  slug,
  workflowPath,
  workflowStatePath,
} from '../../../../src/snapshot/format/paths.ts';

describe('slug', () => {
  it.each([
    ['Invoice sync', 'invoice-sync'],
    ['  Übersicht / Café  ', 'ubersicht-cafe'],
    ['請求書の同期', '請求書の同期'],
    ['हिन्दी', 'हिन्दी'],
    ['../../etc/passwd', 'etc-passwd'],
    ['CON', 'con-'],
    ['com1', 'com1-'],
    ['🚀🚀', 'unnamed'],
    ['', 'unnamed'],
    ['a.b.published.json', 'a-b-published-json'],
    ['tab\there\nnewline', 'tab-here-newline'],
  ])('slug makes %j into %j', (name, expected) => {
    expect(slug(name)).toBe(expected);
  });

  it('slug cuts a long name between characters, not within one', () => {
    expect(Buffer.byteLength(slug('界'.repeat(300)))).toBeLessThanOrEqual(100);
    expect(slug('界'.repeat(300))).toBe('界'.repeat(33));
  });
});

describe('paths', () => {
  it('paths name what they hold and tell by the id', () => {
    expect(workflowPath('Invoice sync', 'aB3')).toBe('workflows/invoice-sync.aB3.json');
    expect(publishedPath('Invoice sync', 'aB3')).toBe('workflows/invoice-sync.aB3.published.json');
    expect(workflowStatePath('aB3')).toBe('workflow-state/aB3.json');
    expect(dataTableFolder('Leads', 't1') + rowsFile(25999)).toBe('data-tables/leads.t1/rows/25.ndjson');
  });

  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.constantFrom('..', '.', '', 'NUL', 'a/b', 'a\\b', '\0'),
  );

  it('paths stay in their folder, are no device and are not too long, whatever the name and the id', () => {
    fc.assert(
      fc.property(anyText, anyText, (name, id) => {
        for (const path of [
          workflowPath(name, id),
          publishedPath(name, id),
          workflowStatePath(id),
          credentialSchemaPath(id),
        ]) {
          const [folder, file, ...more] = path.split('/');
          expect(more).toEqual([]);
          expect(partOf(path)).not.toBeNull();
          expect(folder).toMatch(/^[a-z-]+$/);
          expect(file).toMatch(/^[^\\/:*?"<>|\p{Cc}]+$/u);
          expect(file).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)\./i);
          expect(file).not.toMatch(/^\.|[. ]$/);
          expect(Buffer.byteLength(file!)).toBeLessThanOrEqual(255);
        }
      }),
    );
  });

  it('differ for different ids, also for hostile ones', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.string(), (a, b, name) => {
        fc.pre(a !== b);
        expect(workflowPath(name, a)).not.toBe(workflowPath(name, b));
      }),
    );
  });
});

describe('parsePath', () => {
  const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('..', '', 'NUL', 'a.b', 'json'));

  it('parsePath gives back what a path was made of, whatever the name and the id, with and without the name in it', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.integer({ min: -5000, max: 5_000_000 }), (name, id, row) => {
        const table = dataTableFolder(name, id);
        const [own, named] = [{ id: safeId(id), key: safeId(id), rowsFile: 0 }, { slug: slug(name) }];
        const rows = { ...own, part: 'data-tables', role: 'rows', rowsFile: Math.floor(row / 1000) };
        const made = [
          [workflowPath(name, id), { ...own, ...named, part: 'workflows', role: 'draft' }],
          [publishedPath(name, id), { ...own, ...named, part: 'workflows', role: 'published' }],
          [workflowStatePath(id), { ...own, slug: '', part: 'workflow-state', role: 'state' }],
          [credentialPath(name, id), { ...own, ...named, part: 'credentials', role: 'credential' }],
          [credentialSchemaPath(id), { ...own, slug: '', part: 'credentials', role: 'schema' }],
          [`${table}table.json`, { ...own, ...named, part: 'data-tables', role: 'table' }],
          [`${table}${rowsFile(row)}`, { ...rows, ...named }],
        ] as const;
        for (const [path, parts] of made) {
          expect(parsePath(path)).toEqual(parts);
          expect(parsePath(concealName(path))).toEqual({ ...parts, slug: '' });
        }
      }),
    );
  });

  it('parsePath gives the id without what tells it from one that differs in case alone', () => {
    const [upper, lower] = [workflowPath('Sync', 'AB'), workflowPath('Sync', 'ab')];
    const moved = resolveCaseCollisions([upper, lower]).get(upper)!;
    expect(parsePath(moved)).toMatchObject({ id: 'AB', slug: 'sync' });
    expect(parsePath(moved)!.key).toMatch(/^AB~[0-9a-f]{8}$/);
  });

  it('parsePath knows the files that are no one item’s', () => {
    expect(parsePath(HEADER_PATH)).toMatchObject({ role: 'header', part: null });
    expect(parsePath(README_PATH)).toMatchObject({ role: 'readme', part: null });
    for (const kind of KINDS.filter(isList))
      expect(parsePath(listPath(kind))).toMatchObject({
        role: 'list',
        part: kind,
        key: `${kind}.json`,
        id: '',
      });
  });

  it.each([
    'workflows',
    'workflows/',
    'workflows/.json',
    'workflows/a.b.c.json',
    'workflows/a.1.txt',
    'workflows/a.1/table.json',
    'workflow-state/a.1.json',
    'data-tables/a.1.json',
    'data-tables/a.1/rows/x.ndjson',
    'tags.json/a.1.json',
    'unknown.json',
    '__proto__/a.1.json',
  ])('parsePath knows no %s', (path) => {
    expect(parsePath(path)).toBeNull();
  });
});

describe('resolveCaseCollisions', () => {
  it('resolveCaseCollisions leaves paths alone that differ in more than case', () => {
    expect(resolveCaseCollisions(['workflows/a.x1.json', 'workflows/a.x1.published.json', 'tags.json']).size).toBe(0);
  });

  it('resolveCaseCollisions keeps two items apart whose paths differ in case alone, with all their files', () => {
    const paths = ['data-tables/t.AB/table.json', 'data-tables/t.AB/rows/0.ndjson', 'data-tables/t.ab/table.json'];
    const moved = resolveCaseCollisions(paths);
    const now = paths.map((path) => moved.get(path) ?? path);
    expect(new Set(now.map((path) => path.toLowerCase())).size).toBe(3);
    expect(now[0]!.split('/')[1]).toBe(now[1]!.split('/')[1]);
  });

  it('resolveCaseCollisions gives the same answer whatever the order', () => {
    const paths = ['workflow-state/AB.json', 'workflow-state/ab.json', 'workflow-state/Ab.json'];
    const forwards = resolveCaseCollisions(paths);
    const backwards = resolveCaseCollisions([...paths].reverse());
    for (const path of paths) expect(backwards.get(path)).toBe(forwards.get(path));
  });
});
