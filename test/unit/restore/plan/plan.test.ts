import { describe, expect, test } from 'vitest';
import { conflictsOf } from '../../../../src/restore/plan/plan.ts';
import { actionOf, callNode, PERSONAL, planOf, summary, UNLICENSED, workflowWork, type Instance } from '../support.ts';

const SALES = { id: 'p1', name: 'Sales' };
const RICH: Instance = {
  projects: [PERSONAL, SALES],
  folders: [
    { id: 'f2', name: 'A inner', projectId: 'p1', parentFolderId: 'f1' },
    { id: 'f1', name: 'Z outer', projectId: 'p1' },
  ],
  tags: [{ id: 't1', name: 'billing' }],
  variables: [{ id: 'v1', key: 'HOST', value: 'x' }],
  credentials: [{ id: 'c1', name: 'Api' }],
  tables: [{ id: 'd1', name: 'Orders', projectId: 'p1', rows: [{ a: 'x' }, { a: null }] }],
  workflows: [
    { id: 'main', name: 'A main', nodes: [callNode('sub')], tags: ['t1'], projectId: 'p1', folderId: 'f2' },
    {
      id: 'sub',
      name: 'Z sub',
      nodes: [{ name: 'n', type: 'x', credentials: { api: { id: 'c1', name: 'Api' } } }],
    },
  ],
};
const EMPTY: Instance = { projects: [PERSONAL] };

describe('creating what is missing', () => {
  test('a restore into an empty instance creates everything, in the order of dependencies', async () => {
    const plan = await planOf(RICH, EMPTY);
    expect(summary(plan)).toEqual([
      'create projects:p1',
      'create folders:f1',
      'create folders:f2',
      'create tags:t1',
      'create variables:v1',
      'create credentials:c1',
      'create data-tables:d1',
      'create workflows:sub',
      'create workflows:main',
    ]);
    expect(actionOf(plan, 'workflows:main', 'create')).toMatchObject({
      identity: { as: 'original-id', why: 'package import' },
      dependsOn: ['projects:p1', 'folders:f2'],
      notes: [],
      work: { projectId: 'p1', folderId: 'f2', tags: ['t1'], live: { do: 'keep' }, archive: 'none' },
    });
  });

  test('without package import everything but the credential gets a new id', async () => {
    const capabilities = { packages: false, credentialIds: true, settings: null };
    const plan = await planOf(RICH, EMPTY, {}, { capabilities });
    expect(actionOf(plan, 'workflows:main', 'create').identity.as).toBe('new-id');
    expect(actionOf(plan, 'credentials:c1', 'create').identity.as).toBe('original-id');
  });

  test('without packages, a credential whose id POST /credentials would not take gets a new one', async () => {
    const source = { credentials: [{ id: 'longer-than-sixteen-characters', name: 'x' }] };
    const capabilities = { packages: false, credentialIds: true, settings: null };
    const [action] = (await planOf(source, {}, {}, { capabilities })).actions;
    expect(action).toMatchObject({ verb: 'create', identity: { as: 'new-id' } });
  });

  test('a credential is a stub unless the credentials file has it', async () => {
    const stub = actionOf(await planOf(RICH, EMPTY), 'credentials:c1', 'create');
    expect(stub.notes).toMatchObject([{ code: 'stub' }]);
    const plan = await planOf(RICH, EMPTY, {}, { filledCredentials: new Set(['c1']) });
    expect(actionOf(plan, 'credentials:c1', 'create')).toMatchObject({ notes: [], work: { filled: true } });
  });

  test('static data comes back only with a workflow that was missing: an older one would poll again', async () => {
    const source = { workflows: [{ id: 'w', staticData: { lastId: 1 } }] };
    expect(workflowWork(await planOf(source, {}), 'w').draft).toContain('staticData');
    const live = { workflows: [{ id: 'w', staticData: { lastId: 9 } }] };
    expect(summary(await planOf(source, live))).toEqual(['unchanged workflows:w']);
  });

  test('static data comes back with a workflow that an interrupted restore created, unless it has some', async () => {
    const source = { workflows: [{ id: 'w', staticData: { lastId: 1 } }] };
    const unfinished = new Set(['w']);
    const plan = await planOf(source, { workflows: [{ id: 'w' }] }, {}, { unfinished });
    expect(workflowWork(plan, 'w').draft).toEqual(['staticData']);
    const live = { workflows: [{ id: 'w', staticData: { lastId: 9 } }] };
    expect(summary(await planOf(source, live, {}, { unfinished }))).toEqual(['unchanged workflows:w']);
    expect(summary(await planOf(source, { workflows: [{ id: 'w' }] }))).toEqual(['unchanged workflows:w']);
  });

  test('an archived workflow is archived in the end and never published', async () => {
    const work = workflowWork(await planOf({ workflows: [{ id: 'w', archived: true, active: true }] }, {}), 'w');
    expect(work).toMatchObject({ archive: 'archive', live: { do: 'keep' } });
  });
});

