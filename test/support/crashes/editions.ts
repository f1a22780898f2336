import { clientFor } from '../backup.ts';
import { seed } from '../restore/seed.ts';
import { startStandIn, type StandIn } from '../stand-in/start.ts';

/**
 * The same instance at so many moments, one server for each: what is read of one is never disturbed by another point.
 */
export async function startEditions(count: number): Promise<Editions> {
  const servers: StandIn[] = [];
  for (let edition = 1; edition <= count; edition++) {
    const server = await startStandIn({ licensed: true, seed: 'prod' });
    servers.push(server);
    await seed(clientFor(server), true, 20);
    for (let change = 2; change <= edition; change++) await edit(server, change);
  }
  return {
    at: (edition) => {
      const server = servers[edition - 1];
      if (!server) throw new RangeError(`there is no edition ${edition}`);
      return server;
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) await server.stop();
    },
  };
}

export interface Editions extends AsyncDisposable {
  /** @param edition from 1 */
  at(edition: number): StandIn;
}

/** Changes, adds and removes workflows, renames one, and adds rows. */
async function edit(server: StandIn, change: number): Promise<void> {
  const client = clientFor(server);
  const { data } = (await client.get('/workflows')) as { data: { id: string; name: string }[] };
  const idOf = (beginning: string): string => data.find(({ name }) => name.startsWith(beginning))?.id ?? '';
  const body = { nodes: [], connections: {}, settings: {} };
  for (const name of ['New', 'Old']) await client.post('/workflows', { ...body, name: `${name} ${change}` });
  await client.put(`/workflows/${idOf('Empty')}`, {
    ...body,
    name: `Empty since edition ${change}`,
    staticData: { global: { text: 'many words '.repeat(200 * change) } },
  });
  if (change > 2) await client.delete(`/workflows/${idOf(`Old ${change - 1}`)}`);
  const tables = (await client.get('/data-tables')) as { data: { id: string }[] };
  const rows = [{ text: `in edition ${change}`, amount: change }];
  await client.post(`/data-tables/${tables.data[0]?.id}/rows`, { data: rows, returnType: 'count' });
  await client.close();
}
