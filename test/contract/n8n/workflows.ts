import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/lib/json/json.ts';
import { callOf, fields, minimalWorkflow, node, noOp, schedule, text, unique, type Api } from './api.ts';

const LIST_FIELDS = [
  ...['active', 'activeVersion', 'activeVersionId', 'connections', 'createdAt', 'id', 'isArchived', 'meta', 'name'],
  ...['nodeGroups', 'nodes', 'pinData', 'settings', 'shared', 'staticData', 'tags', 'triggerCount', 'updatedAt'],
  'versionId',
];
const DETAIL_FIELDS = [...LIST_FIELDS, 'description', 'sourceWorkflowId', 'versionCounter'].sort();
const without = (names: readonly string[], ...left: string[]) => names.filter((name) => !left.includes(name));

/** Workflows: what lists and details hold, drafts and live versions, and every refusal. */
export function testWorkflows(api: () => Api): void {
  const post = (body: JsonObject) => api().post('/workflows', body);
  const detail = async (id: string) => (await api().get(`/workflows/${id}`)).json;

  test('list, detail and answers of writes have their own fields', async () => {
    const created = await api().makeWorkflow();
    const id = text(created['id']);
    expect(fields(created)).toEqual([...DETAIL_FIELDS, 'parentFolder'].sort());
    expect(fields(await detail(id))).toEqual(DETAIL_FIELDS);
    const listed = (await api().all('/workflows')).find((item) => item['id'] === id);
    expect(fields(listed)).toEqual(LIST_FIELDS);
    expect(fields((listed?.['shared'] as JsonObject[])[0])).toEqual([
      'createdAt',
      'projectId',
      'role',
      'updatedAt',
      'workflowId',
    ]);
    expect(fields((created['shared'] as JsonObject[])[0])).toEqual([
      ...['createdAt', 'project', 'projectId', 'role', 'updatedAt', 'workflowId'],
    ]);
    const updated = await api().put(`/workflows/${id}`, minimalWorkflow());
    expect(fields(updated.json)).toEqual(without(DETAIL_FIELDS, 'shared'));
    const published = await api().post(`/workflows/${id}/publish`);
    expect(fields(published.json)).toEqual(without(DETAIL_FIELDS, 'shared', 'tags'));
    expect(fields(published.json['activeVersion'])).toEqual([
      ...['authors', 'autosaved', 'connections', 'createdAt', 'description', 'name', 'nodeGroups', 'nodes'],
      ...['updatedAt', 'versionId', 'workflowId', 'workflowPublishHistory'],
    ]);
    const unpublished = await api().post(`/workflows/${id}/unpublish`);
    expect(fields(unpublished.json)).toEqual(without(DETAIL_FIELDS, 'tags'));
  });

  test('n8n lists by id', async () => {
    await Promise.all([api().makeWorkflow(), api().makeWorkflow(), api().makeWorkflow()]);
    const ids = (await api().all('/workflows')).map(({ id }) => text(id));
    expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  test('n8n filters a listing', async () => {
    const { id, name } = await api().makeWorkflow();
    const found = (await api().get(`/workflows?name=${encodeURIComponent(text(name))}`)).json;
    expect((found['data'] as JsonObject[]).map((item) => item['id'])).toContain(id);
    expect((await api().get('/workflows?tags=nosuch')).json['data']).toEqual([]);
    const slim = (await api().get('/workflows?limit=1&excludePinnedData=true')).json['data'] as JsonObject[];
    expect(fields(slim[0])).toEqual(without(LIST_FIELDS, 'pinData'));
  });

  test.for([
    ['id', 'request/body/id is read-only'],
    ['active', 'request/body/active is read-only'],
    ['tags', 'request/body/tags is read-only'],
    ['meta', 'request/body/meta is read-only'],
    ['versionId', 'request/body/versionId is read-only'],
    ['isArchived', 'request/body/isArchived is read-only'],
    ['description', "request/body Unrecognized key(s) in object: 'description'"],
    ['foo', "request/body Unrecognized key(s) in object: 'foo'"],
  ] as const)('POST refuses %s', async ([key, message]) => {
    expect(await post({ ...minimalWorkflow(), [key]: 'x' })).toMatchObject({
      status: 400,
      json: { message },
    });
  });

  test('POST refuses what is incomplete or inconsistent', async () => {
    const refusal = async (change: JsonObject) => {
      const { status, json } = await post({ ...minimalWorkflow(), ...change });
      return [status, json['message']];
    };
    const target = { Schedule: { main: [[{ node: 'Nope', type: 'main', index: 0 }]] } };
    expect(await refusal({ name: '' })).toEqual([400, 'Workflow name must be 1 to 128 characters long.']);
    expect(await refusal({ settings: { foo: 1 } })).toEqual([
      400,
      "request/body/settings Unrecognized key(s) in object: 'foo'",
    ]);
    expect(await refusal({ connections: { Nope: {} } })).toEqual([
      400,
      'Workflow structure is invalid. connections.Nope (unknown_connection_source): Connection source "Nope" does not reference an existing node',
    ]);
    expect(await refusal({ connections: target })).toEqual([
      400,
      'Workflow structure is invalid. connections.Schedule.main[0][0].node (unknown_connection_target): Connection target "Nope" does not reference an existing node',
    ]);
    expect(await refusal({ projectId: 'nosuch' })).toEqual([404, 'Project not found']);
    expect(await refusal({ parentFolderId: 'nosuch' })).toEqual([404, 'Could not find the folder: nosuch']);
    const { settings: _, ...incomplete } = minimalWorkflow();
    expect((await post(incomplete)).json).toEqual({
      message: "request/body must have required property 'settings'",
    });
  });

  test('an unknown credential is refused where sharing is licensed, and taken elsewhere', async () => {
    const withCredential = { ...noOp, credentials: { httpHeaderAuth: { id: 'nosuch', name: 'x' } } };
    const { status, json } = await post({ ...minimalWorkflow(), nodes: [schedule, withCredential] });
    if (!api().target.licensed) return expect(status).toBe(200);
    expect([status, json['message']]).toEqual([
      400,
      'The workflow you are trying to save contains credentials that are not shared with you',
    ]);
  });

  test('PUT keeps the version while nodes and connections stay, and moves updatedAt', async () => {
    const body = minimalWorkflow();
    const before = await api().makeWorkflow(body);
    const renamed = (await api().put(`/workflows/${text(before['id'])}`, { ...body, name: unique('renamed') })).json;
    expect(renamed['versionId']).toBe(before['versionId']);
    expect(renamed['updatedAt']).not.toBe(before['updatedAt']);
    const changed = (
      await api().put(`/workflows/${text(before['id'])}`, {
        ...body,
        nodes: [schedule, noOp, node('More', 'n8n-nodes-base.noOp')],
      })
    ).json;
    expect(changed['versionId']).not.toBe(before['versionId']);
    expect([before['versionCounter'], changed['versionCounter']]).toEqual([1, 2]);
  });

  test('PUT merges settings, keeps data that it does not name, and clears it with null', async () => {
    const body = minimalWorkflow();
    const id = text((await api().makeWorkflow({ ...body, staticData: { a: 1 }, pinData: { Nothing: [] } }))['id']);
    const first = (await api().put(`/workflows/${id}`, { ...body, settings: { timezone: 'Europe/Berlin' } })).json;
    expect(first).toMatchObject({
      settings: { executionOrder: 'v1', timezone: 'Europe/Berlin' },
      staticData: { a: 1 },
      pinData: { Nothing: [] },
    });
    const second = await api().put(`/workflows/${id}`, {
      ...body,
      staticData: null,
      pinData: null,
      description: 'd',
    });
    expect(second.json).toMatchObject({ staticData: null, pinData: null, description: 'd' });
    expect((await api().put(`/workflows/${id}`, { ...body, description: null })).json).toEqual({
      message: 'request/body/description Expected string, received null',
    });
    expect((await api().put('/workflows/nosuch', body)).json['message']).toMatch(
      /^You do not have permission to update/,
    );
  });

  test('a draft can differ from the live version, and be published later', async () => {
    const body = minimalWorkflow();
    const changed = { ...body, nodes: [schedule, noOp, node('More', 'n8n-nodes-base.noOp')] };
    const { id: rawId, versionId } = await api().makeWorkflow(body);
    const id = text(rawId);
    await api().post(`/workflows/${id}/publish`);
    await api().put(`/workflows/${id}?publishIfActive=false`, changed);
    const draft = await detail(id);
    expect([draft['active'], draft['activeVersionId']]).toEqual([true, versionId]);
    expect((draft['activeVersion'] as JsonObject)['nodes']).toHaveLength(2);
    expect(draft['nodes']).toHaveLength(3);
    await api().put(`/workflows/${id}`, changed);
    expect((await detail(id))['activeVersionId']).toBe(draft['versionId']);
    await api().post(`/workflows/${id}/publish`, { versionId: text(versionId) });
    expect((await detail(id))['activeVersionId']).toBe(versionId);
    expect(await api().post(`/workflows/${id}/publish`, { versionId: 'nosuch' })).toMatchObject({
      status: 404,
      json: { message: 'Version not found' },
    });
    const { data } = (await api().get(`/workflows/${id}/history`)).json;
    expect((data as JsonObject[]).map((version) => version['versionId'])).toEqual([draft['versionId'], versionId]);
    expect((await api().get(`/workflows/${id}/versions/${text(versionId)}`)).json).toMatchObject({
      nodes: body['nodes'],
    });
  });

  test('publish, tags and unpublish leave updatedAt as it is', async () => {
    const { id, updatedAt } = await api().makeWorkflow();
    const tag = (await api().post('/tags', { name: unique('tag') })).json;
    await api().put(`/workflows/${text(id)}/tags`, [{ id: tag['id'] }]);
    await api().post(`/workflows/${text(id)}/publish`);
    await api().post(`/workflows/${text(id)}/unpublish`);
    expect(await detail(text(id))).toMatchObject({ updatedAt, tags: [{ id: tag['id'] }] });
  });

  test.for([
    ['no trigger', [noOp], /has no trigger node/],
    ['a manual trigger alone', [node('M', 'n8n-nodes-base.manualTrigger')], /has no trigger node/],
    ['a disabled trigger', [{ ...schedule, disabled: true }], /has no trigger node/],
    ['an unknown node type', [schedule, node('X', 'n8n-nodes-foo.bar')], /^Unrecognized node type: n8n-nodes-foo.bar$/],
    [
      'a missing sub-workflow',
      [schedule, callOf('nosuch')],
      /^Cannot publish workflow: Node "Call" references workflow nosuch which is not published\. Please/,
    ],
  ] as const)('n8n refuses to publish %s', async ([, nodes, message]) => {
    const { id } = await api().makeWorkflow({ nodes: [...nodes], connections: {} });
    const { status, json } = await api().post(`/workflows/${text(id)}/publish`);
    expect([status, json['message']]).toEqual([400, expect.stringMatching(message)]);
  });

  test('n8n publishes callees before callers, and a workflow that calls itself', async () => {
    const callee = await api().makeWorkflow();
    const caller = await api().makeWorkflow({
      nodes: [schedule, callOf(text(callee['id']))],
      connections: {},
    });
    const refused = await api().post(`/workflows/${text(caller['id'])}/publish`);
    expect(refused.json['message']).toContain(
      `workflow ${text(callee['id'])} ("${text(callee['name'])}") which is not`,
    );
    expect((await api().post(`/workflows/${text(callee['id'])}/publish`)).status).toBe(200);
    expect((await api().post(`/workflows/${text(caller['id'])}/publish`)).status).toBe(200);
    const disabled = { ...callOf('nosuch'), disabled: true };
    const other = await api().makeWorkflow({ nodes: [schedule, disabled], connections: {} });
    expect((await api().post(`/workflows/${text(other['id'])}/publish`)).status).toBe(200);
    const self = text((await api().makeWorkflow())['id']);
    await api().put(`/workflows/${self}`, {
      ...minimalWorkflow(),
      nodes: [schedule, callOf(self)],
      connections: {},
    });
    expect((await api().post(`/workflows/${self}/publish`)).status).toBe(200);
  });

  test('n8n archives, unpublishing, and brings back', async () => {
    const body = minimalWorkflow();
    const created = await api().makeWorkflow(body);
    const id = text(created['id']);
    await api().post(`/workflows/${id}/publish`);
    expect(await api().post(`/workflows/${id}/archive`)).toMatchObject({
      status: 200,
      json: { isArchived: true, active: false, activeVersionId: null },
    });
    expect((await detail(id))['versionId']).not.toBe(created['versionId']);
    expect((await api().post(`/workflows/${id}/archive`)).status).toBe(200);
    expect((await api().put(`/workflows/${id}`, body)).json).toEqual({
      message: 'Cannot update an archived workflow.',
    });
    expect((await api().post(`/workflows/${id}/publish`)).json).toEqual({
      message: 'Cannot activate an archived workflow.',
    });
    expect((await api().post(`/workflows/${id}/unarchive`)).json).toMatchObject({ isArchived: false });
    expect(await api().post(`/workflows/${id}/unarchive`)).toMatchObject({
      status: 400,
      json: { message: 'Workflow is not archived.' },
    });
  });

  test('n8n deletes only what is not published', async () => {
    const id = text((await api().makeWorkflow())['id']);
    await api().post(`/workflows/${id}/publish`);
    expect(await api().delete(`/workflows/${id}`)).toMatchObject({
      status: 409,
      json: { message: 'Cannot delete a published workflow. Unpublish it before deleting.' },
    });
    await api().deleteWorkflow(id);
    expect((await api().get(`/workflows/${id}`)).status).toBe(404);
    expect((await api().delete(`/workflows/${id}`)).json).toEqual({ message: 'Not Found' });
  });

  test('tags: names are unique, trimmed, 24 characters at most; ids cannot be chosen', async () => {
    const name = unique('tag');
    const tag = (await api().post('/tags', { name: ` ${name} ` })).json;
    expect([fields(tag), tag['name']]).toEqual([['createdAt', 'id', 'name', 'updatedAt'], name]);
    for (const taken of [name, '', 'x'.repeat(25)]) {
      expect(await api().post('/tags', { name: taken })).toMatchObject({
        status: 409,
        json: { message: 'Tag already exists' },
      });
    }
    expect((await api().post('/tags', { name: 'y', id: 'a' })).json).toEqual({
      message: 'request/body/id is read-only',
    });
    const renamed = (await api().put(`/tags/${text(tag['id'])}`, { name: unique('tag') })).json;
    expect(fields(renamed)).toEqual(['id', 'name', 'updatedAt']);
    expect((await api().delete(`/tags/${text(tag['id'])}`)).json).toMatchObject({ id: tag['id'] });
    expect((await api().get(`/tags/${text(tag['id'])}`)).json).toEqual({ message: 'Not Found' });
    const { id } = await api().makeWorkflow();
    expect(await api().put(`/workflows/${text(id)}/tags`, [{ id: 'nosuch' }])).toMatchObject({
      status: 404,
      json: { message: 'Some tags not found' },
    });
  });
}