describe('what differs', () => {
  const base = { id: 'w', name: 'W', nodes: [{ name: 'a', type: 'x', parameters: { k: 1 } }] };

  test.each<[string, object, object]>([
    ['the name', { name: 'Other' }, { draft: ['name'] }],
    ['the nodes', { nodes: [] }, { draft: ['nodes'] }],
    ['the settings', { settings: { timezone: 'UTC' } }, { draft: ['settings'] }],
    ['the description', { draft: { description: 'x' } }, { draft: ['description'] }],
    ['pinned data', { draft: { pinData: { a: [] } } }, { draft: ['pinData'] }],
    ['its being live', { active: true }, { draft: [], live: { do: 'unpublish' } }],
    ['its archive state', { archived: true }, { draft: [], archive: 'unarchive' }],
    ['its folder', { folderId: 'f1' }, { draft: [], move: { project: false, folder: true } }],
    ['its project', { projectId: 'p1' }, { draft: [], move: { project: true, folder: false } }],
    ['its tags', { tags: ['t1'] }, { draft: [], tags: [] }],
  ])('%s: just that is written', async (_what, live, work) => {
    const around = {
      projects: [PERSONAL, SALES],
      tags: [{ id: 't1', name: 'x' }],
      folders: [{ id: 'f1', name: 'F', projectId: PERSONAL.id }],
    };
    const plan = await planOf({ ...around, workflows: [base] }, { ...around, workflows: [{ ...base, ...live }] });
    const quiet = {
      draft: [],
      tags: null,
      live: { do: 'keep' },
      archive: 'none',
      move: { project: false, folder: false },
    };
    expect(workflowWork(plan, 'w')).toMatchObject({ ...quiet, ...work });
    expect(conflictsOf(plan)).toHaveLength(1);
  });

  test('what moves by itself or is only shown does not count', async () => {
    const locator = { __rl: true, value: 'w', mode: 'list' };
    const node = { ...callNode('w'), credentials: { api: { id: 'c', name: 'old name' } } };
    const other = {
      ...node,
      parameters: { source: 'database', workflowId: { ...locator, cachedResultName: 'other' } },
      credentials: { api: { id: 'c', name: 'new name' } },
    };
    const plan = await planOf(
      { workflows: [{ id: 'w', nodes: [node], draft: { updatedAt: '1', meta: { a: 1 }, description: '' } }] },
      { workflows: [{ id: 'w', nodes: [other], draft: { updatedAt: '2', createdAt: '3', nodeGroups: [] } }] },
    );
    expect(summary(plan)).toEqual(['unchanged workflows:w']);
  });

  test('settings that the target does not accept do not count: they cannot be restored', async () => {
    const source = { workflows: [{ id: 'w', settings: { timezone: 'UTC', newer: true } }] };
    const live = { workflows: [{ id: 'w', settings: { timezone: 'UTC' } }] };
    const capabilities = { packages: true, credentialIds: true, settings: ['timezone'] };
    expect(summary(await planOf(source, live, {}, { capabilities }))).toEqual(['unchanged workflows:w']);
    expect(summary(await planOf(source, live))).toEqual(['update workflows:w']);
  });

  test('a workflow that came back under new ids, references rewritten, is unchanged', async () => {
    const source = {
      workflows: [
        { id: 'main', name: 'M', nodes: [callNode('sub')] },
        { id: 'sub', name: 'S' },
      ],
    };
    const live = {
      workflows: [
        { id: 'MAIN', name: 'M', nodes: [{ ...callNode('SUB'), id: 'node-sub', name: 'Call sub' }] },
        { id: 'SUB', name: 'S' },
      ],
    };
    const saved = [
      { kind: 'workflows', from: 'main', to: 'MAIN' },
      { kind: 'workflows', from: 'sub', to: 'SUB' },
    ] as const;
    const plan = await planOf(source, live, {}, { saved });
    expect(summary(plan).sort()).toEqual(['unchanged workflows:main', 'unchanged workflows:sub']);
    expect(plan.ids).toEqual(saved);
  });

  test('changed tags, variables, credentials, projects and folders are updated', async () => {
    const live: Instance = {
      ...RICH,
      projects: [PERSONAL, { id: 'p1', name: 'Vertrieb' }],
      folders: [
        { id: 'f2', name: 'A inner', projectId: 'p1' },
        { id: 'f1', name: 'Renamed', projectId: 'p1' },
      ],
      tags: [{ id: 't1', name: 'invoices' }],
      variables: [{ id: 'v1', key: 'HOST', value: 'y' }],
      credentials: [{ id: 'c1', name: 'Api 2' }],
    };
    const plan = await planOf(RICH, live);
    const changed = plan.actions.flatMap((a) =>
      a.verb === 'update' ? [[a.key, ...a.changes.map((c) => c.field)]] : [],
    );
    expect(changed).toEqual([
      ['projects:p1', 'name'],
      ['folders:f1', 'name'],
      ['folders:f2', 'parent'],
      ['tags:t1', 'name'],
      ['variables:v1', 'value'],
      ['credentials:c1', 'name'],
    ]);
  });

  test("a variable's value is not told: it may be a secret", async () => {
    const secret = { variables: [{ id: 'v', key: 'K', value: 'hunter2' }] };
    const plan = await planOf(secret, { variables: [{ id: 'v', key: 'K', value: 'swordfish' }] });
    expect(JSON.stringify(plan)).not.toMatch(/hunter2|swordfish/);
  });

  test('an existing secret stays, unless the credentials file has one', async () => {
    expect(summary(await planOf({ credentials: RICH.credentials! }, RICH, { only: ['credentials'] }))).toEqual([
      'unchanged credentials:c1',
    ]);
    const plan = await planOf(RICH, RICH, { only: ['credentials'] }, { filledCredentials: new Set(['c1']) });
    expect(actionOf(plan, 'credentials:c1', 'update').changes).toEqual([{ field: 'secret' }]);
  });

  test('a credential of another type is not touched', async () => {
    const plan = await planOf(
      { credentials: [{ id: 'c', name: 'x', type: 'githubApi' }] },
      { credentials: [{ id: 'c', name: 'x', type: 'slackApi' }] },
    );
    expect(actionOf(plan, 'credentials:c', 'blocked').why).toContain('slackApi');
  });
});

