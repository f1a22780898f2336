import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/lib/json/json.ts';
import { CREDENTIAL_SCHEMAS } from '../../support/stand-in/credential-schemas.ts';
import { fields, minimalWorkflow, text, unique, uniqueId, type Api } from './api.ts';

/** Credentials, users and community packages. */
export function testItems(api: () => Api): void {
  const credential = (more: JsonObject = {}) =>
    api().post('/credentials', { name: unique('Cred'), type: 'httpHeaderAuth', data: {}, ...more });

  test('credentials: fields of list and detail, newest first, never data', async () => {
    const older = (await credential({ data: { name: 'X', value: 'secret' } })).json;
    const newer = (await credential()).json;
    const shape = [
      ...['createdAt', 'id', 'isGlobal', 'isManaged', 'isResolvable', 'name', 'resolvableAllowFallback'],
      ...['resolverId', 'type', 'updatedAt'],
    ];
    expect(fields(older)).toEqual(shape);
    expect(fields((await api().get(`/credentials/${text(older['id'])}`)).json)).toEqual(shape);
    const listed = await api().all('/credentials');
    expect(listed.slice(0, 2).map(({ id }) => id)).toEqual([newer['id'], older['id']]);
    expect(fields(listed[0])).toEqual(['createdAt', 'id', 'name', 'shared', 'type', 'updatedAt']);
    expect(fields((listed[0]?.['shared'] as JsonObject[])[0])).toEqual([
      'createdAt',
      'id',
      'name',
      'role',
      'updatedAt',
    ]);
    expect(JSON.stringify(listed)).not.toContain('secret');
  });

  test('credentials keep a chosen id, once', async () => {
    const id = uniqueId('my-cred_');
    expect((await credential({ id })).json).toMatchObject({ id });
    expect(await credential({ id })).toMatchObject({
      status: 409,
      json: { message: 'A credential with this ID already exists' },
    });
    expect((await credential({ id: 'x'.repeat(17) })).json).toEqual({
      message: 'request/body/id String must contain at most 16 character(s)',
    });
  });

  test('credentials: what is refused', async () => {
    const refusal = async (more: JsonObject) => {
      const { status, json } = await credential(more);
      return [status, json['message']];
    };
    expect(await refusal({ type: 'nosuch' })).toEqual([400, 'req.body.type is not a known type']);
    expect(await refusal({ data: { foo: 1 } })).toEqual([
      400,
      'request.body.data is not allowed to have the additional property "foo"',
    ]);
    expect((await refusal({ type: 'openAiApi' }))[0]).toBe(400);
    expect(await refusal({ projectId: 'nosuch' })).toEqual([404, 'Project not found']);
    expect((await api().get('/credentials/nosuch')).json).toEqual({ message: 'Credential not found' });
  });

  test('credentials can be renamed, filled and deleted', async () => {
    const id = text((await credential()).json['id']);
    expect((await api().patch(`/credentials/${id}`, { name: 'New name' })).json).toMatchObject({
      name: 'New name',
    });
    expect((await api().patch(`/credentials/${id}`, { data: { name: 'a', value: 'b' } })).status).toBe(200);
    expect((await api().patch(`/credentials/${id}`, { type: 'githubApi' })).status).toBe(400);
    expect((await api().delete(`/credentials/${id}`)).json).toMatchObject({ id });
    expect((await api().delete(`/credentials/${id}`)).json).toEqual({ message: 'Not Found' });
  });

  test.for(Object.keys(CREDENTIAL_SCHEMAS))('the schema of %s', async (type) => {
    const { status, json } = await api().get(`/credentials/schema/${type}`);
    expect(status).toBe(200);
    expect(json).toEqual(CREDENTIAL_SCHEMAS[type]);
  });

  test('the schema of an unknown type is 404', async () => {
    expect(await api().get('/credentials/schema/nosuch')).toMatchObject({
      status: 404,
      json: { message: 'Not Found' },
    });
  });

  test('users: fields, with the role on request, by id', async () => {
    const email = `${uniqueId('user')}@flowkeep.test`;
    const invited = await api().post('/users', [{ email, role: 'global:member' }]);
    expect([invited.status, fields((invited.list[0] as JsonObject)['user'])]).toEqual([
      201,
      ['email', 'emailSent', 'id', 'inviteAcceptUrl', 'role'],
    ]);
    const base = ['createdAt', 'email', 'firstName', 'id', 'isPending', 'lastName', 'mfaEnabled', 'updatedAt'];
    const plain = (await api().get('/users')).json['data'] as JsonObject[];
    expect(fields(plain[0])).toEqual(base);
    const users = (await api().get('/users?includeRole=true&limit=250')).json['data'] as JsonObject[];
    expect(fields(users[0])).toEqual([...base, 'role'].sort());
    expect(users.find((user) => user['email'] === email)).toMatchObject({
      role: 'global:member',
      isPending: true,
    });
    const ids = users.map(({ id }) => text(id));
    expect(ids).toEqual(ids.toSorted());
  });

  test('community packages are a bare list', async () => {
    expect((await api().get('/community-packages')).list).toEqual([]);
  });

  test('a community package that n8n has not verified is refused, unless `verify` is false', async () => {
    const refused = await api().post('/community-packages', { name: 'n8n-nodes-of-nobody' });
    expect(refused.status).toBe(400);
    expect(refused.json).toEqual({ message: 'Package n8n-nodes-of-nobody is not vetted for installation' });
  });
}

