import { vi } from 'vitest';
import type { JsonObject } from '../../src/lib/json/json.ts';
import type { N8nClient } from '../../src/n8n/http/types.ts';
import { seed, type SeededIds } from '../support/restore/seed.ts';
import { workflowContent } from '../support/seed/content.ts';

/** Rows of each of the two tables: three pages. */
const ROWS = 600;
const MORE_WORKFLOWS = 18;

/** Fills an n8n with some of everything (support/restore/seed.ts). */
export function fill(client: N8nClient): Promise<SeededIds> {
  return seed(client, true, ROWS);
}

/** Adds, edits and deletes something of most kinds, so that the next snapshot differs from the one before. */
export async function change(client: N8nClient, ids: SeededIds): Promise<void> {
  for (let index = 0; index < 3; index++) {
    const data = { name: 'X-Key', value: 'not-a-real-secret' };
    await client.post('/credentials', { name: `Partner ${index}`, type: 'httpHeaderAuth', data });
  }
  for (let index = 0; index < MORE_WORKFLOWS; index++) {
    const content = workflowContent(index, {
      credential: ids.header,
      credentialIndex: 0,
      callee: ids.callee,
    });
    const place = index % 3 === 0 ? { projectId: ids.sales, parentFolderId: ids.outer } : {};
    const { id } = (await client.post('/workflows', { ...content, ...place })) as { id: string };
    if (index % 4 === 0) await client.put(`/workflows/${id}/tags`, [{ id: ids.tagA }]);
  }
  await editWorkflow(client, ids.drafted!, 'Draft differs more');
  await editWorkflow(client, ids.pinned!, 'Pinned and renamed');
  await client.post('/tags', { name: 'added' });
  await client.delete(`/tags/${ids.tagB}`);
  await client.post('/variables', { key: 'ADDED', value: 'later' });
  await client.post(`/data-tables/${ids.orders}/rows`, {
    data: Array.from({ length: 20 }, (_, index) => ({ text: `added ${index}`, amount: index / 4 })),
    returnType: 'count',
  });
}

/**
 * Damages what a snapshot holds, always in the same way: items of every kind deleted, drafts edited, a workflow taken
 * out of service, rows gone. A restore has to bring all of it back.
 */
export async function damage(client: N8nClient, ids: SeededIds): Promise<void> {
  const workflows = await listed(client, '/workflows');
  const gone = workflows.filter(({ id, name }) => id === ids.ping || / (2|5|8|11|14|17)$/.test(name ?? ''));
  await client.post(`/workflows/${ids.ping}/deactivate`, {});
  for (const { id } of gone) await deleteWorkflow(client, id);
  await editWorkflow(client, ids.pinned!, 'Somebody else named it');
  await client.post(`/workflows/${ids.drafted}/deactivate`, {});
  await client.delete(`/credentials/${ids.slack}`);
  await client.delete(`/tags/${ids.tagA}`);
  const variables = await listed(client, '/variables');
  for (const { id, key } of variables) if (key === 'ADDED') await client.delete(`/variables/${id}`);
  await client.delete(`/projects/${ids.sales}/folders/${ids.bare}`);
  await client.delete(`/projects/${ids.empty}`);
  await client.delete(`/data-tables/${ids.orders}`);
  const filters = [{ columnName: 'amount', condition: 'lt', value: 50 }];
  const query = { filter: JSON.stringify({ type: 'and', filters }) };
  await client.delete(`/data-tables/${ids.customers}/rows/delete`, { query });
}

/** n8n takes a moment to unpublish a workflow, and refuses to delete it until then. */
function deleteWorkflow(client: N8nClient, id: string): Promise<unknown> {
  return vi.waitFor(() => client.delete(`/workflows/${id}`), { timeout: 10_000, interval: 100 });
}

async function editWorkflow(client: N8nClient, id: string, name: string): Promise<void> {
  const { nodes, connections, settings } = (await client.get(`/workflows/${id}`)) as JsonObject;
  const body = { name, nodes, connections, settings };
  await client.put(`/workflows/${id}`, body, { query: { publishIfActive: false } });
}

interface Listed {
  readonly id: string;
  readonly name?: string;
  readonly key?: string;
}

async function listed(client: N8nClient, path: string): Promise<Listed[]> {
  return ((await client.get(path, { query: { limit: 250 } })) as { data: Listed[] }).data;
}
