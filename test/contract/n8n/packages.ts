import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/lib/json/json.ts';
import type { PackageFiles } from '../../support/stand-in/packages/archive.ts';
import { callOf, fields, node, noOp, schedule, text, unique, uniqueId, type Api } from './api.ts';

const LIVE = { versionId: 'v', publishedVersionId: 'v' };
const DRAFT_ONLY = { versionId: 'v', publishedVersionId: null };
const OTHER_LIVE = { versionId: 'v', publishedVersionId: 'w' };

interface Parts {
  readonly workflow?: JsonObject;
  readonly metadata?: JsonObject;
  readonly manifest?: JsonObject;
  readonly files?: Record<string, Json>;
}

/** A package written by hand, with one workflow. */
function handmade(id: string, parts: Parts = {}): PackageFiles {
  const target = `workflows/w-${id}`;
  const manifest = manifestOf({ workflows: [{ id, name: id, target }], ...parts.manifest });
  const workflow = workflowFile(id, parts.workflow);
  return new Map<string, Json>([
    ['manifest.json', manifest],
    [`${target}/workflow.json`, workflow],
    [`${target}/workflow-metadata.json`, parts.metadata ?? DRAFT_ONLY],
    ...Object.entries(parts.files ?? {}),
  ]);
}

function manifestOf(sections: JsonObject): JsonObject {
  const exportedAt = '2026-01-01T00:00:00.000Z';
  return { packageFormatVersion: '1', exportedAt, sourceN8nVersion: '2.41.1', sourceId: 'hand', ...sections };
}

function workflowFile(id: string, more: JsonObject = {}): JsonObject {
  const settings = { executionOrder: 'v1' };
  const base = { id, name: id, nodes: [schedule, noOp], connections: {}, settings };
  return { ...base, parentFolderId: null, isArchived: false, tagIds: [], ...more };
}

function stateOf(result: JsonObject): unknown[] {
  return (result['workflows'] as JsonObject[]).map((item) => [
    item['status'],
    (item['publishing'] as JsonObject)['state'],
  ]);
}

type Form = Record<string, string>;

/** Imports a package and gives status and message. */
const refusalOf =
  (api: () => Api) =>
  async (files: PackageFiles, form: Form = {}) => {
    const { status, json } = await api().importPackage(files, form);
    return [status, json['message']];
  };

/** Imports a package and gives status and the issues that block it. */
const issuesOf =
  (api: () => Api) =>
  async (files: PackageFiles, form: Form = {}) => {
    const { status, json } = await api().importPackage(files, form);
    return [status, json['issues']];
  };