/** What needs a licence: variables, projects, members, folders. */
export function testLicensedItems(api: () => Api): void {
  const project = async () => (await api().post('/projects', { name: unique('Project') })).json;

  test('variables: 201 without body, one per key and scope, global or of a project', async () => {
    const key = uniqueId('KEY_');
    const { id: projectId } = await project();
    expect(await api().post('/variables', { key, value: '1' })).toMatchObject({ status: 201, text: '' });
    expect(await api().post('/variables', { key, value: '1' })).toMatchObject({
      status: 400,
      json: { message: `A global variable with key "${key}" already exists` },
    });
    expect((await api().post('/variables', { key, value: '2', projectId })).status).toBe(201);
    const found = (await api().all('/variables')).filter((variable) => variable['key'] === key);
    expect(found.map((variable) => fields(variable))).toEqual(Array(2).fill(['id', 'key', 'project', 'type', 'value']));
    expect(found).toMatchObject([
      { value: '1', project: null },
      { value: '2', project: { id: projectId } },
    ]);
    const id = text(found[0]?.['id']);
    expect((await api().put(`/variables/${id}`, { key, value: '3' })).status).toBe(204);
    expect((await api().put('/variables/nosuch', { key, value: '3' })).status).toBe(404);
    expect((await api().delete(`/variables/${id}`)).status).toBe(204);
    expect((await api().delete('/variables/nosuch')).status).toBe(204);
    expect((await api().post('/variables', { key: 'bad key', value: '1' })).status).toBe(400);
    expect((await api().post('/variables', { key: 'long', value: 'v'.repeat(1001) })).json).toEqual({
      message: 'request/body/value value cannot be longer than 1000 characters',
    });
  });

  test('projects: a name is all that can be written; oldest first', async () => {
    const made = await project();
    const listed = await api().all('/projects');
    expect(fields(listed[0])).toEqual([
      ...['createdAt', 'creatorId', 'customTelemetryTags', 'description', 'icon', 'id', 'name', 'type', 'updatedAt'],
    ]);
    expect([listed[0]?.['type'], listed.at(-1)?.['id']]).toEqual(['personal', made['id']]);
    expect((await api().post('/projects', { name: 'x', icon: null, description: 'd' })).json).toEqual({
      message: "request/body Unrecognized key(s) in object: 'icon', 'description'",
    });
    expect((await api().post('/projects', { name: 'x', id: 'a' })).json).toEqual({
      message: 'request/body/id is read-only',
    });
    expect((await api().put(`/projects/${text(made['id'])}`, { name: 'Other' })).status).toBe(204);
    expect((await api().put('/projects/nosuch', { name: 'x' })).json).toEqual({
      message: 'Could not find project with ID: nosuch',
    });
  });

  test('projects go with everything in them; personal ones stay', async () => {
    const id = text((await project())['id']);
    const workflow = await api().makeWorkflow({ projectId: id });
    await api().post('/credentials', { name: 'Cred', type: 'httpHeaderAuth', data: {}, projectId: id });
    expect((await api().delete(`/projects/${id}`)).status).toBe(204);
    expect((await api().get(`/workflows/${text(workflow['id'])}`)).status).toBe(404);
    const personal = (await api().all('/projects')).find(({ type }) => type === 'personal');
    expect((await api().delete(`/projects/${text(personal?.['id'])}`)).status).toBe(403);
  });

  test('project members', async () => {
    const id = text((await project())['id']);
    const email = `${uniqueId('member')}@flowkeep.test`;
    const invited = (await api().post('/users', [{ email, role: 'global:member' }])).list[0] as {
      user: JsonObject;
    };
    const relation = { userId: invited.user['id'], role: 'project:editor' };
    expect((await api().post(`/projects/${id}/users`, { relations: [relation] })).status).toBe(201);
    const members = (await api().get(`/projects/${id}/users`)).json['data'] as JsonObject[];
    expect(fields(members[0])).toEqual(['createdAt', 'email', 'firstName', 'id', 'lastName', 'role', 'updatedAt']);
    expect(members.map(({ role }) => role)).toEqual(['project:admin', 'project:editor']);
    expect(
      (await api().patch(`/projects/${id}/users/${text(relation.userId)}`, { role: 'project:viewer' })).status,
    ).toBe(204);
    expect((await api().delete(`/projects/${id}/users/${text(relation.userId)}`)).status).toBe(204);
    expect((await api().get('/projects/nosuch/users')).json).toEqual({
      message: 'Could not find project with ID "nosuch"',
    });
  });

  test('folders: nested, last updated first, paged with skip and take', async () => {
    const at = `/projects/${text((await project())['id'])}/folders`;
    const parent = (await api().post(at, { name: 'EU' })).json;
    const child = (await api().post(at, { name: 'Berlin', parentFolderId: text(parent['id']) })).json;
    expect(fields(child)).toEqual(['createdAt', 'id', 'name', 'parentFolder', 'parentFolderId', 'updatedAt']);
    const listed = (await api().get(at)).json as { count: number; data: JsonObject[] };
    expect([listed.count, listed.data.map(({ name }) => name)]).toEqual([2, ['Berlin', 'EU']]);
    expect(fields(listed.data[0])).toEqual([
      ...['createdAt', 'homeProject', 'id', 'name', 'parentFolder', 'parentFolderId', 'subFolderCount', 'tags'],
      ...['updatedAt', 'workflowCount'],
    ]);
    const second = (await api().get(`${at}?skip=1&take=1`)).json as { count: number; data: JsonObject[] };
    expect([second.count, second.data.map(({ name }) => name)]).toEqual([2, ['EU']]);
    expect((await api().patch(`${at}/${text(child['id'])}`, { parentFolderId: '0' })).json).toMatchObject({
      parentFolderId: null,
    });
    expect((await api().post(at, { name: '' })).json).toEqual({ message: 'Folder name cannot be empty' });
    expect((await api().post(at, { name: 'a/b' })).json).toEqual({
      message: 'Folder name contains invalid characters',
    });
    expect((await api().post(at, { name: 'x', parentFolderId: 'nosuch' })).json).toEqual({
      message: 'Could not find the folder: nosuch',
    });
    expect((await api().get('/projects/nosuch/folders')).json).toEqual({
      message: 'Project with ID "nosuch" not found',
    });
  });

  test('a workflow is made in a folder, transferred to a root, and archived with its folder', async () => {
    const [here, there] = [text((await project())['id']), text((await project())['id'])];
    const folder = (await api().post(`/projects/${here}/folders`, { name: 'F' })).json;
    const place = { projectId: here, parentFolderId: text(folder['id']) };
    const moved = await api().makeWorkflow(place);
    expect(moved['parentFolder']).toMatchObject({ id: folder['id'] });
    const id = text(moved['id']);
    expect((await api().put(`/workflows/${id}/transfer`, { destinationProjectId: here })).status).toBe(204);
    expect((await api().put(`/workflows/${id}/transfer`, { destinationProjectId: here })).status).toBe(400);
    expect((await api().put(`/workflows/${id}/transfer`, { destinationProjectId: there })).status).toBe(204);
    expect((await api().get(`/workflows/${id}`)).json['shared']).toMatchObject([{ projectId: there }]);
    const kept = text((await api().makeWorkflow(place))['id']);
    expect((await api().delete(`/projects/${here}/folders/${text(folder['id'])}`)).status).toBe(204);
    expect((await api().get(`/workflows/${kept}`)).json).toMatchObject({ isArchived: true });
    const misplaced = { ...minimalWorkflow(), projectId: there, parentFolderId: text(folder['id']) };
    expect((await api().post('/workflows', misplaced)).status).toBe(404);
  });

  test('PUT moves a workflow between the folders of its project', async () => {
    const projectId = text((await project())['id']);
    const at = `/projects/${projectId}/folders`;
    const [a, b] = [
      text((await api().post(at, { name: 'A' })).json['id']),
      text((await api().post(at, { name: 'B' })).json['id']),
    ];
    const id = text((await api().makeWorkflow({ projectId, parentFolderId: a }))['id']);
    const folderAfter = async (change: JsonObject) => {
      const { status, json } = await api().put(`/workflows/${id}`, { ...minimalWorkflow(), ...change });
      if (status !== 200) return json['message'];
      const { files } = await api().exportPackage({ workflowIds: [id] });
      const exported = [...files].find(([path]) => path.endsWith('/workflow.json'))?.[1] as JsonObject;
      return exported['parentFolderId'];
    };
    expect(await folderAfter({})).toBe(a);
    expect(await folderAfter({ parentFolderId: b })).toBe(b);
    expect(await folderAfter({ parentFolderId: null })).toBe(null);
    expect(await folderAfter({ parentFolderId: a })).toBe(a);
    expect(await folderAfter({ parentFolderId: '0' })).toBe(null);
    expect(await folderAfter({ parentFolderId: 'nosuch' })).toBe('Could not find the folder: nosuch');
  });
}
