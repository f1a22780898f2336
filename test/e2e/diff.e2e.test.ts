import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diff } from '../../src/jobs/diff.ts';
import { parseOnly } from '../../src/kinds/only.ts';
import { allItems } from '../../src/diff/totals.ts';
import type { ItemDiff, SnapshotDiff } from '../../src/diff/types.ts';
import { itemWords } from '../../src/diff/words.ts';
import type { JsonObject } from '../../src/lib/json/json.ts';
import { DEFAULT_KINDS } from '../../src/kinds/kinds.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { clientFor, takeBackup } from '../support/backup.ts';
import { node, sampleWorkflow } from '../support/diff/sample-workflow.ts';
import { startN8n, type RunningN8n } from '../support/n8n/start.ts';
import type { N8nClient } from '../../src/n8n/http/types.ts';
import { testTools } from '../support/tools.ts';

/** Items of each kind that every sort of edit is made on. */
const COUNT = 20;

let n8n: RunningN8n;
let client: N8nClient;
const store = new MemoryStore();
const ids: Record<'workflows' | 'tags' | 'credentials' | 'variables' | 'tables', string[]> = {
  workflows: [],
  tags: [],
  credentials: [],
  variables: [],
  tables: [],
};

beforeAll(async () => {
  n8n = await startN8n({ licensed: true });
  client = clientFor(n8n);
  for (let index = 0; index < COUNT; index++) await seedOne(index);
  const variables = (await client.get('/variables', { query: { limit: 100 } })) as { data: { id: string }[] };
  ids.variables = variables.data.map(({ id }) => id);
});

afterAll(async () => {
  await client.close();
  await n8n.stop();
});

async function seedOne(index: number): Promise<void> {
  const post = async (path: string, body: JsonObject): Promise<string> =>
    ((await client.post(path, body)) as { id: string }).id;
  ids.workflows.push(await post('/workflows', sampleWorkflow(`Flow ${String(index).padStart(2, '0')}`)));
  ids.tags.push(await post('/tags', { name: `tag ${index}` }));
  const credential = {
    name: `Login ${index}`,
    type: 'httpBasicAuth',
    data: { user: 'u', password: 'p' },
  };
  ids.credentials.push(await post('/credentials', credential));
  await client.post('/variables', { key: `KEY_${index}`, value: 'before' });
  const columns = [{ name: 'ref', type: 'string' }];
  const table = await post('/data-tables', { name: `Table ${index}`, columns });
  await client.post(`/data-tables/${table}/rows`, { data: [{ ref: 'a' }, { ref: 'b' }] });
  ids.tables.push(table);
}

function liveDiff(only: readonly string[] = []): Promise<SnapshotDiff> {
  return diff({
    instance: 'prod',
    stores: [store],
    from: 'latest',
    to: 'live',
    only: only.map(parseOnly),
    live: {
      client: async () => client,
      kinds: DEFAULT_KINDS,
    },
    ...testTools(),
  });
}

/** Takes a snapshot, makes one edit on each item, and returns what the diff then says. */
async function diffAfter(items: readonly string[], edit: (id: string) => Promise<unknown>): Promise<ItemDiff[]> {
  await takeBackup(n8n, { store });
  for (const id of items) await edit(id);
  return allItems(await liveDiff());
}

type Draft = {
  name: string;
  nodes: JsonObject[];
  connections: JsonObject;
  settings: JsonObject;
  description?: string;
};

async function editWorkflow(id: string, edit: (draft: Draft) => void, query = {}): Promise<void> {
  const { name, nodes, connections, settings } = (await client.get(`/workflows/${id}`)) as Draft;
  const draft = { name, nodes, connections, settings };
  edit(draft);
  await client.put(`/workflows/${id}`, draft, { query });
}

function nodeOf(draft: Draft, name: string): JsonObject {
  return draft.nodes.find((each) => each.name === name)!;
}

function parametersOf(draft: Draft, name: string): JsonObject {
  return nodeOf(draft, name).parameters as JsonObject;
}

