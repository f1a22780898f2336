import { nodesOf, workflowId } from '../../../test/support/many-workflows.ts';
import { startStandIn } from '../../../test/support/stand-in/start.ts';
import { addWorkflow } from '../../../test/support/stand-in/workflow-actions.ts';

/** The stand-in n8n as a process of its own, for sizes that would take a real n8n hours to fill. */
export interface StandInSettings {
  readonly workflows: number;
  readonly rows: number;
}

const { workflows, rows } = JSON.parse(process.argv[2] ?? '') as StandInSettings;
await using n8n = await startStandIn();
for (let index = 0; index < workflows; index++) {
  addWorkflow(n8n.state, { id: workflowId(index), name: `Flow number ${index}`, nodes: nodesOf(index) });
}
if (rows > 0) n8n.addGeneratedTable({ rows });
process.send?.({ url: n8n.url, apiKey: n8n.apiKey });
await new Promise((resolve) => process.once('disconnect', resolve));
