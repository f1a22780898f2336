import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/lib/json/json.ts';
import type { N8nClient } from '../../src/n8n/http/types.ts';
import { MemoryStore } from '../support/memory-store.ts';
import type { StoredSnapshot } from '../../src/store/store.ts';
import { startN8n, type RunningN8n } from '../support/n8n/start.ts';
import { startGate } from '../support/restore/gate.ts';
import { dyingStore } from '../support/restore/dying-store.ts';
import { clientFor, runRestore, saveSnapshot, troubles } from '../support/restore/run.ts';
import { seed, type SeededIds } from '../support/restore/seed.ts';

const credentialsFile = {
  path: 'credentials.yaml',
  text: 'Slack: { accessToken: xoxb, signatureSecret: { env: SIGNATURE } }',
  resolvers: { env: () => 'signature', file: async () => '' },
};

/** The real thing: a snapshot of a real n8n, put back into an empty real one. */
describe.each([
  ['licensed', true],
  ['unlicensed', false],
])('restore of a %s n8n', (_, licensed) => {
  let source: RunningN8n;
  let target: RunningN8n;
  let store: MemoryStore;
  let ids: SeededIds;
  let empty: StoredSnapshot;

  beforeAll(async () => {
    source = await startN8n({ licensed });
    target = await startN8n({ licensed });
    store = new MemoryStore();
    ids = await seed(clientFor(source), licensed);
    await saveSnapshot(clientFor(source), store);
    await saveSnapshot(clientFor(target), store, 'empty');
    empty = (await store.latest('empty'))!;
  });
  afterAll(async () => {
    await source?.stop();
    await target?.stop();
  });

  beforeEach(wipe);

  /** Empties the target: by a restore of its empty state, with --prune. */
  async function wipe(): Promise<void> {
    const options = { prune: true };
    const report = await runRestore(clientFor(target), store, { snapshot: empty, into: 'wiped', options });
    expect(troubles(report)).toEqual([]);
  }

  it('a restore brings every item back under its original id', async () => {
    const client = clientFor(target);
    const report = await runRestore(client, store);
    expect(troubles(report)).toEqual([]);
    expect(report.exitCode).toBe(0);
    expect(report.newIds).toEqual([]);
    expect(await idsIn(client, licensed)).toEqual(await idsIn(clientFor(source), licensed));
    expect(report.needSecret.map(({ name }) => name).sort()).toEqual(['Header auth', 'Slack']);

    const again = await runRestore(client, store);
    expect(new Set(again.items.map(({ result }) => result))).toEqual(new Set(['unchanged']));
  });

  it('a restore brings everything back under new ids where packages are refused, with every reference rewritten', async () => {
    await using gate = await startGate(target.url, ({ path }) =>
      path.includes('/n8n-packages/import') ? { status: 404 } : undefined,
    );
    const client = clientFor({ url: gate.url, apiKey: target.apiKey });
    const report = await runRestore(client, store, { credentialsFile, into: 'renamed' });
    expect(troubles(report)).toEqual([]);
    const texts = JSON.stringify((await listed(client, '/workflows')).map(whatRuns));
    const { header, slack, ...renamed } = ids;
    expect(Object.values(renamed).filter((id) => texts.includes(id))).toEqual([]);
    expect(texts.includes(header!)).toBe(true);
    expect(slack).toBeDefined();

    const again = await runRestore(client, store, { into: 'renamed' });
    expect(new Set(again.items.map(({ result }) => result))).toEqual(new Set(['unchanged']));
  });

  it('a restore ends in the same state when it is killed at a request and run again', async () => {
    const wanted = await idsIn(clientFor(source), licensed);
    for (let at = 12; at < 60; at += 8) {
      await wipe();
      await killedRestore(at);
      const report = await runRestore(clientFor(target), store);
      expect([at, ...troubles(report)]).toEqual([at]);
      expect([at, await idsIn(clientFor(target), licensed)]).toEqual([at, wanted]);
    }
  });

  /** n8n still does the request of this number; nothing reaches it or the store after that. */
  async function killedRestore(at: number): Promise<void> {
    const killed = new AbortController();
    let count = 0;
    await using gate = await startGate(target.url, () => {
      count += 1;
      if (count >= at) killed.abort();
      return undefined;
    });
    const client = clientFor({ url: gate.url, apiKey: target.apiKey }, killed.signal);
    const dying = dyingStore(store, () => killed.signal.aborted);
    await expect(runRestore(client, dying, { signal: killed.signal })).rejects.toThrow();
  }
});

/** The ids of everything that has one that matters, by kind. */
async function idsIn(client: N8nClient, licensed: boolean): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const kind of ['workflows', 'credentials', 'tags', 'data-tables'])
    found[kind] = (await listed(client, `/${kind}`)).map(({ id }) => String(id as string)).sort();
  if (!licensed) return found;
  const projects = await listed(client, '/projects');
  found.projects = projects.flatMap(({ id, type }) => (type === 'team' ? [id as string] : [])).sort();
  found.folders = [];
  for (const { id } of projects)
    found.folders.push(...(await listed(client, `/projects/${id as string}/folders`)).map((each) => each.id as string));
  found.folders.sort();
  return found;
}

async function listed(client: N8nClient, path: string): Promise<JsonObject[]> {
  return ((await client.get(path)) as { data: JsonObject[] }).data;
}

/** What of a workflow refers to others: nodes of the draft and of the live version, and settings. */
function whatRuns({ nodes, settings, activeVersion }: JsonObject): unknown[] {
  return [nodes, settings, (activeVersion as JsonObject | null)?.nodes];
}