/** Each edit of a draft, in an order in which each builds on those before, and what the diff says of it. */
const DRAFT_EDITS: readonly (readonly [sort: string, edit: (draft: Draft) => void, words: string])[] = [
  ['a parameter', (draft) => (parametersOf(draft, 'HTTP').url = 'https://b'), '1 node changed (HTTP: url)'],
  [
    'a line of code',
    (draft) => (parametersOf(draft, 'Code').jsCode = 'const a = 1;\nconst b = 3;\nreturn [{ a, b }];'),
    '1 node changed (Code: jsCode)',
  ],
  [
    'a nested option',
    (draft) => (parametersOf(draft, 'HTTP').options = { timeout: 9 }),
    '1 node changed (HTTP: options)',
  ],
  ['disabling a node', (draft) => (nodeOf(draft, 'Wait').disabled = true), '1 node changed (Wait: disabled)'],
  ['enabling a node', (draft) => delete nodeOf(draft, 'Wait').disabled, '1 node changed (Wait: enabled)'],
  ['moving a node', (draft) => (nodeOf(draft, 'Wait').position = [600, 300]), 'layout only'],
  ['the size of a note', (draft) => (parametersOf(draft, 'Note').width = 500), 'layout only'],
  ['the words of a note', (draft) => (parametersOf(draft, 'Note').content = 'New'), '1 node changed (Note: content)'],
  ['a version of a node', (draft) => (nodeOf(draft, 'IF').typeVersion = 2), '1 node changed (IF: version 1 → 2)'],
  ['a setting of a node', (draft) => (nodeOf(draft, 'HTTP').retryOnFail = true), '1 node changed (HTTP: retryOnFail)'],
  [
    'the type of a node',
    (draft) => (nodeOf(draft, 'Nothing').type = 'n8n-nodes-base.set'),
    '1 node changed (Nothing: type)',
  ],
  [
    'a renamed node',
    (draft) => {
      nodeOf(draft, 'HTTP').name = 'Fetch';
      draft.connections = JSON.parse(JSON.stringify(draft.connections).replaceAll('"HTTP"', '"Fetch"')) as JsonObject;
    },
    '1 node changed (Fetch: renamed from HTTP)',
  ],
  [
    'a new node on a new wire',
    (draft) => {
      draft.nodes.push(node('Mail', 'n8n-nodes-base.noOp', [860, -120]));
      draft.connections.Agent = { main: [[{ node: 'Mail', type: 'main', index: 0 }]] };
    },
    '1 node added (Mail), 1 wire added',
  ],
  [
    'a node that goes, with its wire',
    (draft) => {
      draft.nodes = draft.nodes.filter((each) => each.name !== 'Mail');
      delete draft.connections.Agent;
    },
    '1 node removed (Mail), 1 wire removed',
  ],
  ['a wire that goes', (draft) => delete draft.connections.Wait, '1 wire removed'],
  [
    'a new wire from a second output',
    (draft) => {
      const outputs = (draft.connections.IF as { main: JsonObject[][] }).main;
      outputs[1] = [...outputs[1]!, { node: 'Wait', type: 'main', index: 0 }];
    },
    '1 wire added',
  ],
  ['a sub-node that is taken off', (draft) => delete draft.connections.Model, '1 wire removed'],
  ['a setting', (draft) => (draft.settings.timezone = 'Europe/Berlin'), 'settings.timezone added'],
  ['a description', (draft) => (draft.description = 'What it is for'), 'description added'],
  ['the name', (draft) => (draft.name = draft.name.replace('Flow', 'Stream')), 'renamed from Flow #'],
];

