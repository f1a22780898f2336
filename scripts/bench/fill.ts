import type { N8nClient } from '../../src/n8n/http/types.ts';
import { clientFor } from '../../test/support/backup.ts';
import { createWorkflows, workflowId } from '../../test/support/many-workflows.ts';
import type { Target } from './bench.ts';

/** Rows in one request: n8n takes bodies of 16 MB. */
const ROWS_AT_A_TIME = 10_000;

export async function fillWorkflows(target: Target, count: number): Promise<void> {
  await withClient(target, (client) => createWorkflows(client, count));
}

export async function fillCredentials(target: Target, count: number): Promise<void> {
  await withClient(target, async (client) => {
    for (let index = 0; index < count; index++) {
      const data = { name: 'X-Key', value: `secret ${index}` };
      await client.post('/credentials', { name: `Credential ${index}`, type: 'httpHeaderAuth', data });
    }
  });
}

/** Makes a table of four columns with so many rows. */
export async function fillRows(target: Target, count: number): Promise<void> {
  await withClient(target, async (client) => {
    const columns = [
      { name: 'customer', type: 'string' },
      { name: 'amount', type: 'number' },
      { name: 'paid', type: 'boolean' },
      { name: 'dueAt', type: 'date' },
    ];
    const { id } = (await client.post('/data-tables', { name: 'Invoices', columns })) as { id: string };
    for (let start = 0; start < count; start += ROWS_AT_A_TIME) {
      const length = Math.min(ROWS_AT_A_TIME, count - start);
      const data = Array.from({ length }, (_, index) => invoice(start + index));
      await client.post(`/data-tables/${id}/rows`, { data, returnType: 'count' });
    }
  });
}

/** Somebody moves a node of the first workflow: an edit that changes the draft and its `updatedAt`. */
export async function editWorkflow(target: Target, edition: number): Promise<void> {
  await withClient(target, async (client) => {
    const path = `/workflows/${workflowId(0)}`;
    const { name, nodes, connections } = (await client.get(path)) as {
      name: string;
      nodes: { position: [number, number] }[];
      connections: object;
    };
    const moved = nodes.map((node) => ({ ...node, position: [node.position[0], edition] }));
    await client.put(path, { name, nodes: moved, connections, settings: {} });
  });
}

function invoice(index: number): object {
  const dueAt = new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString();
  return {
    customer: `Customer ${index % 997}`,
    amount: (index * 37) % 10_000,
    paid: index % 3 === 0,
    dueAt,
  };
}

async function withClient<T>(target: Target, work: (client: N8nClient) => Promise<T>): Promise<T> {
  const client = clientFor(target);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
