import type { N8nClient } from '../../../src/n8n/http/types.ts';
import type { JsonObject } from '../../../src/lib/json/json.ts';

/** What `seed` made, by the names that tests use. */
export type SeededIds = Readonly<Record<string, string>>;

/**
 * Fills an instance with everything that a restore has to bring back: projects, nested folders, tags, variables,
 * credentials, workflows that call each other (in a circle too), error workflows, data tables with rows of every type,
 * drafts that differ from their live version, archived ones, pinned data.
 * @param rows how many each table gets beyond the odd ones
 */
export async function seed(client: N8nClient, licensed: boolean, rows = 1_200): Promise<SeededIds> {
  const ids: Record<string, string> = {};
  const make = new Maker(client, rows);
  if (licensed) await seedPlaces(make, ids);
  const project: JsonObject = ids.sales === undefined ? {} : { projectId: ids.sales };
  ids.tagA = await make.id('/tags', { name: 'billing' });
  ids.tagB = await make.id('/tags', { name: 'unused "ü" tag' });
  ids.header = await make.id('/credentials', {
    name: 'Header auth',
    type: 'httpHeaderAuth',
    data: { name: 'X-Key', value: 'secret' },
  });
  ids.slack = await make.id('/credentials', {
    name: 'Slack',
    type: 'slackApi',
    data: { accessToken: 'xoxb', signatureSecret: 's' },
    ...project,
  });
  ids.customers = await make.table('customers', {});
  ids.orders = await make.table('orders', project);
  await seedWorkflows(make, ids, project);
  return ids;
}

async function seedPlaces(make: Maker, ids: Record<string, string>): Promise<void> {
  ids.sales = await make.id('/projects', { name: 'Sales' });
  ids.empty = await make.id('/projects', { name: 'Empty one' });
  const folders = `/projects/${ids.sales}/folders`;
  ids.outer = await make.id(folders, { name: 'Outer' });
  ids.inner = await make.id(folders, { name: 'Inner', parentFolderId: ids.outer });
  ids.bare = await make.id(folders, { name: 'Bare', parentFolderId: ids.inner });
  ids.mine = await make.id('/projects/personal/folders', { name: 'Mine' });
  await make.client.post('/variables', { key: 'REGION', value: 'eu' });
  await make.client.post('/variables', { key: 'REGION', value: 'us', projectId: ids.sales });
  await make.client.post('/variables', { key: 'EMPTY', value: '' });
}

async function seedWorkflows(make: Maker, ids: Record<string, string>, project: JsonObject): Promise<void> {
  ids.errors = await make.workflow('Error handler', [node('Error', 'errorTrigger', {}), setNode()], {});
  await make.publish(ids.errors);
  ids.callee = await make.workflow('Callee', [subTrigger(), setNode()], {});
  await make.publish(ids.callee);
  ids.caller = await make.workflow(
    'Caller',
    [schedule(), callNode(ids.callee), tableNode(ids.customers!), httpNode(ids.header!)],
    {
      settings: {
        errorWorkflow: ids.errors,
        callerPolicy: 'workflowsFromAList',
        callerIds: `${ids.callee}, 999`,
      },
    },
  );
  await make.client.put(`/workflows/${ids.caller}/tags`, [{ id: ids.tagA }]);
  await make.publish(ids.caller);
  ids.drafted = await make.workflow('Draft differs', [schedule(), setNode()], {});
  await make.publish(ids.drafted);
  await make.put(ids.drafted, 'Draft differs', [schedule(), setNode(), httpNode(ids.header!)], {
    description: 'a draft with more nodes',
    pinData: { Set: [{ json: { pinned: 'ä', big: 1 } }] },
  });
  ids.archived = await make.workflow('Archived', [schedule(), setNode()], {
    staticData: { global: { seen: 5 } },
  });
  await make.client.post(`/workflows/${ids.archived}/archive`, {});
  ids.pinned = await make.workflow('Pinned', [schedule(), setNode()], {
    ...project,
    ...(ids.inner === undefined ? {} : { parentFolderId: ids.inner }),
    pinData: { Schedule: [{ json: { a: 1 } }] },
    staticData: { 'node:Schedule': { last: 12 } },
  });
  await make.put(ids.pinned, 'Pinned', [schedule(), setNode()], { description: 'pinned and described' });
  ids.empty2 = await make.workflow('Empty', [], {});
  await seedCircle(make, ids, project);
}