describe('twenty edits of each sort, made through the API of a real n8n', () => {
  it.each(DRAFT_EDITS)('a diff names %s on a workflow and nothing else', async (_sort, edit, words) => {
    const items = await diffAfter(ids.workflows, (id) => editWorkflow(id, edit));
    expect(items.map((item) => itemWords(item).replace(/Flow \d+/, 'Flow #'))).toEqual(Array(COUNT).fill(words));
    expect(items.map(({ id }) => id).sort()).toEqual([...ids.workflows].sort());
  });

  it('a diff names a credential of a node', async () => {
    const items = await diffAfter(ids.workflows, (id) =>
      editWorkflow(id, (draft) => {
        const credential = { id: ids.credentials[0]!, name: 'Login 0' };
        nodeOf(draft, 'Fetch').credentials = { httpBasicAuth: credential };
      }),
    );
    expect(new Set(items.map(itemWords))).toEqual(new Set(['1 node changed (Fetch: credential httpBasicAuth)']));
    expect(items).toHaveLength(COUNT);
  });

  const post = (action: string) => (id: string) => client.post(`/workflows/${id}/${action}`, {});
  const ahead = (id: string) =>
    editWorkflow(id, (draft) => (parametersOf(draft, 'Fetch').url = 'https://c'), { publishIfActive: false });

  it.each([
    ['publishing', post('publish'), 'published'],
    ['a draft that is not published', ahead, '1 node changed (Fetch: url), draft not published yet'],
    ['publishing that draft', post('publish'), 'live version changed, draft published'],
    ['unpublishing', post('unpublish'), 'unpublished'],
    ['archiving', post('archive'), 'archived'],
    ['taking out of the archive', post('unarchive'), 'unarchived'],
    [
      'a tag',
      (id: string) => client.put(`/workflows/${id}/tags`, [{ id: ids.tags[ids.workflows.indexOf(id)]! }]),
      'tag # added',
    ],
  ] as const)('a diff names %s', async (_sort, edit, words) => {
    const items = await diffAfter(ids.workflows, edit);
    expect(items.map((item) => itemWords(item).replace(/tag \d+/, '#'))).toEqual(
      Array(COUNT).fill(words.replace('tag #', 'tag #')),
    );
    expect(items.every((item) => item.kind === 'workflows')).toBe(true);
  });

  it('a diff names the folder that workflows moved to', async () => {
    const project = ((await client.get('/projects')) as { data: { id: string; type: string }[] }).data.find(
      ({ type }) => type === 'personal',
    )!;
    const folder = (await client.post(`/projects/${project.id}/folders`, { name: 'Billing' })) as {
      id: string;
    };
    const items = await diffAfter(ids.workflows, async (id) => {
      const { name, nodes, connections, settings } = (await client.get(`/workflows/${id}`)) as Draft;
      await client.put(`/workflows/${id}`, { name, nodes, connections, settings, parentFolderId: folder.id });
    });
    expect(items.map(({ kind, fields }) => ({ kind, fields }))).toEqual(
      Array(COUNT).fill({ kind: 'workflows', fields: [{ field: 'folder', to: 'Billing' }] }),
    );
  });

  it.each([
    [
      'variables',
      (id: string) => client.put(`/variables/${id}`, { key: `KEY_${ids.variables.indexOf(id)}_NEW`, value: 'after' }),
      /^renamed from KEY_\d+, value changed$/,
    ],
    ['tags', (id: string) => client.put(`/tags/${id}`, { name: `label ${id}` }), /^renamed from tag \d+$/],
    [
      'credentials',
      (id: string) => client.patch(`/credentials/${id}`, { name: `Renamed ${id}` }),
      /^renamed from Login \d+$/,
    ],
    ['tables', (id: string) => client.post(`/data-tables/${id}/rows`, { data: [{ ref: 'new' }] }), /^1 row added$/],
  ] as const)('a diff names what changed in %s, and nothing in what uses them', async (kind, edit, words) => {
    const items = await diffAfter(ids[kind], edit);
    for (const item of items) expect(itemWords(item)).toMatch(words);
    expect(items.map(({ id }) => id).sort()).toEqual([...ids[kind]].sort());
  });

  it('a diff names changed rows with their values', async () => {
    const items = await diffAfter(ids.tables, (id) =>
      client.patch(`/data-tables/${id}/rows/update`, {
        filter: { type: 'and', filters: [{ columnName: 'ref', condition: 'eq', value: 'a' }] },
        data: { ref: 'changed' },
      }),
    );
    expect(items.map((item) => item.rows)).toEqual(
      Array(COUNT).fill({
        added: 0,
        removed: 0,
        changed: 1,
        listed: [{ change: 'changed', id: '1', columns: [{ path: 'ref', from: 'a', to: 'changed' }] }],
      }),
    );
  });

  it('a diff names new workflows and those that are gone', async () => {
    const made: string[] = [];
    const added = await diffAfter(ids.workflows, async () => {
      const created = (await client.post('/workflows', sampleWorkflow('Fresh'))) as { id: string };
      made.push(created.id);
    });
    expect(added.map(({ change }) => change)).toEqual(Array(COUNT).fill('added'));
    const removed = await diffAfter(made, (id) => client.delete(`/workflows/${id}`));
    expect(removed.map(({ change, id }) => [change, id]).sort()).toEqual(made.map((id) => ['removed', id]).sort());
  });

  it('a diff says nothing where nothing was edited, and answers for one item alone', async () => {
    expect(await diffAfter([], async () => undefined)).toEqual([]);
    await editWorkflow(ids.workflows[3]!, (draft) => (draft.settings.timezone = 'UTC'));
    expect(allItems(await liveDiff([`workflow:${ids.workflows[3]!}`]))).toHaveLength(1);
    expect(allItems(await liveDiff([`workflow:${ids.workflows[4]!}`]))).toEqual([]);
  });
});
