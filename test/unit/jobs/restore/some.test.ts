import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json/json.ts';
import type { N8nClient } from '../../../../src/n8n/http/types.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import type { StoredSnapshot } from '../../../../src/store/store.ts';
import { clientFor, runRestore, saveSnapshot, troubles, type RunOptions } from '../../../support/restore/run.ts';
import { seed, type SeededIds } from '../../../support/restore/seed.ts';
import { PLACEHOLDER_ID } from '../../../../src/restore/package/placeholder-workflow.ts';
import { addWorkflow } from '../../../support/stand-in/workflow-actions.ts';
import { draftOf } from '../../../support/stand-in/state.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';

/** A restore into the very instance that the snapshot is of. */
let n8n: StandIn;
let client: N8nClient;
let store: MemoryStore;
let ids: SeededIds;
/** A restore saves a safety snapshot, which is then the latest. */
let snapshot: StoredSnapshot;

beforeEach(async () => {
  n8n = await startStandIn({ licensed: true, seed: 'one' });
  client = clientFor(n8n);
  store = new MemoryStore();
  ids = await seed(client, true, 3);
  await save();
});
afterEach(() => n8n.stop());

async function save(): Promise<void> {
  await saveSnapshot(client, store);
  snapshot = (await store.latest('prod'))!;
}

function back(options: RunOptions = {}): ReturnType<typeof runRestore> {
  return runRestore(client, store, { into: 'prod', snapshot, ...options });
}

async function workflow(id: string): Promise<JsonObject> {
  return (await client.get(`/workflows/${id}`)) as JsonObject;
}

async function rowsOf(id: string): Promise<JsonObject[]> {
  const { data } = (await client.get(`/data-tables/${id}/rows`)) as { data: JsonObject[] };
  return data;
}

describe('restoring one workflow', () => {
  it('restoring one workflow keeps members of nodes that the package import does not know, and the plan names them once', async () => {
    const node = {
      type: 'n8n-nodes-base.set',
      typeVersion: 1,
      position: [0, 0],
      parameters: {},
      mood: 'calm',
    };
    const nodes = ['a', 'b'].map((id) => ({ ...node, id, name: id.toUpperCase() }));
    const body = { name: 'Moody', nodes, connections: {}, settings: {} };
    const { id } = (await client.post('/workflows', body)) as { id: string };
    await save();
    await client.delete(`/workflows/${id}`);
    const report = await back({ options: { only: [`workflow:${id}`] } });
    expect(troubles(report)).toEqual([]);
    expect(await workflow(id)).toMatchObject({ nodes });
    expect(report.plan.warnings).toEqual([expect.stringContaining('does not know "mood" of their nodes')]);
  });

  it('restoring one workflow brings it back under its id and leaves the others alone', async () => {
    const before = new Map([...n8n.state.workflows.values()].map(({ id, updatedAt }) => [id, updatedAt]));
    await client.delete(`/workflows/${ids.pinned}`);
    const report = await back({ options: { only: ['workflow:Pinned'] } });
    expect(report.exitCode).toBe(0);
    expect(await workflow(ids.pinned!)).toMatchObject({
      name: 'Pinned',
      description: 'pinned and described',
      pinData: { Schedule: [{ json: { a: 1 } }] },
    });
    before.delete(ids.pinned!);
    for (const [id, updatedAt] of before) expect(n8n.state.workflows.get(id)?.updatedAt).toBe(updatedAt);
  });

  it('restoring one workflow reads back in detail only those that it gave a description', async () => {
    await client.delete(`/workflows/${ids.pinned}`);
    await client.delete(`/workflows/${ids.empty2}`);
    const before = n8n.requests.length;
    const report = await back({ options: { only: ['workflow:Pinned', `workflow:${ids.empty2}`] } });
    expect(troubles(report)).toEqual([]);
    const details = n8n.requests.slice(before).filter(({ method, path, status }) => {
      return method === 'GET' && status === 200 && /^\/workflows\/[^/]+$/.test(path);
    });
    expect(details.map(({ path }) => path)).toContain(`/workflows/${ids.pinned}`);
    expect(details.map(({ path }) => path)).not.toContain(`/workflows/${ids.empty2}`);
  });

  it('restoring one workflow does not disturb the live version while its draft is restored', async () => {
    const { activeVersionId } = await workflow(ids.caller!);
    await client.put(
      `/workflows/${ids.caller}`,
      { name: 'Caller', nodes: [], connections: {}, settings: {} },
      { query: { publishIfActive: false } },
    );
    const report = await back({ options: { only: [`workflow:${ids.caller}`] } });
    expect(troubles(report)).toEqual([]);
    expect((await workflow(ids.caller!)).activeVersionId).toBe(activeVersionId);
  });

  it('restoring one workflow reports one that n8n refuses in its own words, and brings the others back', async () => {
    const broken = (await client.post('/workflows', {
      name: 'Broken',
      nodes: [],
      connections: {},
      settings: {},
    })) as { id: string };
    draftOf(n8n.state.workflows.get(broken.id)!).connections = { Nobody: { main: [[]] } };
    await save();
    await client.delete(`/workflows/${broken.id}`);
    await client.delete(`/workflows/${ids.empty2}`);
    const report = await back();
    expect(report.exitCode).toBe(3);
    expect(troubles(report)).toHaveLength(1);
    expect(troubles(report)[0]).toMatch(/^failed workflows Broken: .*unknown_connection_source/);
    expect(await workflow(ids.empty2!)).toMatchObject({ name: 'Empty' });
  });

  it('restoring one workflow leaves a reference to a credential that is long gone as it was, and no credential behind', async () => {
    await client.delete(`/credentials/${ids.header}`);
    await save();
    await client.post(`/workflows/${ids.drafted}/unpublish`, {});
    await client.delete(`/workflows/${ids.drafted}`);
    const report = await back();
    expect(troubles(report)).toEqual([]);
    expect(JSON.stringify((await workflow(ids.drafted!)).nodes)).toContain(ids.header);
    expect(n8n.state.credentials.has(ids.header!)).toBe(false);
  });
});

