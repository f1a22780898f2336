import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { N8nClient } from '../../../../src/n8n/http/types.ts';
import { emptyMemoryState, MemoryStore, type MemoryStoreState } from '../../../support/memory-store.ts';
import { dyingStore } from '../../../support/restore/dying-store.ts';
import { clientFor, runRestore, saveSnapshot, troubles } from '../../../support/restore/run.ts';
import { seed } from '../../../support/restore/seed.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';

const credentialsFile = {
  path: 'credentials.yaml',
  text: 'Slack: { accessToken: { env: SLACK_TOKEN } }',
  resolvers: { env: () => 'xoxb-1', file: async () => '' },
};

describe.each([
  ['package import', true],
  ['new ids', false],
])('restore into an empty instance by %s', (_, packages) => {
  let source: StandIn;
  let state: MemoryStoreState;

  beforeEach(async () => {
    source = await startStandIn({ licensed: true, seed: 'source' });
    state = emptyMemoryState();
    await seed(clientFor(source), true, 20);
    await forgetCredential(clientFor(source));
    await saveSnapshot(clientFor(source), new MemoryStore('memory', state));
  });
  afterEach(() => source.stop());

  it('a restore into an empty instance brings everything back, and finds nothing to do the second time', async () => {
    await using target = await startStandIn({ licensed: true, seed: 'target', packages });
    const client = clientFor(target);
    const store = new MemoryStore('memory', state);

    const first = await runRestore(client, store, { credentialsFile });
    expect(troubles(first)).toEqual([]);
    expect(await counts(client)).toEqual(await counts(clientFor(source)));

    const second = await runRestore(client, store);
    expect(new Set(second.items.map(({ result }) => result))).toEqual(new Set(['unchanged']));
  });

  // Every fourth request, to be quick: with a step of 1 it takes each. test/e2e/restore.e2e.test.ts kills on a real
  // n8n.
  it(
    'a restore into an empty instance ends in the same state when it is killed at a request and run again',
    { timeout: 120_000 },
    async () => {
      const wanted = await counts(clientFor(source));
      const total = await requestsOfARestore(state, packages);
      for (let at = 1; at <= total; at += 4) {
        await using target = await startStandIn({ licensed: true, seed: 'target', packages });
        const copy = copyOf(state);
        await killedRestore(target, new MemoryStore('memory', copy), at);
        const client = clientFor(target);
        const report = await runRestore(client, new MemoryStore('memory', copy), { credentialsFile });
        expect([at, ...troubles(report)]).toEqual([at]);
        expect([at, await counts(client)]).toEqual([at, wanted]);
      }
    },
  );
});

/** A workflow names a credential that was deleted since. */
async function forgetCredential(client: N8nClient): Promise<void> {
  const credential = { name: 'gone', type: 'httpBasicAuth', data: {} };
  const { id } = (await client.post('/credentials', credential)) as { id: string };
  const http = {
    id: 'http',
    name: 'HTTP',
    type: 'n8n-nodes-base.httpRequest',
    typeVersion: 4.2,
    position: [0, 0],
    parameters: {},
    credentials: { httpBasicAuth: { id, name: 'gone' } },
  };
  await client.post('/workflows', { name: 'Forgetful', nodes: [http], connections: {}, settings: {} });
  await client.delete(`/credentials/${id}`);
}

/** How many requests a whole restore makes. */
async function requestsOfARestore(state: MemoryStoreState, packages: boolean): Promise<number> {
  await using target = await startStandIn({ licensed: true, seed: 'target', packages });
  await runRestore(clientFor(target), new MemoryStore('memory', copyOf(state)), { credentialsFile });
  return target.requests.length;
}

/**
 * A restore of which the server still does the request of this number, and nothing reaches store or server after it.
 */
async function killedRestore(target: StandIn, store: MemoryStore, at: number): Promise<void> {
  const killed = new AbortController();
  let count = 0;
  const stopListening = target.onRequest(() => {
    count += 1;
    if (count >= at) killed.abort();
  });
  const client = clientFor(target, killed.signal);
  const dying = dyingStore(store, () => killed.signal.aborted);
  await expect(runRestore(client, dying, { signal: killed.signal, credentialsFile })).rejects.toThrow();
  stopListening();
}

function copyOf(state: MemoryStoreState): MemoryStoreState {
  return {
    ...state,
    contents: new Map(state.contents),
    snapshots: [...state.snapshots],
    documents: new Map(state.documents),
  };
}

/** How many of each kind there are, with how many workflows are live and archived. */
async function counts(client: N8nClient): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const kind of ['workflows', 'credentials', 'tags', 'variables', 'projects', 'data-tables']) {
    const { data } = (await client.get(`/${kind}`)) as { data: Record<string, unknown>[] };
    found[kind] = data.length;
    if (kind === 'workflows') {
      found.live = data.filter(({ active }) => active === true).length;
      found.archived = data.filter(({ isArchived }) => isArchived === true).length;
    }
    for (const table of kind === 'data-tables' ? data : []) {
      const rows = (await client.get(`/data-tables/${String(table.id)}/rows`, {
        query: { limit: 1, sortBy: 'id:desc' },
      })) as { data: { id: number }[] };
      found[`rows of ${String(table.name)}`] = rows.data.length;
    }
    for (const project of kind === 'projects' ? data : []) {
      const folders = (await client.get(`/projects/${String(project.id)}/folders`)) as { count: number };
      found.folders = (found.folders ?? 0) + folders.count;
    }
  }
  return found;
}