describe('--on-conflict', () => {
  const source = {
    workflows: [
      { id: 'a', name: 'A' },
      { id: 'b', name: 'B' },
    ],
  };
  const live = { workflows: [{ id: 'a', name: 'Other' }] };

  test('skip leaves what exists and creates what is missing', async () => {
    const plan = await planOf(source, live, { onConflict: 'skip' });
    expect(summary(plan)).toEqual(['skip workflows:a', 'create workflows:b']);
  });

  test('fail is for the caller: the plan tells what conflicts', async () => {
    const plan = await planOf(source, live, { onConflict: 'fail' });
    expect(conflictsOf(plan).map((action) => action.key)).toEqual(['workflows:a']);
  });
});

describe('what is needed comes along', () => {
  test('what is needed comes along with the reason', async () => {
    const plan = await planOf(RICH, EMPTY, { only: ['workflow:A main'] });
    expect(plan.actions.map((a) => [a.key, ...a.neededBy])).toEqual([
      ['projects:p1', 'A main', 'A inner', 'Z outer'],
      ['folders:f1', 'A inner'],
      ['folders:f2', 'A main'],
      ['tags:t1', 'A main'],
      ['credentials:c1', 'Z sub'],
      ['workflows:sub', 'A main'],
      ['workflows:main'],
    ]);
  });

  test('a restore of one workflow of many changes one item', async () => {
    const workflows = Array.from({ length: 900 }, (_, index) => ({
      id: `w${index}`,
      name: `Workflow ${index}`,
    }));
    const live = { workflows: workflows.filter(({ id }) => id !== 'w7') };
    const plan = await planOf({ workflows }, live, { only: ['workflow:Workflow 7'] });
    expect(summary(plan)).toEqual(['create workflows:w7']);
  });

  test('what is needed and exists is left as it is, also where it differs', async () => {
    const live: Instance = {
      ...RICH,
      workflows: [{ id: 'sub', name: 'Z sub', nodes: [] }],
      tables: [{ id: 'd1', name: 'Orders', projectId: 'p1', rows: [] }],
    };
    const plan = await planOf(RICH, live, { only: ['workflow:main'] });
    expect(actionOf(plan, 'workflows:sub', 'skip').why).toContain('left as it is');
    expect(summary(plan).filter((line) => !/unchanged/.test(line))).toEqual([
      'skip workflows:sub',
      'create workflows:main',
    ]);
  });

  test('--no-deps leaves it out and says what will dangle', async () => {
    const plan = await planOf(RICH, EMPTY, { only: ['workflow:main'], deps: false });
    expect(summary(plan)).toEqual(['create workflows:main']);
    const { notes, work } = actionOf(plan, 'workflows:main', 'create');
    expect(notes.map((note) => note.code)).toEqual(['placed-elsewhere', 'dangling']);
    expect(notes[1]!.message).toBe('node "Call sub" refers to workflow "Z sub" (sub)');
    expect(work).toMatchObject({ projectId: null, folderId: null, tags: [] });
  });

  test('a data table that a node names and an error workflow come along', async () => {
    const source: Instance = {
      tables: [{ id: 'd', name: 'Orders' }],
      workflows: [
        {
          id: 'w',
          nodes: [
            {
              name: 'n',
              type: 'n8n-nodes-base.dataTable',
              parameters: { dataTableId: { value: 'Orders', mode: 'name' } },
            },
          ],
          settings: { errorWorkflow: 'e', callerIds: 'caller' },
        },
        { id: 'e' },
        { id: 'caller' },
      ],
    };
    const plan = await planOf(source, {}, { only: ['workflow:w'] });
    expect(summary(plan)).toEqual(['create data-tables:d', 'create workflows:e', 'create workflows:w']);
  });

  test('a reference that only the live version has counts as well', async () => {
    const source = {
      workflows: [{ id: 'w', active: true, publishedNodes: [callNode('sub')] }, { id: 'sub' }],
    };
    expect(summary(await planOf(source, {}, { only: ['workflow:w'] }))).toContain('create workflows:sub');
  });
});

