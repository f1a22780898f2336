import { describe, expect, test } from 'vitest';
import { actionOf, callNode, PERSONAL, planOf, summary, UNLICENSED, type Instance } from '../support.ts';

const EXTRA: Instance = {
  projects: [PERSONAL, { id: 'p', name: 'Extra' }, { id: 'x', name: 'Joe <joe@example.com>', type: 'personal' }],
  folders: [
    { id: 'f1', name: 'Outer', projectId: 'p' },
    { id: 'f2', name: 'Inner', projectId: 'p', parentFolderId: 'f1' },
  ],
  tags: [{ id: 't', name: 'extra' }],
  variables: [{ id: 'v', key: 'EXTRA' }],
  credentials: [{ id: 'c', name: 'extra' }],
  tables: [{ id: 'd', name: 'extra' }],
  workflows: [
    { id: 'callee', name: 'a' },
    { id: 'caller', name: 'b', nodes: [callNode('callee')] },
  ],
  packages: [{ name: 'n8n-nodes-x', version: '1' }],
};

function deletions(lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith('delete'));
}

describe('--prune', () => {
  test('nothing is deleted without --prune', async () => {
    expect(summary(await planOf({}, EXTRA))).toEqual([]);
  });

  test('--prune deletes in reverse order, never people, packages or personal projects', async () => {
    expect(summary(await planOf({}, EXTRA, { prune: true }))).toEqual([
      'delete workflows:caller',
      'delete workflows:callee',
      'delete data-tables:d',
      'delete credentials:c',
      'delete variables:v',
      'delete tags:t',
      'delete folders:f2',
      'delete folders:f1',
      'delete projects:p',
    ]);
  });

  test('the deletions of --prune come after everything else', async () => {
    const plan = await planOf({ tags: [{ id: 'new', name: 'new' }] }, EXTRA, { prune: true });
    expect(summary(plan)[0]).toBe('create tags:new');
  });

  test('--prune deletes only items of kinds that were chosen as a whole', async () => {
    const source: Instance = { tags: [{ id: 'mine', name: 'mine' }] };
    expect(summary(await planOf(source, EXTRA, { prune: true, only: ['tags'] }))).toEqual([
      'create tags:mine',
      'delete tags:t',
    ]);
    expect(deletions(summary(await planOf(source, EXTRA, { prune: true, only: ['tag:mine'] })))).toEqual([]);
  });

  test('--prune deletes only in the project that was chosen', async () => {
    const source: Instance = { projects: [PERSONAL, { id: 'p', name: 'Extra' }] };
    const live: Instance = { ...EXTRA, workflows: [{ id: 'in', projectId: 'p' }, { id: 'out' }] };
    expect(deletions(summary(await planOf(source, live, { prune: true, only: ['project:Extra'] })))).toEqual([
      'delete workflows:in',
      'delete folders:f2',
      'delete folders:f1',
    ]);
  });

  test('--prune does not take for missing what the snapshot or the target could not see', async () => {
    const source = { kinds: { workflows: { coverage: 'failed' } as const, tags: UNLICENSED } };
    const live: Instance = { ...EXTRA, kinds: { variables: UNLICENSED } };
    const lines = deletions(summary(await planOf(source, live, { prune: true })));
    expect(lines.filter((line) => /workflows|tags|variables/.test(line))).toEqual([]);
  });

  test('--prune does not delete what has another id here', async () => {
    const plan = await planOf({ tags: [{ id: 'other', name: 'extra' }] }, EXTRA, {
      prune: true,
      only: ['tags'],
    });
    expect(summary(plan)).toEqual(['unchanged tags:other']);
  });

  test('--prune blocks the deletion of what something that is kept still needs, and names it', async () => {
    const node = { name: 'n', type: 'x', credentials: { api: { id: 'c', name: 'extra' } } };
    const live: Instance = { ...EXTRA, workflows: [{ id: 'w', name: 'Stays', nodes: [node] }] };
    const plan = await planOf({}, live, { prune: true, only: ['credentials'] });
    expect(actionOf(plan, 'credentials:c', 'blocked').why).toContain('"Stays"');
  });

  test('--prune does not delete a project that still has content: n8n would delete folders and variables with it', async () => {
    const plan = await planOf({}, EXTRA, { prune: true, only: ['projects'] });
    expect(actionOf(plan, 'projects:p', 'blocked').why).toContain('folder "Inner"');
  });

  test('--prune does not delete a folder above one that is kept', async () => {
    const source: Instance = { ...EXTRA, folders: [{ id: 'f2', name: 'Inner', projectId: 'p' }] };
    const kept = await planOf(source, EXTRA, { prune: true, onConflict: 'skip' });
    expect(actionOf(kept, 'folders:f1', 'blocked').why).toContain('folder "Inner"');
    const moved = await planOf(source, EXTRA, { prune: true });
    expect(summary(moved)).toEqual(expect.arrayContaining(['update folders:f2', 'delete folders:f1']));
  });
});