describe('safety', () => {
  const rename = { name: 'renamed', nodes: [], connections: {}, settings: {} };

  it('a restore saves what it is about to overwrite', async () => {
    await client.put(`/workflows/${ids.empty2}`, rename);
    const report = await back();
    const saved = await store.open('prod', report.safetySnapshot!.id);
    expect(saved.info.flags).toContain('safety');
    const texts = await Promise.all(
      [...saved.files.keys()]
        .filter((path) => path.startsWith('workflows/'))
        .map(async (path) => Buffer.from(await saved.read(path)).toString()),
    );
    expect(texts.join('')).toContain('"renamed"');
  });

  it.each([
    ['a dry run', { dryRun: true }, 'planned', 0],
    ['an answer of no', { confirm: async () => false }, 'declined', 0],
    ['--on-conflict fail', { options: { onConflict: 'fail' } }, 'conflict', 4],
  ] as const)('a restore writes nothing with %s', async (_, options, status, exitCode) => {
    await client.put(`/workflows/${ids.empty2}`, rename);
    const snapshots = (await store.list()).length;
    const report = await back(options);
    expect(report).toMatchObject({ status, exitCode });
    expect((await workflow(ids.empty2!)).name).toBe('renamed');
    expect(await store.list()).toHaveLength(snapshots);
  });

  it("a restore leaves a workflow of somebody's alone that has the id of flowkeep's placeholder", async () => {
    const start = { id: 'n', name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0] };
    addWorkflow(n8n.state, { id: PLACEHOLDER_ID, name: 'Mine', nodes: [{ ...start, parameters: {} }] });
    await client.put(`/workflows/${ids.empty2}`, rename);
    expect(troubles(await back({ options: { only: [`workflow:${ids.empty2}`] } }))).toEqual([]);

    await client.delete(`/tags/${ids.tagB}`);
    expect(troubles(await back())[0]).toMatch(/^failed tags .*a workflow of the instance has the id flowkeepCarrier/);
    expect(await workflow(PLACEHOLDER_ID)).toMatchObject({ name: 'Mine' });
  });

  it('a restore with nothing to do writes nothing, neither to the target nor to the store', async () => {
    const changes = n8n.requests.length;
    const report = await back();
    expect(report).toMatchObject({ status: 'applied', exitCode: 0, safetySnapshot: null });
    expect(new Set(report.items.map(({ result }) => result))).toEqual(new Set(['unchanged']));
    // Exports read, and an import of an empty package asks whether packages are served.
    const writes = n8n.requests
      .slice(changes)
      .filter(({ method, path }) => method !== 'GET' && !/^.n8n-packages/.test(path));
    expect(writes).toEqual([]);
    expect(await store.list()).toHaveLength(1);
    expect(await store.readDocument('prod/restore-journal.json')).toBeNull();
    await save();
    expect(await store.list()).toHaveLength(1);
  });

  it('a backup of what a regular snapshot holds saves nothing, although a safety snapshot came after it', async () => {
    await saveSnapshot(client, store, 'prod', undefined, 'safety');
    expect((await store.list()).map(({ flags }) => flags)).toEqual([['safety'], []]);
    await save();
    expect(await store.list()).toHaveLength(2);
    await client.put(`/workflows/${ids.empty2}`, rename);
    await save();
    expect(await store.list()).toHaveLength(3);
  });

  it('a restore refuses a plan whose target has moved on', async () => {
    await client.put(`/workflows/${ids.empty2}`, rename);
    const { plan } = await back({ dryRun: true });
    await client.put(`/workflows/${ids.pinned}`, rename);
    const late = back({ planFile: { plan, path: 'plan.json' } });
    await expect(late).rejects.toMatchObject({ code: 'plan-outdated', exitCode: 4 });
    expect((await workflow(ids.empty2!)).name).toBe('renamed');
  });

  it('a restore deletes only with --prune, and only what the plan shows', async () => {
    const added = (await client.post('/workflows', rename)) as { id: string };
    await client.post('/tags', { name: 'added' });
    expect((await back()).items.filter(({ result }) => result === 'deleted')).toEqual([]);
    const report = await back({ options: { prune: true } });
    expect(report.items.filter(({ result }) => result === 'deleted').map(({ name }) => name)).toEqual([
      'renamed',
      'added',
    ]);
    expect(n8n.state.workflows.has(added.id)).toBe(false);
  });

  it('a restore makes nothing live with --publish none', async () => {
    await using standby = await startStandIn({ licensed: true, seed: 'standby' });
    const report = await runRestore(clientFor(standby), store, { options: { publish: 'none' } });
    expect(troubles(report)).toEqual([]);
    expect([...standby.state.workflows.values()].filter(({ activeVersionId }) => activeVersionId !== null)).toEqual([]);
  });
});