/** Package export and import: identity, layout, conflicts, publishing. */
export function testPackages(api: () => Api, licensed: boolean): void {
  const refusal = refusalOf(api);
  const issues = issuesOf(api);

  test('n8n exports workflows with what they need, by id', async () => {
    const tag = (await api().post('/tags', { name: unique('tag') })).json;
    const table = (await api().post('/data-tables', { name: unique('T'), columns: [{ name: 'a', type: 'string' }] }))
      .json;
    const cred = (await api().post('/credentials', { name: 'Api', type: 'httpHeaderAuth', data: {} })).json;
    const callee = await api().makeWorkflow({ name: 'Callee / ä' });
    const nodes = [
      ...[schedule, callOf(text(callee['id']))],
      node('Http', 'n8n-nodes-base.httpRequest', {
        typeVersion: 4.2,
        credentials: { httpHeaderAuth: { id: text(cred['id']), name: 'Api' } },
      }),
      node('Table', 'n8n-nodes-base.dataTable', {
        parameters: { dataTableId: { __rl: true, value: text(table['id']), mode: 'list' } },
      }),
    ];
    const main = await api().makeWorkflow({ name: 'Main', nodes, connections: {} });
    const [mainId, calleeId] = [text(main['id']), text(callee['id'])];
    await api().put(`/workflows/${mainId}/tags`, [{ id: tag['id'] }]);
    await api().post(`/workflows/${calleeId}/publish`);
    const { answer, files } = await api().exportPackage({ workflowIds: [mainId, calleeId] });
    expect(answer.headers.get('content-type')).toBe('application/gzip');
    expect(JSON.parse(answer.headers.get('x-n8n-export-counts') ?? '')).toEqual({
      ...{ workflows: 2, folders: 0, credentials: 1, dataTables: 1, variables: 0, tags: 1 },
    });
    const manifest = files.get('manifest.json') as JsonObject;
    expect(manifest).toMatchObject({ packageFormatVersion: '1', sourceN8nVersion: '2.41.1' });
    expect(manifest['workflows']).toEqual([
      { id: mainId, name: 'Main', target: `workflows/main-${mainId}` },
      { id: calleeId, name: 'Callee / ä', target: `workflows/callee-${calleeId}` },
    ]);
    const usedByWorkflows = [mainId];
    expect(manifest['requirements']).toMatchObject({
      credentials: [{ id: cred['id'], name: 'Api', type: 'httpHeaderAuth', usedByWorkflows }],
      dataTables: [{ id: table['id'], name: table['name'], usedByWorkflows }],
      workflows: [{ id: calleeId, name: 'Callee / ä', usedByWorkflows }],
      tags: [{ id: tag['id'], name: tag['name'], usedByWorkflows }],
    });
    const exported = files.get(`workflows/main-${mainId}/workflow.json`) as JsonObject;
    expect(fields(exported)).toEqual([
      ...['connections', 'id', 'isArchived', 'name', 'nodes', 'parentFolderId', 'settings', 'tagIds'],
    ]);
    expect(files.get(`workflows/callee-${calleeId}/workflow-metadata.json`)).toEqual({
      versionId: callee['versionId'],
      publishedVersionId: callee['versionId'],
    });
    expect(files.get(`credentials/api-${text(cred['id'])}/credential.json`)).toEqual({
      ...{ id: cred['id'], name: 'Api', type: 'httpHeaderAuth' },
    });
    expect((await api().exportPackage({ workflowIds: [mainId] })).answer.json).toEqual({
      message: '1 workflow dependency not included in the package. Export aborted.',
    });
    const alone = await api().exportPackage({
      workflowIds: [mainId],
      missingWorkflowDependencyPolicy: 'reference-only',
    });
    expect([...alone.files.keys()].some((path) => path.includes(calleeId))).toBe(false);
    const both = await api().exportPackage({
      workflowIds: [mainId],
      missingWorkflowDependencyPolicy: 'include-in-package',
    });
    expect([...both.files.keys()].some((path) => path.includes(calleeId))).toBe(true);
  });

  test('n8n refuses an export of nothing, of too much, of what is missing', async () => {
    const message = async (body: JsonObject) => (await api().exportPackage(body)).answer.json['message'];
    expect(await message({})).toBe('At least one workflowId, folderId, or projectId is required');
    expect(await message({ foo: 1 })).toBe('request/body must NOT have additional properties');
    expect(await message({ workflowIds: ['nosuch'] })).toBe(
      '1 workflow(s) not found or not accessible. Export aborted.',
    );
    expect(await message({ workflowIds: Array.from({ length: 301 }, (_, index) => `x${index}`) })).toBe(
      'request/body/workflowIds must NOT have more than 300 items',
    );
    expect(await message({ projectIds: ['nosuch'] })).toBe('1 project(s) not found or not accessible. Export aborted.');
    expect(await message({ projectIds: ['a'], workflowIds: ['b'] })).toBe(
      'Provide either workflowIds/folderIds or projectIds, not both',
    );
  });

  test('an id with a dash is imported, but aborts every export', async () => {
    const id = uniqueId('with-dash-');
    expect((await api().importPackage(handmade(id))).status).toBe(200);
    const { answer } = await api().exportPackage({ workflowIds: [id] });
    expect([answer.status, answer.json['message']]).toEqual([
      400,
      `workflows entry "${id}" has an id that cannot be used as a path segment. Export aborted.`,
    ]);
  });

  test('n8n brings a deleted workflow back under its id', async () => {
    const created = await api().makeWorkflow();
    const id = text(created['id']);
    const { answer } = await api().exportPackage({ workflowIds: [id] });
    await api().deleteWorkflow(id);
    const result = (await api().importBytes(answer.bytes)).json;
    expect(fields(result)).toEqual([
      ...['bindings', 'credentials', 'dataTables', 'folders', 'package', 'projects', 'removedFolders'],
      ...['removedWorkflows', 'tags', 'variables', 'workflows'],
    ]);
    expect(result['workflows']).toEqual([
      {
        ...{
          sourceWorkflowId: id,
          localId: id,
          name: created['name'],
          parentFolderId: null,
          isArchived: false,
        },
        projectId: (created['shared'] as JsonObject[])[0]?.['projectId'],
        ...{ activeVersionId: null, publishing: { state: 'unchanged' }, status: 'created' },
      },
    ]);
    const back = (await api().get(`/workflows/${id}`)).json;
    expect(back).toMatchObject({ name: created['name'], nodes: created['nodes'], sourceWorkflowId: id });
  });

  test.for(['12', uniqueId('HANDMADE'), 'a-uuid-like-id-0123456789-0123456789'])('n8n keeps the id %s', async (id) => {
    expect((await api().importPackage(handmade(id))).json['workflows']).toMatchObject([{ localId: id }]);
    expect((await api().get(`/workflows/${id}`)).json).toMatchObject({ id });
  });

  test('n8n refuses what is not a package', async () => {
    const bytes = (content: string) => api().importBytes(Buffer.from(content));
    expect((await bytes('garbage')).json).toEqual({ message: 'Failed to read package archive' });
    expect(await refusal(new Map([['x.json', {}]]))).toEqual([
      400,
      'Package must begin with manifest.json but found "x.json"',
    ]);
    expect(await refusal(new Map([['manifest.json', manifestOf({ packageFormatVersion: '2' })]]))).toEqual([
      400,
      'Package manifest failed validation',
    ]);
    const id = uniqueId('A');
    const lacking = handmade(id);
    lacking.delete(`workflows/w-${id}/workflow-metadata.json`);
    expect((await refusal(lacking))[1]).toMatch(/^Package workflow metadata file is missing at workflows\/w-/);
    lacking.delete(`workflows/w-${id}/workflow.json`);
    expect((await refusal(lacking))[1]).toBe(
      `Package manifest references a missing workflow file at workflows/w-${id}/workflow.json.`,
    );
    const misconnected = { connections: { Nope: { main: [] } } };
    expect((await refusal(handmade(id, { workflow: misconnected })))[0]).toBe(400);
  });

  test('n8n refuses unknown form fields and words', async () => {
    const files = handmade(uniqueId('A'));
    expect(await refusal(files, { foo: '1' })).toEqual([400, 'Unexpected form field "foo"']);
    expect(await refusal(files, { workflowConflictPolicy: 'zz' })).toEqual([
      400,
      'request/body/workflowConflictPolicy must be equal to one of the allowed values: new-version, fail, skip',
    ]);
    expect((await api().post('/n8n-packages/import', new FormData())).json).toEqual({
      message: "request/body must have required property 'package'",
    });
    expect(await refusal(files, { projectId: 'nosuch' })).toEqual([404, 'Project not found: nosuch']);
  });

  test('an existing workflow is updated, skipped, or stands in the way', async () => {
    const id = uniqueId('A');
    await api().importPackage(handmade(id));
    await api().put(`/workflows/${id}`, {
      ...{ name: 'by hand', nodes: [schedule], connections: {} },
      ...{ settings: { timezone: 'Europe/Berlin' }, description: 'mine', staticData: { a: 1 } },
    });
    expect(
      (await api().importPackage(handmade(id), { workflowConflictPolicy: 'skip' })).json['workflows'],
    ).toMatchObject([{ status: 'skipped', name: 'by hand' }]);
    expect(await issues(handmade(id), { workflowConflictPolicy: 'fail' })).toEqual([
      409,
      [{ type: 'workflow-conflict', sourceWorkflowId: id, existingWorkflowId: id, name: 'by hand' }],
    ]);
    expect((await api().importPackage(handmade(id))).json['workflows']).toMatchObject([
      { status: 'updated', name: id },
    ]);
    expect((await api().get(`/workflows/${id}`)).json).toMatchObject({
      ...{ name: id, description: 'mine', staticData: { a: 1 } },
      settings: { executionOrder: 'v1', timezone: 'Europe/Berlin' },
    });
  });

  test('workflowIdPolicy=new gives new ids, once', async () => {
    const id = uniqueId('A');
    const first = (await api().importPackage(handmade(id), { workflowIdPolicy: 'new' })).json;
    const localId = (first['bindings'] as JsonObject)['workflows'] as JsonObject;
    expect(localId[id]).not.toBe(id);
    const again = (await api().importPackage(handmade(id), { workflowIdPolicy: 'new' })).json;
    expect(again['bindings']).toMatchObject({ workflows: localId });
    expect(stateOf(again)).toEqual([['updated', 'unchanged']]);
  });

  test('n8n publishes as the policy says', async () => {
    const id = uniqueId('A');
    let serial = 0;
    const step = async (metadata: JsonObject, policy: string, isArchived = false) => {
      const nodes = [schedule, node(`Step ${++serial}`, 'n8n-nodes-base.noOp')];
      const files = handmade(id, { metadata, workflow: { nodes, isArchived } });
      return stateOf((await api().importPackage(files, { workflowPublishingPolicy: policy })).json);
    };
    expect(await step(LIVE, 'preserve-published-state')).toEqual([['created', 'unchanged']]);
    expect(await step(LIVE, 'match-source')).toEqual([['updated', 'published']]);
    expect(await step(DRAFT_ONLY, 'preserve-published-state')).toEqual([['updated', 'unchanged']]);
    expect(await step(LIVE, 'preserve-published-state')).toEqual([['updated', 'published']]);
    expect(await step(OTHER_LIVE, 'match-source')).toEqual([['updated', 'unchanged']]);
    expect(await step(DRAFT_ONLY, 'match-source')).toEqual([['updated', 'unpublished']]);
    expect(await step(DRAFT_ONLY, 'publish-all')).toEqual([['updated', 'published']]);
    expect(await step(LIVE, 'match-source', true)).toEqual([['updated', 'unchanged']]);
    expect((await api().get(`/workflows/${id}`)).json).toMatchObject({ isArchived: true, active: false });
    expect(await step(LIVE, 'match-source')).toEqual([['updated', 'published']]);
    expect(await step(LIVE, 'unpublish-all')).toEqual([['updated', 'unpublished']]);
  });

  test('n8n publishes in manifest order; a caller before its callee fails, and so does a cycle', async () => {
    const pair = (caller: string, callee: string, calleeNodes: JsonObject[], requirements: JsonObject = {}) => {
      const target = `workflows/w-${callee}`;
      const entries = [caller, callee].map((id) => ({ id, name: id, target: `workflows/w-${id}` }));
      return handmade(caller, {
        ...{ workflow: { nodes: [schedule, callOf(callee)] }, metadata: LIVE },
        manifest: { workflows: entries, requirements },
        files: {
          [`${target}/workflow.json`]: workflowFile(callee, { nodes: calleeNodes }),
          [`${target}/workflow-metadata.json`]: LIVE,
        },
      });
    };
    const publish = async (files: PackageFiles) =>
      stateOf((await api().importPackage(files, { workflowPublishingPolicy: 'match-source' })).json);
    const [a, b, c, d] = [uniqueId('A'), uniqueId('B'), uniqueId('C'), uniqueId('D')];
    expect(await publish(pair(a, b, [schedule]))).toEqual([
      ['created', 'failed'],
      ['created', 'published'],
    ]);
    expect(await publish(pair(c, d, [schedule, callOf(c)]))).toEqual([
      ['created', 'failed'],
      ['created', 'failed'],
    ]);
    const [e, f] = [uniqueId('E'), uniqueId('F')];
    const named = { workflows: [{ id: f, name: f, usedByWorkflows: [e] }] };
    expect(await publish(pair(e, f, [schedule], named))).toEqual([
      ['created', 'published'],
      ['created', 'published'],
    ]);
  });

  test('a missing node type blocks, unless it is imported anyway', async () => {
    const id = uniqueId('A');
    const files = handmade(id, { workflow: { nodes: [node('X', 'n8n-nodes-foo.bar')] } });
    expect(await issues(files)).toEqual([
      422,
      [{ type: 'missing-node-type', nodeType: 'n8n-nodes-foo.bar', typeVersion: 1, usedByWorkflows: [id] }],
    ]);
    expect((await api().importPackage(files, { missingNodeTypeMode: 'import-anyway' })).status).toBe(200);
  });

  test('n8n makes stubs of required credentials, which keep a workflow from being published', async () => {
    const [id, credentialId] = [uniqueId('A'), uniqueId('stub')];
    const http = node('Http', 'n8n-nodes-base.httpRequest', {
      typeVersion: 4.2,
      credentials: { openAiApi: { id: credentialId, name: 'x' } },
    });
    const workflow = { nodes: [schedule, http] };
    const bare = handmade(uniqueId('A'), { workflow });
    if (licensed) expect((await refusal(bare))[0]).toBe(400);
    else expect((await api().importPackage(bare)).status).toBe(200);
    const requirement = { id: credentialId, name: 'Stub', type: 'openAiApi', usedByWorkflows: [id] };
    const files = handmade(id, {
      workflow,
      metadata: LIVE,
      manifest: { requirements: { credentials: [requirement] } },
    });
    const result = (await api().importPackage(files, { workflowPublishingPolicy: 'match-source' })).json;
    expect(result).toMatchObject({
      ...{
        credentials: { matched: [], stubbed: [credentialId] },
        bindings: { credentials: { [credentialId]: credentialId } },
      },
      workflows: [{ publishing: { state: 'blocked', blockedReason: 'stub-credential' } }],
    });
    expect((await api().get(`/credentials/${credentialId}`)).json).toMatchObject({
      id: credentialId,
      name: 'Stub',
    });
    const unknown = { ...requirement, id: uniqueId('stub'), type: 'nosuchType' };
    expect(await issues(handmade(id, { manifest: { requirements: { credentials: [unknown] } } }))).toEqual([
      422,
      [{ type: 'credential-unresolved', kind: 'unknown_type', sourceId: unknown.id, usedByWorkflows: [id] }],
    ]);
  });

  test('n8n makes required data tables under their ids, without rows', async () => {
    const [id, tableId, name] = [uniqueId('A'), uniqueId('T'), unique('Table')];
    const withTable = (type: string, ofId = tableId) =>
      handmade(id, {
        manifest: {
          dataTables: [{ id: ofId, name, target: 'data-tables/t' }],
          requirements: { dataTables: [{ id: ofId, name, usedByWorkflows: [id] }] },
        },
        files: {
          'data-tables/t/data-table.json': { id: ofId, name, columns: [{ name: 'a', type, index: 0 }] },
        },
      });
    expect((await api().importPackage(withTable('string'))).json).toMatchObject({
      dataTables: { matched: 0, created: 1 },
    });
    expect((await api().get(`/data-tables/${tableId}`)).json).toMatchObject({
      id: tableId,
      columns: [{ name: 'a' }],
    });
    expect((await api().importPackage(withTable('string'))).json).toMatchObject({
      dataTables: { matched: 1, created: 0 },
    });
    const facts = { type: 'data-table-unresolved', name, usedByWorkflows: [id] };
    expect(await issues(withTable('number'))).toMatchObject([
      422,
      [
        {
          ...facts,
          kind: 'schema-incompatible',
          typeMismatches: [{ column: 'a', expectedType: 'number', actualType: 'string' }],
        },
      ],
    ]);
    expect(await issues(withTable('string', uniqueId('U')))).toMatchObject([
      409,
      [{ ...facts, kind: 'name-conflict' }],
    ]);
  });

  test('n8n makes required tags under their ids; one whose name is taken is left out', async () => {
    const [id, tagId, name] = [uniqueId('A'), uniqueId('tag'), unique('tag')];
    const withTag = (ofId: string, required = true) =>
      handmade(id, {
        workflow: { tagIds: [ofId] },
        manifest: {
          tags: [{ id: ofId, name, target: 'tags/t' }],
          ...(required ? { requirements: { tags: [{ id: ofId, name, usedByWorkflows: [id] }] } } : {}),
        },
        files: { 'tags/t/tag.json': { id: ofId, name } },
      });
    expect(await refusal(withTag(tagId, false))).toEqual([
      400,
      `Package workflows reference tag "${tagId}", which is missing from the package's tag requirements.`,
    ]);
    expect((await api().importPackage(withTag(tagId))).json).toMatchObject({ tags: { created: [name] } });
    expect((await api().get(`/workflows/${id}/tags`)).list).toMatchObject([{ id: tagId, name }]);
    expect((await api().importPackage(withTag(tagId))).json).toMatchObject({ tags: { matched: [name] } });
    expect((await api().importPackage(withTag(uniqueId('tag')))).json).toMatchObject({
      tags: { skipped: [name] },
    });
  });

  test('variables that are missing need the licence', async () => {
    const [id, name] = [uniqueId('A'), uniqueId('VAR')];
    const files = handmade(id, {
      manifest: {
        variables: [{ id: 'v1', name, target: 'variables/v' }],
        requirements: { variables: [{ name, usedByWorkflows: [id] }] },
      },
      files: { 'variables/v/variable.json': { name, type: 'string', value: 'x' } },
    });
    const left = (await api().importPackage(files, { variableMissingMode: 'do-nothing' })).json;
    expect(left).toMatchObject({ variables: { missing: [name] } });
    if (!licensed) {
      return expect(await refusal(files)).toEqual([
        403,
        'Your license does not allow variables. Importing a package that writes variables requires a license that supports variables.',
      ]);
    }
    expect((await api().importPackage(files)).json).toMatchObject({ variables: { created: [name] } });
    const made = (await api().all('/variables')).find((variable) => variable['key'] === name);
    expect(made).toMatchObject({ value: 'x', project: { type: 'personal' } });
  });

  test('projects and folders come with the licence alone', async () => {
    const files = projectPackage(uniqueId('P'), [uniqueId('F'), uniqueId('G')], uniqueId('W'));
    expect((await api().importPackage(files)).status).toBe(licensed ? 200 : 403);
  });

  test('n8n exports the personal project, with and without licence', async () => {
    const probe = await api().makeWorkflow();
    const projectId = text((probe['shared'] as JsonObject[])[0]?.['projectId']);
    const body = { projectIds: [projectId] };
    const { answer, files } = await api().exportPackage(body);
    // Other tests leave workflows behind that no export takes: then n8n names them, and is no less ready to export.
    if (answer.status === 400) return expect(answer.json['message']).toContain('Export aborted.');
    expect([...files.keys()].some((path) => path.endsWith(`-${text(probe['id'])}/workflow.json`))).toBe(true);
  });
}