describe('references that change or cannot be told', () => {
  const capabilities = { packages: false, credentialIds: true, settings: null };
  const source: Instance = {
    workflows: [
      { id: 'OldWorkflow00001', name: 'Sub' },
      {
        id: 'caller',
        name: 'Caller',
        nodes: [
          {
            name: 'Dynamic',
            type: 'n8n-nodes-base.executeWorkflow',
            parameters: { workflowId: { value: '={{ $json.id }}' } },
          },
          {
            name: 'Http',
            type: 'n8n-nodes-base.httpRequest',
            parameters: { url: 'http://x/workflow/OldWorkflow00001' },
          },
          callNode('nowhere000000001'),
        ],
      },
    ],
  };

  test('references that cannot be rewritten are listed where items get new ids', async () => {
    const plan = await planOf(source, {}, {}, { capabilities });
    const { notes } = actionOf(plan, 'workflows:caller', 'create');
    expect(notes.map((note) => note.code)).toEqual(['dangling', 'unresolvable', 'mentions-id']);
    expect(notes[0]!.message).toContain('which is not in the snapshot either');
  });

  test('with the original ids they still lead where they led', async () => {
    const { notes } = actionOf(await planOf(source, {}), 'workflows:caller', 'create');
    expect(notes.map((note) => note.code)).toEqual(['dangling']);
  });
});

