import type { N8nClient } from '../../src/n8n/http/types.ts';
import { importPackage } from '../../src/restore/package/import.ts';
import { packageWorkflow } from '../../src/restore/package/workflow.ts';

const AT_A_TIME = 200;
const NODES = 15;

/** Creates so many workflows of 15 nodes each, in packages, with ids `flow0000000000000` and so on. */
export async function createWorkflows(client: N8nClient, count: number): Promise<void> {
  for (let start = 0; start < count; start += AT_A_TIME) {
    const indexes = Array.from({ length: Math.min(AT_A_TIME, count - start) }, (_, index) => start + index);
    const workflows = indexes.map((index) =>
      packageWorkflow(
        { id: workflowId(index), name: `Flow number ${index}`, settings: {}, tagIds: [] },
        { nodes: nodesOf(index), connections: {}, nodeGroups: [] },
      ),
    );
    const place = { projectId: null, folderId: null };
    await importPackage(client, { workflows }, place);
  }
}

export function workflowId(index: number): string {
  return `flow${String(index).padStart(12, '0')}`;
}

type PackagedNodes = Parameters<typeof packageWorkflow>[1]['nodes'];

/** The nodes of such a workflow: a trigger and steps that set a value. */
export function nodesOf(workflow: number): PackagedNodes {
  return Array.from({ length: NODES }, (_, index) => ({
    id: `node-${workflow}-${index}`,
    name: index === 0 ? 'Schedule' : `Step ${index}`,
    type: index === 0 ? 'n8n-nodes-base.scheduleTrigger' : 'n8n-nodes-base.set',
    typeVersion: 1,
    position: [index * 200, workflow % 7],
    parameters: index === 0 ? {} : { values: { string: [{ name: 'value', value: `${workflow}/${index}` }] } },
  }));
}