describe('rows of data tables', () => {
  it('rows of data tables come back in order with their values', async () => {
    const before = (await rowsOf(ids.customers!)).map(({ text, amount, done, at }) => ({
      text,
      amount,
      done,
      at,
    }));
    await client.delete(`/data-tables/${ids.customers}/rows/clear`);
    expect(troubles(await back())).toEqual([]);
    const after = (await rowsOf(ids.customers!)).map(({ text, amount, done, at }) => ({
      text,
      amount,
      done,
      at,
    }));
    expect(after).toEqual(before);
  });

  it('rows of data tables are added to what is there with --rows append', async () => {
    const filter = JSON.stringify({
      type: 'and',
      filters: [{ columnName: 'text', condition: 'eq', value: '12' }],
    });
    await client.delete(`/data-tables/${ids.customers}/rows/delete`, { query: { filter } });
    await client.post(`/data-tables/${ids.customers}/rows`, {
      data: [{ text: 'newer' }],
      returnType: 'count',
    });
    await back({ options: { rows: 'append' } });
    const texts = (await rowsOf(ids.customers!)).map(({ text }) => text);
    expect(texts).toContain('newer');
    expect(texts.filter((text) => text === '12')).toHaveLength(1);
    expect(texts).toHaveLength(7);
  });

  it('rows of data tables that another process adds while a restore runs survive it', async () => {
    await client.post(`/data-tables/${ids.customers}/rows`, { data: [{ text: 'old' }], returnType: 'count' });
    const stop = n8n.onRequest(async ({ method, path }) => {
      if (method !== 'DELETE' || !path.endsWith('/rows/delete')) return;
      stop();
      await client.post(`/data-tables/${ids.customers}/rows`, {
        data: [{ text: 'meanwhile' }],
        returnType: 'count',
      });
    });
    const report = await back();
    const texts = (await rowsOf(ids.customers!)).map(({ text }) => text);
    expect(texts).toContain('meanwhile');
    expect(texts).not.toContain('old');
    expect(report.exitCode).toBe(3);
  });
});