describe('what the target does not list', () => {
  test('what the target does not list is blocked with the reason, and never counts as missing', async () => {
    const plan = await planOf(RICH, { ...EMPTY, kinds: { variables: UNLICENSED } });
    expect(actionOf(plan, 'variables:v1', 'blocked')).toMatchObject({
      why: expect.stringContaining('Your license does not allow') as string,
      remedy: expect.stringContaining('licence') as string,
    });
  });

  test('without projects and folders, workflows go into the personal project, and the plan says so', async () => {
    const kinds = { projects: UNLICENSED, folders: UNLICENSED };
    const plan = await planOf(RICH, { projects: [], kinds });
    const { notes, work, dependsOn } = actionOf(plan, 'workflows:main', 'create');
    expect(notes).toMatchObject([{ code: 'placed-elsewhere', message: expect.stringContaining('"Sales"') as string }]);
    expect(work).toMatchObject({ projectId: null, folderId: null });
    expect(dependsOn).toEqual([]);
  });

  test('a variable of a project never becomes a global one', async () => {
    const source: Instance = { projects: [SALES], variables: [{ id: 'v', key: 'K', projectId: 'p1' }] };
    const plan = await planOf(source, {}, { only: ['variables'], deps: false });
    expect(actionOf(plan, 'variables:v', 'blocked').why).toContain('project');
  });

  test('an unlicensed instance restored into an unlicensed one plans no project and moves nothing', async () => {
    const plain: Instance = {
      projects: [],
      kinds: { projects: UNLICENSED, folders: UNLICENSED, variables: UNLICENSED },
    };
    const plan = await planOf(
      { ...plain, workflows: [{ id: 'w', projectId: 'old' }] },
      { ...plain, workflows: [{ id: 'w', projectId: 'new' }] },
    );
    expect(summary(plan)).toEqual(['unchanged workflows:w']);
    const fresh = await planOf({ ...plain, workflows: [{ id: 'w', projectId: 'old' }] }, plain);
    expect(actionOf(fresh, 'workflows:w', 'create')).toMatchObject({ notes: [], work: { projectId: null } });
  });
});

describe('community packages', () => {
  const source: Instance = {
    packages: [{ name: 'n8n-nodes-x', version: '1.0.0' }],
    workflows: [{ id: 'w', nodes: [{ name: 'n', type: 'n8n-nodes-x.thing' }] }],
  };

  test('community packages are named with the nodes that would be missing', async () => {
    const plan = await planOf(source, {});
    expect(actionOf(plan, 'community-packages:n8n-nodes-x', 'skip').why).toContain('--install-packages');
    expect(actionOf(plan, 'workflows:w', 'create').notes).toMatchObject([
      { code: 'missing-node-type', message: expect.stringContaining('n8n-nodes-x.thing') as string },
    ]);
  });

  test('community packages are installed with --install-packages, also for one workflow', async () => {
    const plan = await planOf(source, {}, { only: ['workflow:w'], installPackages: true });
    expect(summary(plan)).toEqual(['create community-packages:n8n-nodes-x', 'create workflows:w']);
    expect(actionOf(plan, 'workflows:w', 'create').notes).toEqual([]);
  });

  test('another version is left, or installed with --install-packages', async () => {
    const live = { ...source, packages: [{ name: 'n8n-nodes-x', version: '2.0.0' }] };
    expect(actionOf(await planOf(source, live), 'community-packages:n8n-nodes-x', 'skip')).toBeDefined();
    const plan = await planOf(source, live, { installPackages: true });
    expect(actionOf(plan, 'community-packages:n8n-nodes-x', 'update').changes).toMatchObject([
      { from: '2.0.0', to: '1.0.0' },
    ]);
  });
});

