import { describe, expect, test } from 'vitest';
import { Identities } from '../../../../../src/restore/plan/select/identity.ts';
import type { IdPair } from '../../../../../src/restore/plan/types.ts';
import { modelOf, PERSONAL, UNLICENSED, type Instance } from '../../support.ts';

async function identities(
  source: Instance,
  live: Instance,
  saved: readonly IdPair[] = [],
  adopted: readonly IdPair[] = [],
): Promise<Identities> {
  return new Identities({ source: await modelOf(source), live: await modelOf(live), saved, adopted });
}

describe('which item is which', () => {
  test('the same id comes before everything else', async () => {
    const found = await identities(
      {
        tags: [
          { id: 'a', name: 'one' },
          { id: 'b', name: 'two' },
        ],
      },
      {
        tags: [
          { id: 'a', name: 'two' },
          { id: 'b', name: 'one' },
        ],
      },
    );
    expect(found.match('tags', 'a')).toEqual({ targetId: 'a', matchedBy: 'id' });
    expect(found.match('tags', 'b')).toEqual({ targetId: 'b', matchedBy: 'id' });
    expect(found.pairs()).toEqual([]);
  });

  test('the saved mapping decides which item is which, as long as its item still exists', async () => {
    const saved: IdPair[] = [
      { kind: 'workflows', from: 'a', to: 'A' },
      { kind: 'workflows', from: 'b', to: 'gone' },
    ];
    const source = { workflows: [{ id: 'a' }, { id: 'b' }] };
    const found = await identities(source, { workflows: [{ id: 'A' }] }, saved);
    expect(found.match('workflows', 'a')).toEqual({ targetId: 'A', matchedBy: 'mapping' });
    expect(found.resolve('workflows', 'b')).toBeUndefined();
    expect(found.pairs()).toEqual([{ kind: 'workflows', from: 'a', to: 'A' }]);
  });

  test('what an interrupted restore created is adopted', async () => {
    const adopted: IdPair[] = [{ kind: 'workflows', from: 'a', to: 'A' }];
    const found = await identities({ workflows: [{ id: 'a' }] }, { workflows: [{ id: 'A' }] }, [], adopted);
    expect(found.match('workflows', 'a')?.matchedBy).toBe('adopted');
  });

  test('one item of the target is never two of the snapshot', async () => {
    const saved: IdPair[] = [
      { kind: 'workflows', from: 'a', to: 'b' },
      { kind: 'workflows', from: 'c', to: 'X' },
      { kind: 'workflows', from: 'd', to: 'X' },
    ];
    const source = { workflows: ['a', 'b', 'c', 'd'].map((id) => ({ id })) };
    const found = await identities(source, { workflows: [{ id: 'b' }, { id: 'X' }] }, saved);
    expect(['a', 'b', 'c', 'd'].map((id) => found.resolve('workflows', id))).toEqual([undefined, 'b', 'X', undefined]);
  });

  test('workflows and credentials are never matched by name: names are not unique', async () => {
    const found = await identities(
      { workflows: [{ id: 'a', name: 'N' }], credentials: [{ id: 'a', name: 'N' }] },
      { workflows: [{ id: 'b', name: 'N' }], credentials: [{ id: 'b', name: 'N' }] },
    );
    expect(found.resolve('workflows', 'a')).toBeUndefined();
    expect(found.resolve('credentials', 'a')).toBeUndefined();
  });

  test('tags, variables, data tables and folders are matched by what n8n keeps unique', async () => {
    const team = (id: string): NonNullable<Instance['projects']> => [PERSONAL, { id, name: 'Sales' }];
    const saved: IdPair[] = [{ kind: 'projects', from: 'p1', to: 'P1' }];
    const found = await identities(
      {
        projects: team('p1'),
        tags: [{ id: 't', name: 'x' }],
        variables: [
          { id: 'v', key: 'K', projectId: 'p1' },
          { id: 'g', key: 'K' },
        ],
        tables: [
          { id: 'd', name: 'T', projectId: 'p1' },
          { id: 'e', name: 'T' },
        ],
        folders: [
          { id: 'f2', name: 'In', projectId: 'p1', parentFolderId: 'f1' },
          { id: 'f1', name: 'Out', projectId: 'p1' },
        ],
      },
      {
        projects: team('P1'),
        tags: [{ id: 'T', name: 'x' }],
        variables: [
          { id: 'G', key: 'K' },
          { id: 'V', key: 'K', projectId: 'P1' },
        ],
        tables: [
          { id: 'E', name: 'T' },
          { id: 'D', name: 'T', projectId: 'P1' },
        ],
        folders: [
          { id: 'F1', name: 'Out', projectId: 'P1' },
          { id: 'F2', name: 'In', projectId: 'P1', parentFolderId: 'F1' },
          { id: 'F3', name: 'In', projectId: 'P1' },
        ],
      },
      saved,
    );
    expect(Object.fromEntries(found.pairs().map(({ from, to }) => [from, to]))).toEqual({
      p1: 'P1',
      t: 'T',
      v: 'V',
      g: 'G',
      d: 'D',
      e: 'E',
      f1: 'F1',
      f2: 'F2',
    });
  });

  test('folders that lie in each other, which no n8n makes, do not hang it', async () => {
    const folders = [
      { id: 'a', name: 'A', projectId: 'p', parentFolderId: 'b' },
      { id: 'b', name: 'B', projectId: 'p', parentFolderId: 'a' },
    ];
    const found = await identities({ folders }, { folders: [{ id: 'x', name: 'A', projectId: 'p' }] });
    expect(found.match('folders', 'a')).toBeUndefined();
  });
});

describe('personal projects', () => {
  const other = { id: 'other', name: 'Joe <joe@example.com>', type: 'personal' } as const;

  test('personal projects are matched by the owner, whatever the id', async () => {
    const moved = { ...PERSONAL, id: 'elsewhere', name: 'Jane D. <JANE@example.com>' };
    const found = await identities({ projects: [PERSONAL] }, { projects: [other, moved] });
    expect(found.match('projects', PERSONAL.id)).toEqual({ targetId: 'elsewhere', matchedBy: 'personal' });
  });

  test("the personal project of an unknown owner becomes the caller's own, by id if there is only one", async () => {
    const one = await identities({ projects: [PERSONAL] }, { projects: [other] });
    expect(one.resolve('projects', PERSONAL.id)).toBe('other');
    const third = { ...other, id: 'third', name: 'Ann <ann@example.com>' };
    const many = await identities({ projects: [PERSONAL] }, { projects: [other, third] });
    expect(many.resolve('projects', PERSONAL.id)).toBeNull();
    expect(many.pairs()).toEqual([{ kind: 'projects', from: PERSONAL.id, to: null }]);
  });

  test('without a licence no project is listed: ids in use are kept, others become the personal one', async () => {
    const unlicensed = { projects: [], kinds: { projects: UNLICENSED } };
    const found = await identities(
      { ...unlicensed, workflows: [{ id: 'w', projectId: 'a' }] },
      { ...unlicensed, workflows: [{ id: 'x', projectId: 'b' }] },
    );
    expect(found.resolve('projects', 'b')).toBe('b');
    expect(found.resolve('projects', 'a')).toBeNull();
  });
});

test('a kind that the target does not list is taken as kept', async () => {
  const found = await identities(
    { variables: [{ id: 'v', key: 'K' }], tags: [{ id: 't', name: 'x' }] },
    { kinds: { variables: UNLICENSED } },
  );
  expect(found.resolve('variables', 'v')).toBe('v');
  expect(found.resolve('tags', 't')).toBeUndefined();
});