describe('what goes wrong on the way', () => {
  it.each(['/workflows', '/projects', '/credentials', '/tags', '/data-tables'])(
    'a restore makes nothing twice where the answer to POST %s is lost',
    async (path) => {
      await using target = await startStandIn({ licensed: true, seed: 'target', packages: false });
      const into = clientFor(target);
      const credentialsFile = {
        path: 'c.yaml',
        text: 'Slack: { accessToken: x }',
        resolvers: { env: () => undefined, file: async () => '' },
      };
      target.fault({ method: 'POST', path, handled: true, action: 'reset' });
      await runRestore(into, store, { credentialsFile });
      const second = await runRestore(into, store, { credentialsFile });
      expect(troubles(second)).toEqual([]);
      for (const kind of ['workflows', 'projects', 'credentials', 'tags', 'dataTables'] as const)
        expect([kind, target.state[kind].size]).toEqual([kind, n8n.state[kind].size]);
    },
  );

  it('a restore says which settings it left out', async () => {
    await using target = await startStandIn({ licensed: true, seed: 'target', packages: false });
    draftOf(n8n.state.workflows.get(ids.empty2!)!);
    n8n.state.workflows.get(ids.empty2!)!.settings = { executionOrder: 'v1', fromTheFuture: true };
    await save();
    const report = await runRestore(clientFor(target), store, { options: { only: ['workflow:Empty'] } });
    const [item] = report.items.filter(({ kind }) => kind === 'workflows');
    expect(item?.notes).toContain('left out settings.fromTheFuture: this n8n does not take it');
    expect(target.state.workflows.size).toBe(1);
  });

  it('a restore tells what it did when the instance goes away, and completes it the next time', async () => {
    await using target = await startStandIn({ licensed: true, seed: 'target' });
    const impatient = clientFor(target, undefined, { deadlineMs: 1, connectDeadlineMs: 1 });
    const clearFault = target.fault({
      path: /^\/workflows\/.*\/publish$/,
      times: 1_000,
      action: { status: 503 },
    });
    const report = await runRestore(impatient, store);
    expect(report.stoppedBy).toMatchObject({ kind: 'unavailable' });
    expect(report.exitCode).toBe(3);
    const workflows = report.items.filter(({ kind }) => kind === 'workflows');
    expect(new Set(workflows.map(({ result }) => result))).toEqual(new Set(['differs']));
    clearFault();
    expect(troubles(await runRestore(clientFor(target), store))).toEqual([]);
  });
});

describe('community packages', () => {
  const packages = [{ packageName: 'n8n-nodes-example', installedVersion: '1.0.4', installedNodes: [] }];

  it('community packages are installed when it is asked to, also where n8n has not verified them, which the report says', async () => {
    n8n.state.communityPackages = [...packages];
    await save();
    n8n.state.communityPackages = [];
    const report = await back({ options: { installPackages: true } });
    expect(report.exitCode).toBe(0);
    expect(n8n.state.communityPackages).toMatchObject([
      { packageName: 'n8n-nodes-example', installedVersion: '1.0.4' },
    ]);
    const item = report.items.find(({ kind }) => kind === 'community-packages');
    expect(item).toMatchObject({ result: 'restored', notes: [expect.stringContaining('has not verified')] });
  });

  it('community packages are left out otherwise', async () => {
    n8n.state.communityPackages = [...packages];
    await save();
    n8n.state.communityPackages = [];
    const report = await back();
    expect(n8n.state.communityPackages).toEqual([]);
    expect(report.items.find(({ kind }) => kind === 'community-packages')?.result).toBe('skipped');
  });
});

describe('a restore that waited for another run', () => {
  /** A lock that was free only after somebody had done `meanwhile`. */
  function lockAfter(meanwhile: () => Promise<unknown>): NonNullable<RunOptions['lock']> {
    return async (_store, signal) => {
      await meanwhile();
      return { signal, waited: true, async [Symbol.asyncDispose]() {} };
    };
  }

  it('a restore that waited for another run goes on where the target is as it was', async () => {
    await client.delete(`/workflows/${ids.pinned}`);
    expect((await back({ lock: lockAfter(async () => undefined) })).exitCode).toBe(0);
    expect(n8n.state.workflows.has(ids.pinned!)).toBe(true);
  });

  it('a restore that waited for another run writes nothing where the target has moved on, with exit code 4', async () => {
    await client.delete(`/workflows/${ids.pinned}`);
    const lock = lockAfter(() => client.post('/tags', { name: 'made meanwhile' }));
    await expect(back({ lock })).rejects.toMatchObject({ code: 'plan-outdated', exitCode: 4 });
    expect(n8n.state.workflows.has(ids.pinned!)).toBe(false);
  });
});