/** Packages with projects and folders. */
export function testProjectPackages(api: () => Api): void {
  const issues = issuesOf(api);
  const refusal = refusalOf(api);
  test('n8n brings projects and folders back under their ids, and exports them again', async () => {
    const [projectId, outer, inner, id] = [uniqueId('P'), uniqueId('F'), uniqueId('G'), uniqueId('W')];
    const files = projectPackage(projectId, [outer, inner], id);
    expect((await api().importPackage(files)).json).toMatchObject({
      projects: [{ sourceProjectId: projectId, localId: projectId, name: 'P', status: 'created' }],
      folders: [
        { sourceFolderId: outer, localId: outer, name: 'O', parentFolderId: null, status: 'created' },
        { sourceFolderId: inner, localId: inner, name: 'I', parentFolderId: outer, status: 'created' },
      ],
      workflows: [{ localId: id, projectId, parentFolderId: inner }],
    });
    const exported = (await api().exportPackage({ projectIds: [projectId] })).files;
    const root = `projects/p-${projectId}/folders/o-${outer}/i-${inner}`;
    expect([...exported.keys()]).toEqual(
      expect.arrayContaining([
        `projects/p-${projectId}/project.json`,
        `${root}/workflows/${id.toLowerCase()}-${id}/workflow.json`,
      ]),
    );
    expect(exported.get(`${root}/folder.json`)).toEqual({ id: inner, name: 'I', parentFolderId: outer });
    const loose = (await api().exportPackage({ workflowIds: [id] })).files;
    expect(loose.get(`workflows/${id.toLowerCase()}-${id}/workflow.json`)).toMatchObject({
      parentFolderId: inner,
    });
    expect((await api().importPackage(files)).json).toMatchObject({
      ...{ projects: [{ status: 'skipped' }], workflows: [{ status: 'updated' }] },
      folders: [{ status: 'skipped' }, { status: 'skipped' }],
    });
    expect(await issues(files, { projectConflictPolicy: 'fail', workflowConflictPolicy: 'skip' })).toMatchObject([
      409,
      [{ type: 'project-conflict', kind: 'fail-policy', sourceProjectId: projectId }],
    ]);
    const elsewhere = projectPackage(uniqueId('P'), [outer, inner], uniqueId('W'));
    expect(await issues(elsewhere)).toMatchObject([
      409,
      [{ kind: 'id-in-other-project' }, { kind: 'id-in-other-project' }],
    ]);
  });

  test('n8n never moves an existing workflow to another project or folder', async () => {
    const projectId = text((await api().post('/projects', { name: unique('P') })).json['id']);
    const folder = (await api().post(`/projects/${projectId}/folders`, { name: 'F' })).json;
    const folderId = text(folder['id']);
    const id = uniqueId('W');
    await api().importPackage(handmade(id), { projectId });
    expect(await issues(handmade(id))).toMatchObject([
      409,
      [{ type: 'workflow-id-conflict', existingWorkflowId: id, existingProjectId: projectId }],
    ]);
    expect(await issues(handmade(id), { projectId, folderId })).toMatchObject([
      409,
      [{ type: 'workflow-folder-conflict', existingParentFolderId: null, targetFolderId: folderId }],
    ]);
    const inFolder = uniqueId('W');
    await api().importPackage(handmade(inFolder), { projectId, folderId });
    expect((await api().importPackage(handmade(inFolder), { projectId })).json['workflows']).toMatchObject([
      { status: 'updated', parentFolderId: folderId },
    ]);
  });

  test("n8n refuses the caller's personal project, but exports it", async () => {
    const personal = (await api().all('/projects'))[0] as JsonObject;
    const id = text(personal['id']);
    const name = text(personal['name']);
    const manifest = manifestOf({ projects: [{ id, name, target: 'projects/p' }] });
    const files = new Map<string, Json>([
      ['manifest.json', manifest],
      ['projects/p/project.json', { id, name }],
    ]);
    expect(await refusal(files)).toEqual([
      403,
      `Cannot import project "${name}": its id belongs to a non-team project on this instance.`,
    ]);
  });
}

/** A package with a project, a folder in a folder, and a workflow in that. */
function projectPackage(projectId: string, folders: [string, string], id: string): PackageFiles {
  const root = `projects/p-${projectId}`;
  const [outer, inner] = [`${root}/folders/o`, `${root}/folders/o/i`];
  return new Map<string, Json>([
    [
      'manifest.json',
      manifestOf({
        projects: [{ id: projectId, name: 'P', target: root }],
        folders: [
          { id: folders[0], name: 'O', target: outer },
          { id: folders[1], name: 'I', target: inner },
        ],
        workflows: [{ id, name: id, target: `${inner}/workflows/w` }],
      }),
    ],
    [`${root}/project.json`, { id: projectId, name: 'P' }],
    [`${outer}/folder.json`, { id: folders[0], name: 'O', parentFolderId: null }],
    [`${inner}/folder.json`, { id: folders[1], name: 'I', parentFolderId: folders[0] }],
    [`${inner}/workflows/w/workflow.json`, workflowFile(id, { parentFolderId: folders[1] })],
    [`${inner}/workflows/w/workflow-metadata.json`, DRAFT_ONLY],
  ]);
}
