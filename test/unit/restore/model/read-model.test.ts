import { describe, expect, test } from 'vitest';
import { FlowkeepError } from '../../../../src/lib/errors.ts';
import { memoryFile } from '../../../../src/lib/spool.ts';
import { liveView } from '../../../../src/snapshot/format/snapshot-view.ts';
import { readModel } from '../../../../src/restore/model/read-model.ts';
import { modelOf, PERSONAL } from '../support.ts';

describe('a snapshot read into a model', () => {
  test('a snapshot read into a model joins what lies in several files', async () => {
    const model = await modelOf({
      projects: [
        PERSONAL,
        { id: 'p', name: 'Team', members: [{ id: 'u', email: 'u@example.com', role: 'project:admin' }] },
      ],
      folders: [{ id: 'f', name: 'Folder', projectId: 'p' }],
      tags: [{ id: 't', name: 'tag' }],
      credentials: [{ id: 'c', name: 'Api', type: 'githubApi', projectId: 'p' }],
      schemas: { githubApi: { type: 'object' }, unused: {} },
      workflows: [
        {
          id: 'w',
          active: true,
          publishedNodes: [{ name: 'n' }],
          staticData: { a: 1 },
          projectId: 'p',
          folderId: 'f',
          tags: ['t'],
        },
      ],
    });
    expect(model.workflows.get('w')).toMatchObject({
      published: { nodes: [{ name: 'n' }] },
      staticData: { a: 1 },
      active: true,
      archived: false,
      projectId: 'p',
      folderId: 'f',
      tagIds: ['t'],
    });
    expect(model.credentials.get('c')).toMatchObject({ type: 'githubApi', projectId: 'p' });
    expect([...model.schemas.keys()]).toEqual(['githubApi']);
    expect(model.projects.get('p')).toMatchObject({
      personal: false,
      members: [{ id: 'u', role: 'project:admin' }],
    });
    expect(model.projects.get(PERSONAL.id)?.personal).toBe(true);
  });

  test('an id is taken from the content: a path may have been changed where names collide', async () => {
    const { header } = await modelOf({});
    const file = memoryFile(Buffer.from('{"id":"AbC","name":"x","nodes":[]}'));
    const files = new Map([['workflows/x.AbC~0123abcd.json', file]]);
    const model = await readModel(liveView(header, files, 'now'));
    expect([...model.workflows.keys()]).toEqual(['AbC']);
  });

  test.each([
    ['workflows/x.1.json', '{'],
    ['workflows/x.1.json', '{"name":"no id"}'],
    ['tags.json', '3'],
  ])('a damaged %s (%s) is an integrity error that names it', async (path, text) => {
    const { header } = await modelOf({});
    const files = new Map([[path, memoryFile(Buffer.from(text))]]);
    const error: unknown = await readModel(liveView(header, files, 'now')).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(FlowkeepError);
    expect(error).toMatchObject({ exitCode: 5, message: expect.stringContaining(path) as string });
  });
});