describe('project members', () => {
  const member = (id: string, role = 'project:editor'): { id: string; email: string; role: string } => ({
    id,
    email: `${id}@example.com`,
    role,
  });
  const source: Instance = {
    projects: [PERSONAL, { ...SALES, members: [member('ann'), member('bob'), member('eve')] }],
  };
  const live: Instance = {
    projects: [PERSONAL, { ...SALES, members: [member('ann', 'project:viewer'), member('zoe')] }],
  };
  const users = [{ id: 'BOB', name: 'x', email: 'Bob@example.com', role: null }];

  test('project members are added where the user exists, under any id; others are named; nobody is removed', async () => {
    const { work, notes } = actionOf(await planOf(source, live, {}, { users }), 'projects:p1', 'update');
    expect(work).toMatchObject({
      members: [
        { userId: 'ann', role: 'project:editor', do: 'change-role' },
        { userId: 'BOB', role: 'project:editor', do: 'add' },
      ],
    });
    expect(notes).toMatchObject([
      { code: 'missing-member', message: expect.stringContaining('eve@example.com') as string },
    ]);
  });

  test('project members and users, whom nobody asked for, are not in the plan', async () => {
    const withUsers = { users: [{ id: 'ann', email: 'ann@example.com', role: 'global:member' }] };
    const nobody = { users: [] };
    expect(summary(await planOf(withUsers, nobody))).toEqual([]);
    expect(summary(await planOf(withUsers, nobody, { inviteUsers: true }))).toEqual(['create users:ann']);
    expect(summary(await planOf(withUsers, withUsers, { inviteUsers: true }))).toEqual(['unchanged users:ann']);
  });

  test('project members are invited only with --invite-users', async () => {
    const plan = await planOf(source, live, { inviteUsers: true }, { users });
    expect(actionOf(plan, 'projects:p1', 'update').work).toMatchObject({
      members: [{ do: 'change-role' }, { userId: 'BOB' }, { userId: null, email: 'eve@example.com', do: 'add' }],
    });
  });
});

describe('what concerns the plan as a whole', () => {
  test('the plan warns that a clone would run everything twice', async () => {
    const source = { name: 'prod', workflows: [{ id: 'w', active: true }] };
    const plan = await planOf(source, { name: 'test' });
    expect(plan.warnings.join()).toContain('1 workflow is live in prod and would run in test too; --publish none');
    expect((await planOf(source, { name: 'test' }, { publish: 'none' })).warnings).toEqual([]);
  });

  test('the plan warns of an older target, of kinds that the snapshot could not see, and of carried-over ones', async () => {
    const carried = { ...UNLICENSED, carriedFrom: '20260101T000000Z-aaaa' };
    const source = { n8nVersion: '2.41.1', kinds: { variables: UNLICENSED, tags: carried } };
    const { warnings } = await planOf(source, { n8nVersion: '2.9.0' });
    expect(warnings).toHaveLength(3);
    expect(warnings.join('\n')).toMatch(
      /n8n 2\.41\.1, the target is n8n 2\.9\.0[^]*carried over from 2026[^]*has no variables/,
    );
  });

  test("items of a person whom the target does not know go into the caller's project", async () => {
    const joe = { id: 'joe', name: 'Joe <joe@example.com>', type: 'personal' } as const;
    const plan = await planOf({ projects: [joe], workflows: [{ id: 'w', projectId: 'joe' }] }, {});
    expect(plan.warnings).toEqual([
      'items of the personal project "Joe <joe@example.com>" are placed in "Jane Doe <jane@example.com>"',
    ]);
  });
});
