import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../../../src/lib/errors.ts';
import { selectItems } from '../../../../../src/restore/plan/select/select.ts';
import { modelOf, PERSONAL, UNLICENSED, type Instance } from '../../support.ts';

const INSTANCE: Instance = {
  projects: [PERSONAL, { id: 'p1', name: 'Sales' }],
  folders: [
    { id: 'f1', name: 'Outer', projectId: 'p1' },
    { id: 'f2', name: 'Inner', projectId: 'p1', parentFolderId: 'f1' },
  ],
  tags: [{ id: 't1', name: 'billing' }],
  workflows: [
    { id: 'w1', name: 'Invoice sync', tags: ['t1'] },
    { id: 'w2', name: 'Lead router', projectId: 'p1', folderId: 'f2' },
    { id: 'w3', name: 'Copy' },
    { id: 'w4', name: 'Copy', projectId: 'p1', archived: true },
    { id: 'w5', name: 'invoice SYNC' },
  ],
  credentials: [{ id: 'c1', name: 'Api', projectId: 'p1' }],
  variables: [{ id: 'v1', key: 'HOST' }],
  tables: [{ id: 'd1', name: 'Orders', projectId: 'p1' }],
  users: [{ id: 'u1', email: 'jane@example.com' }],
};

async function select(...only: string[]): Promise<string[]> {
  return [...selectItems(await modelOf(INSTANCE), only).items.keys()].sort();
}

async function refusal(...only: string[]): Promise<UsageError> {
  const model = await modelOf(INSTANCE);
  try {
    selectItems(model, only);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('what --only chooses', () => {
  test('without --only, everything is chosen but users', async () => {
    const all = await select();
    expect(all).toContain('workflows:w1');
    expect(all).toContain('data-tables:d1');
    expect(all).not.toContain('users:u1');
  });

  test.each([
    ['workflow:w2', ['workflows:w2']],
    ['workflows:Lead router', ['workflows:w2']],
    ['workflow:lead ROUTER', ['workflows:w2']],
    ['Workflow: Lead router ', ['workflows:w2']],
    ['workflow:Invoice sync', ['workflows:w1']], // the exact name beats one that differs in case
    ['credentials', ['credentials:c1']],
    ['data-table:Orders', ['data-tables:d1']],
    ['data-tables', ['data-tables:d1']],
    ['table:d1', ['data-tables:d1']],
    ['variable:HOST', ['variables:v1']],
    ['users', ['users:u1']],
    ['tags', ['tags:t1']],
    ['tag:billing', ['tags:t1', 'workflows:w1']],
    ['folder:Outer', ['folders:f1', 'folders:f2', 'workflows:w2']],
    [
      'project:Sales',
      ['credentials:c1', 'data-tables:d1', 'folders:f1', 'folders:f2', 'projects:p1', 'workflows:w2', 'workflows:w4'],
    ],
  ])('%s', async (only, keys) => {
    expect(await select(only)).toEqual(keys);
  });

  test('several --only are taken together', async () => {
    expect(await select('workflow:w1', 'variables')).toEqual(['variables:v1', 'workflows:w1']);
  });

  test('--only takes a name with a colon in it', async () => {
    const model = await modelOf({ workflows: [{ id: 'w', name: 'a: b' }] });
    expect([...selectItems(model, ['workflow:a: b']).items.keys()]).toEqual(['workflows:w']);
  });

  test('an ambiguous name in --only lists the candidates with what distinguishes them', async () => {
    const { message, remedy, exitCode } = await refusal('workflow:Copy');
    expect(message).toContain('w3, Copy, project Jane Doe <jane@example.com>');
    expect(message).toContain('w4, Copy, project Sales, archived');
    expect(remedy).toContain('--only workflow:w3');
    expect(exitCode).toBe(2);
  });

  test('--only suggests similar names if it finds nothing', async () => {
    expect((await refusal('workflow:Led router')).remedy).toContain('Lead router (w2)');
    expect((await refusal('workflow:router')).remedy).toContain('Lead router (w2)');
    expect((await refusal('workflow:qqqqqqqqqqqqqqqqqqqqqq')).remedy).toContain('5 workflows');
  });

  test('--only names a command that lists names and ids if no name is similar', async () => {
    expect((await refusal('workflow:qqqqqqqqqqqqqqqqqqqqqq')).remedy).toContain('`flowkeep export');
  });

  test('--only refuses an unknown kind and a missing name', async () => {
    expect((await refusal('wokflow:x')).message).toContain('unknown kind "wokflow"');
    expect((await refusal('workflow:')).message).toContain('expected a name or an id after the colon');
  });

  test('--only refuses a kind that the snapshot could not see', async () => {
    const model = await modelOf({ kinds: { variables: UNLICENSED } });
    expect(() => selectItems(model, ['variables'])).toThrow(/has no variables: Your license/);
    expect(() => selectItems(model, ['variable:x'])).toThrow(/has no variables/);
  });

  test('control characters of names do not reach the terminal', async () => {
    const model = await modelOf({
      workflows: [
        { id: 'a', name: 'x\u001b[2J' },
        { id: 'b', name: 'X\u001b[2J' },
      ],
    });
    expect(() => selectItems(model, ['workflow:y\u001b[2J'])).toThrow(UsageError);
    try {
      selectItems(model, ['workflow:x [2j']);
    } catch (error) {
      const { message, remedy } = error as UsageError;
      expect(`${message}${remedy}`).not.toMatch(/\u001b/);
    }
  });
});

describe('a snapshot that is made to take long to look through', () => {
  test('3,000 folders in each other bring all below them, each looked at once', async () => {
    const folders = Array.from({ length: 3000 }, (_, index) => ({
      ...{ id: `f${index}`, name: `Folder ${index}`, projectId: 'p1' },
      ...(index === 0 ? {} : { parentFolderId: `f${Math.floor((index - 1) / 50)}` }),
    }));
    const workflows = [{ id: 'deep', name: 'Deep', projectId: 'p1', folderId: 'f2999' }];
    const model = await modelOf({ projects: [PERSONAL, { id: 'p1', name: 'Sales' }], folders, workflows });
    let looks = 0;
    const counted = new Map(model.folders);
    counted.values = () => {
      looks += 1;
      return model.folders.values();
    };
    const { items } = selectItems({ ...model, folders: counted }, ['folder:f0']);
    expect(items.size).toBe(3001);
    expect(items.has('workflows:deep')).toBe(true);
    expect(looks).toBeLessThanOrEqual(2);
  });

  test('a mistyped name is compared with names of its size alone', async () => {
    const long = { id: 'long', name: 'x'.repeat(200_000) };
    const model = await modelOf({ ...INSTANCE, workflows: [long, ...INSTANCE.workflows!] });
    const find = (name: string) => () => selectItems(model, [`workflow:${name}`]);
    expect(find('Invoice sink')).toThrow(UsageError);
    expect(find(`y${'x'.repeat(199_998)}y`)).toThrow(UsageError);
  });
});
