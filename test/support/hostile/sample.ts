import { latestFiles, takeBackup } from '../backup.ts';
import { MemoryStore } from '../memory-store.ts';
import { addCredential } from '../stand-in/credentials.ts';
import { addFolder } from '../stand-in/folders.ts';
import { addProject } from '../stand-in/projects.ts';
import { startStandIn, type StandIn } from '../stand-in/start.ts';
import { addTag } from '../stand-in/tags.ts';
import { addVariable } from '../stand-in/variables.ts';
import { addWorkflow } from '../stand-in/workflow-actions.ts';

/** A small instance with something of each kind, and the files of a snapshot of it. */
export async function startSample(): Promise<{ n8n: StandIn; files: Map<string, Uint8Array> }> {
  const n8n = await startStandIn({ licensed: true });
  addProject(n8n.state, { id: 'p1', name: 'Team' });
  addFolder(n8n.state, { id: 'f1', name: 'Outer', projectId: 'p1', parentFolderId: null });
  addTag(n8n.state, { id: 't1', name: 'Live' });
  addVariable(n8n.state, { key: 'REGION', value: 'eu', projectId: null });
  addCredential(n8n.state, { id: 'c1', name: 'Key', type: 'httpHeaderAuth' } as never);
  const nodes = [
    {
      id: 'n1',
      name: 'Fetch',
      type: 'n8n-nodes-base.httpRequest',
      typeVersion: 4,
      position: [0, 0],
      parameters: {},
    },
  ];
  addWorkflow(n8n.state, { id: 'w1', name: 'Sync', nodes, staticData: { last: 7 } });
  addWorkflow(n8n.state, { id: 'w2', name: 'Report', nodes, projectId: 'p1', parentFolderId: 'f1' });
  n8n.addGeneratedTable({ name: 'Rows', rows: 30 });
  const store = new MemoryStore();
  await takeBackup(n8n, { store });
  const files = [...(await latestFiles(store))].map(([path, text]) => [path, Buffer.from(text)] as const);
  return { n8n, files: new Map(files) };
}