/** Two workflows that call each other and are both live: n8n needs a trick to get there. */
async function seedCircle(make: Maker, ids: Record<string, string>, project: JsonObject): Promise<void> {
  ids.ping = await make.workflow('Ping', [subTrigger(), setNode()], project);
  await make.publish(ids.ping);
  ids.pong = await make.workflow('Pong', [subTrigger(), callNode(ids.ping)], project);
  await make.publish(ids.pong);
  await make.put(ids.ping, 'Ping', [subTrigger(), callNode(ids.pong)], {});
  await make.publish(ids.ping);
}

class Maker {
  readonly client: N8nClient;

  readonly #rows: number;

  constructor(client: N8nClient, rows: number) {
    this.client = client;
    this.#rows = rows;
  }

  async id(path: string, body: JsonObject): Promise<string> {
    return ((await this.client.post(path, body)) as { id: string }).id;
  }

  async table(name: string, project: JsonObject): Promise<string> {
    const columns = [
      { name: 'text', type: 'string' },
      { name: 'amount', type: 'number' },
      { name: 'done', type: 'boolean' },
      { name: 'at', type: 'date' },
    ];
    const id = await this.id('/data-tables', { name, columns, ...project });
    const rows = [
      { text: '', amount: 0, done: false, at: '2024-02-29T23:59:59.999Z' },
      { text: null, amount: null, done: null, at: null },
      { text: '12', amount: 9007199254740991, done: true, at: '1970-01-01T00:00:00.000Z' },
      { text: 'line\nbreak "quoted" ü 🙂', amount: -0.5, done: true },
      ...Array.from({ length: this.#rows }, (_, index) => ({ text: `row ${index}`, amount: index })),
    ];
    await this.client.post(`/data-tables/${id}/rows`, { data: rows, returnType: 'count' });
    // A gap in the ids, and an id that is not the position.
    const filter = JSON.stringify({
      type: 'and',
      filters: [{ columnName: 'id', condition: 'eq', value: 5 }],
    });
    await this.client.delete(`/data-tables/${id}/rows/delete`, { query: { filter } });
    return id;
  }

  async workflow(name: string, nodes: JsonObject[], more: JsonObject): Promise<string> {
    return this.id('/workflows', {
      name,
      nodes,
      connections: chain(nodes),
      settings: { executionOrder: 'v1' },
      ...more,
    });
  }

  async put(id: string, name: string, nodes: JsonObject[], more: JsonObject): Promise<void> {
    const body = { name, nodes, connections: chain(nodes), settings: { executionOrder: 'v1' }, ...more };
    await this.client.put(`/workflows/${id}`, body, { query: { publishIfActive: false } });
  }

  async publish(id: string): Promise<void> {
    await this.client.post(`/workflows/${id}/publish`, {});
  }
}

function chain(nodes: readonly JsonObject[]): JsonObject {
  const links = nodes
    .slice(1)
    .map((next, index) => [nameOf(nodes[index]), { main: [[{ node: nameOf(next), type: 'main', index: 0 }]] }]);
  return Object.fromEntries(links) as JsonObject;
}

function node(name: string, type: string, parameters: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    id: `id-${name}`,
    name,
    type: `n8n-nodes-base.${type}`,
    typeVersion: 1,
    position: [0, 0],
    parameters,
    ...more,
  };
}

function schedule(): JsonObject {
  const parameters = { rule: { interval: [{ field: 'hours', hoursInterval: 12 }] } };
  return node('Schedule', 'scheduleTrigger', parameters, { typeVersion: 1.2 });
}

function subTrigger(): JsonObject {
  return node('When called', 'executeWorkflowTrigger', { inputSource: 'passthrough' }, { typeVersion: 1.1 });
}

function setNode(): JsonObject {
  return node('Set', 'set', { options: {} }, { typeVersion: 3.4, notes: 'a note', notesInFlow: true });
}

function callNode(id: string): JsonObject {
  const workflowId = {
    __rl: true,
    value: id,
    mode: 'list',
    cachedResultName: 'x',
    cachedResultUrl: `/workflow/${id}`,
  };
  return node('Call', 'executeWorkflow', { workflowId, options: {} }, { typeVersion: 1.2 });
}

function tableNode(id: string): JsonObject {
  return node('Table', 'dataTable', {
    operation: 'get',
    dataTableId: { __rl: true, value: id, mode: 'list' },
  });
}

function httpNode(credential: string): JsonObject {
  const parameters = {
    url: 'http://127.0.0.1:9/',
    authentication: 'genericCredentialType',
    genericAuthType: 'httpHeaderAuth',
  };
  const credentials = { httpHeaderAuth: { id: credential, name: 'Header auth' } };
  return node('HTTP', 'httpRequest', parameters, { typeVersion: 4.2, credentials });
}

function nameOf(found: JsonObject | undefined): string {
  return typeof found?.name === 'string' ? found.name : '';
}
