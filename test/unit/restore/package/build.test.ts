import { describe, expect, it } from 'vitest';
import { readPackage, writePackage } from '../../../../src/n8n/package.ts';
import { buildPackage, type PackageContent } from '../../../../src/restore/package/build.ts';
import { packageWorkflow, unknownNodeMembers } from '../../../../src/restore/package/workflow.ts';

async function filesOf(content: PackageContent): Promise<Record<string, unknown>> {
  return Object.fromEntries(await readPackage(await writePackage(buildPackage(content))));
}

describe('buildPackage', () => {
  it('buildPackage nests folders by their parents, whatever order they come in', async () => {
    const files = await filesOf({
      folders: [
        { id: 'inner', name: 'Inner', parentFolderId: 'outer' },
        { id: 'outer', name: 'Outer', parentFolderId: 'elsewhere' },
      ],
    });
    expect(files['folders/1/folders/0/folder.json']).toEqual({
      id: 'inner',
      name: 'Inner',
      parentFolderId: 'outer',
    });
    expect(files['folders/1/folder.json']).toEqual({ id: 'outer', name: 'Outer', parentFolderId: null });
  });

  it('buildPackage names no path after an id or a name of n8n', async () => {
    const workflow = packageWorkflow(
      { id: '../../etc', name: '/root', settings: {}, tagIds: [] },
      { nodes: [], connections: {}, nodeGroups: [] },
    );
    const files = await filesOf({ workflows: [workflow] });
    expect(Object.keys(files).sort()).toEqual([
      'manifest.json',
      'workflows/0/workflow-metadata.json',
      'workflows/0/workflow.json',
    ]);
  });

  it('buildPackage has the first workflow require tables and stubs, and each tag where it is used', async () => {
    const content = { nodes: [], connections: {}, nodeGroups: [] };
    const files = await filesOf({
      workflows: [
        packageWorkflow({ id: 'a', name: 'A', settings: {}, tagIds: [] }, content),
        packageWorkflow({ id: 'b', name: 'B', settings: {}, tagIds: ['t'] }, content),
      ],
      tags: [
        { id: 't', name: 'used' },
        { id: 'u', name: 'unused' },
      ],
      tables: [{ id: 'd', name: 'rows', columns: [{ name: 'x', type: 'string' }] }],
      stubs: [{ id: 'c', name: 'key', type: 'httpHeaderAuth' }],
    });
    expect(files['manifest.json']).toMatchObject({
      requirements: {
        tags: [{ id: 't', name: 'used', usedByWorkflows: ['b'] }],
        dataTables: [{ id: 'd', name: 'rows', usedByWorkflows: ['a'] }],
        credentials: [{ id: 'c', name: 'key', type: 'httpHeaderAuth', usedByWorkflows: ['a'] }],
      },
    });
  });
});

describe('packageWorkflow', () => {
  const node = { id: 'n', name: 'N', type: 't', typeVersion: 1, position: [0, 0], parameters: {} };
  const head = { id: 'a', name: 'A', settings: {}, tagIds: [] };

  it('packageWorkflow carries nodes that the format holds as they are', () => {
    const packaged = packageWorkflow(head, { nodes: [node], connections: {}, nodeGroups: [] });
    expect(packaged).toMatchObject({ whole: true, file: { nodes: [node] } });
  });

  it.each([
    ['a member that n8n would drop in silence', { ...node, color: 'red' }],
    [
      'a sub-workflow by URL, which n8n would break',
      { ...node, parameters: { workflowId: { __rl: true, mode: 'url', value: 'https://n8n/workflow/b' } } },
    ],
    ['a null that n8n would refuse', { ...node, notes: null }],
    ['a node without parameters', { ...node, parameters: undefined as never }],
  ])('packageWorkflow carries an empty workflow instead of one with %s', (_, odd) => {
    const packaged = packageWorkflow(head, { nodes: [odd], connections: {}, nodeGroups: [] });
    expect(packaged).toMatchObject({ whole: false, file: { id: 'a', nodes: [] } });
  });
});

describe('unknownNodeMembers', () => {
  it('names what n8n’s package format has no room for, each once', () => {
    const node = { id: 'n', name: 'N', type: 't', parameters: { color: 'red' }, onError: 'stop' };
    expect(unknownNodeMembers([node])).toEqual([]);
    expect(
      unknownNodeMembers([
        { ...node, mood: 1, color: 'red' },
        { ...node, color: 'blue' },
      ]),
    ).toEqual(['color', 'mood']);
  });
});
