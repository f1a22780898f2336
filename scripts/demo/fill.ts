import { CREDENTIALS, TAGS, VARIABLES, WORKFLOWS, type DemoNode } from './data.ts';

/** A request to n8n's public API; throws with n8n's words where it is refused. */
export type Api = (method: string, path: string, body?: unknown) => Promise<{ id: string } & Record<string, unknown>>;

export function apiOf({ url, apiKey }: { readonly url: string; readonly apiKey: string }): Api {
  return async (method, path, body) => {
    const headers = { 'X-N8N-API-KEY': apiKey, 'content-type': 'application/json' };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await fetch(`${url}/api/v1${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as { id: string };
  };
}

/** Fills an empty, licensed n8n through its public API. Returns the ids of the workflows by name. */
export async function fill(api: Api): Promise<Map<string, string>> {
  for (const credential of CREDENTIALS) await api('POST', '/credentials', { ...credential, data: {} });
  for (const variable of VARIABLES) await api('POST', '/variables', variable);
  const tags = new Map<string, string>();
  for (const name of TAGS) tags.set(name, (await api('POST', '/tags', { name })).id);
  const project = await api('POST', '/projects', { name: 'Finance team' });
  const folder = await api('POST', `/projects/${project.id}/folders`, { name: 'Billing' });
  await fillTable(api);
  const ids = new Map<string, string>();
  for (const workflow of WORKFLOWS) {
    const place = workflow.tags.includes('finance') ? { projectId: project.id, parentFolderId: folder.id } : {};
    const { id } = await api('POST', '/workflows', { ...contentOf(workflow.name, workflow.nodes), ...place });
    await api(
      'PUT',
      `/workflows/${id}/tags`,
      workflow.tags.map((name) => ({ id: tags.get(name) })),
    );
    if (workflow.live) await api('POST', `/workflows/${id}/publish`, {});
    ids.set(workflow.name, id);
  }
  return ids;
}

/** A workflow whose nodes follow one another from left to right. */
export function contentOf(name: string, nodes: readonly DemoNode[]): object {
  const placed = nodes.map((node, index) => ({ ...node, id: `node-${index}`, position: [index * 240, 0] }));
  const pairs = placed.slice(1).map((node, index) => [placed[index]!.name, node.name] as const);
  const connections = Object.fromEntries(
    pairs.map(([from, to]) => [from, { main: [[{ node: to, type: 'main', index: 0 }]] }]),
  );
  return { name, nodes: placed, connections, settings: { executionOrder: 'v1' } };
}

async function fillTable(api: Api): Promise<void> {
  const columns = [
    { name: 'customer', type: 'string' },
    { name: 'amount', type: 'number' },
  ];
  const table = await api('POST', '/data-tables', { name: 'Invoices', columns });
  const data = Array.from({ length: 2400 }, (_, n) => ({
    customer: `Customer ${n % 300}`,
    amount: (n * 37) % 5000,
  }));
  await api('POST', `/data-tables/${table.id}/rows`, { data, returnType: 'count' });
}
