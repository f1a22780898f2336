import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isN8nError } from '../../../../src/n8n/http/errors.ts';
import { KINDS, type Kind } from '../../../../src/kinds/kinds.ts';
import { listSnapshots } from '../../../../src/jobs/snapshots/list-snapshots.ts';
import { StoreError } from '../../../../src/store/errors.ts';
import { systemClock } from '../../../../src/lib/time.ts';
import { ADVERSARIAL_TEXTS } from '../../../support/hostile/texts-to-compare.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import { clientFor, latestFiles, takeBackup } from '../../../support/backup.ts';
import { addCredential } from '../../../support/stand-in/credentials.ts';
import { addFolder } from '../../../support/stand-in/folders.ts';
import { addProject } from '../../../support/stand-in/projects.ts';
import { startStandIn, type StandIn, type StandInOptions } from '../../../support/stand-in/start.ts';
import { addTag } from '../../../support/stand-in/tags.ts';
import { addVariable } from '../../../support/stand-in/variables.ts';
import { addWorkflow, publish, saveDraft } from '../../../support/stand-in/workflow-actions.ts';
import { draftOf, personalProject } from '../../../support/stand-in/state.ts';

let n8n: StandIn;
let store: MemoryStore;

async function start(options: StandInOptions = {}): Promise<void> {
  n8n = await startStandIn({ licensed: true, ...options });
}

beforeEach(async () => {
  await start();
  store = new MemoryStore();
});
afterEach(() => n8n.stop());

const trigger = {
  id: 't1',
  name: 'Every hour',
  type: 'n8n-nodes-base.scheduleTrigger',
  typeVersion: 1.2,
  position: [0, 0],
  parameters: {},
};

function credential(id: string, name: string, type: string): void {
  const projectId = personalProject(n8n.state).id;
  addCredential(n8n.state, { id, name, type, data: {}, projectId, isStub: false });
}

function json(files: ReadonlyMap<string, string>, path: string): Record<string, unknown> {
  const text = files.get(path);
  if (text === undefined) throw new Error(`no ${path} among ${[...files.keys()].join(', ')}`);
  return JSON.parse(text) as Record<string, unknown>;
}

describe('snapshots within one second', () => {
  it('snapshots within one second are listed in the order that they were taken in', async () => {
    const clock = { ...systemClock, now: () => Date.parse('2026-11-23T10:00:00.500Z') };
    const taken: string[] = [];
    for (let count = 0; count < 5; count++) {
      addTag(n8n.state, { name: `tag ${count}` });
      const [outcome] = (await takeBackup(n8n, { store, clock })).stores;
      if (outcome?.status === 'saved') taken.push(outcome.snapshot.id);
    }
    const { snapshots } = await listSnapshots([store], 'prod', {
      clock: systemClock,
      signal: new AbortController().signal,
    });
    expect(taken).toHaveLength(5);
    expect(snapshots.map(({ info }) => info.id)).toEqual(taken.toReversed());
  });

  it('a snapshot has one id in two stores, one of which has an older snapshot of the same second', async () => {
    const clock = { ...systemClock, now: () => Date.parse('2026-11-23T10:00:00.500Z') };
    addTag(n8n.state, { name: 'one' });
    await takeBackup(n8n, { store, clock });
    addTag(n8n.state, { name: 'two' });
    const { stores } = await takeBackup(n8n, { stores: [store, new MemoryStore('second')], clock });
    const ids = stores.map((outcome) => (outcome.status === 'saved' ? outcome.snapshot.id : outcome.status));
    expect(ids[0]).toContain('20261123T100001Z');
    expect(ids[1]).toBe(ids[0]);
  });
});

describe('the message of a snapshot', () => {
  it('the message of a snapshot names what changed in 300 nodes of code without comparing their lines', async () => {
    const [from, to] = ADVERSARIAL_TEXTS['lines in another order']!(1999);
    const nodes = (code: string) =>
      Array.from({ length: 300 }, (_, index) => ({
        ...{ id: `n${index}`, name: `N${index}`, type: 'n8n-nodes-base.code', typeVersion: 2, position: [0, index] },
        parameters: { code },
      }));
    const workflow = addWorkflow(n8n.state, { id: 'w1', name: 'Sync', nodes: nodes(from) });
    const bodies: string[] = [];
    const save = store.save.bind(store);
    store.save = (draft, signal) => {
      bodies.push(draft.body);
      return save(draft, signal);
    };
    await takeBackup(n8n, { store });
    saveDraft(n8n.state, workflow, { ...draftOf(workflow), nodes: nodes(to) });
    await takeBackup(n8n, { store });
    expect(bodies[1]).toContain(
      'changed workflow Sync (w1): 300 nodes changed (N0: code, N1: code, N2: code, N3: code, N4: code and 295 more)',
    );
  });
});

describe('what a snapshot holds', () => {
  it('a snapshot splits a workflow into draft, live version and static data', async () => {
    const workflow = addWorkflow(n8n.state, {
      id: 'w1',
      name: 'Sync',
      nodes: [trigger],
      staticData: { last: 7 },
    });
    publish(n8n.state, workflow);
    saveDraft(n8n.state, workflow, {
      nodes: [{ ...trigger, name: 'Renamed' }],
      connections: {},
      nodeGroups: [],
    });
    workflow.description = 'what it is for';
    await takeBackup(n8n, { store });
    const files = await latestFiles(store);

    const draft = json(files, 'workflows/sync.w1.json');
    expect(draft).toMatchObject({
      id: 'w1',
      active: true,
      description: 'what it is for',
      nodes: [{ name: 'Renamed' }],
    });
    for (const volatile of ['versionId', 'versionCounter', 'triggerCount', 'staticData', 'activeVersion']) {
      expect(draft).not.toHaveProperty(volatile);
    }
    expect(json(files, 'workflows/sync.w1.published.json')).toMatchObject({
      id: 'w1',
      nodes: [{ name: 'Every hour' }],
    });
    expect(json(files, 'workflow-state/w1.json')).toEqual({ id: 'w1', staticData: { last: 7 } });
  });

  it('a snapshot has no second file for a live version that is the draft', async () => {
    publish(n8n.state, addWorkflow(n8n.state, { id: 'w1', name: 'Sync', nodes: [trigger] }));
    await takeBackup(n8n, { store });
    expect([...(await latestFiles(store)).keys()].filter((path) => path.startsWith('workflows/'))).toEqual([
      'workflows/sync.w1.json',
    ]);
  });

  it('a snapshot says which folder each workflow lies in, nested ones too', async () => {
    const project = addProject(n8n.state, { id: 'p1', name: 'Team' });
    const outer = addFolder(n8n.state, {
      id: 'f1',
      name: 'Outer',
      projectId: project.id,
      parentFolderId: null,
    });
    addFolder(n8n.state, { id: 'f2', name: 'Inner', projectId: project.id, parentFolderId: outer.id });
    addWorkflow(n8n.state, { id: 'w1', name: 'Deep', projectId: project.id, parentFolderId: 'f2' });
    addWorkflow(n8n.state, { id: 'w2', name: 'Top', projectId: project.id });
    await takeBackup(n8n, { store });
    const stored = json(await latestFiles(store), 'folders.json');
    expect(stored.workflows).toEqual({ w1: 'f2' });
    expect(stored.folders).toMatchObject([
      { id: 'f1', parentFolderId: null, projectId: 'p1' },
      { id: 'f2', parentFolderId: 'f1', projectId: 'p1' },
    ]);
  });

  it('a snapshot holds every row, in files of one id range each', async () => {
    const table = n8n.addGeneratedTable({ name: 'Big', rows: 2500 });
    const report = await takeBackup(n8n, { store });
    expect(report.header.kinds['data-tables']).toMatchObject({ coverage: 'complete', items: 1, rows: 2500 });
    const files = await latestFiles(store);
    const folder = `data-tables/big.${table.id}/`;
    const rows = [0, 1, 2].map((part) => files.get(`${folder}rows/${part}.ndjson`)!.trimEnd().split('\n'));
    expect(rows.map((part) => part.length)).toEqual([999, 1000, 501]);
    expect(JSON.parse(rows[1]![0]!)).toMatchObject({ id: 1000 });
  });

  it('a snapshot has one schema for each credential type in use, and says which n8n does not have', async () => {
    credential('c1', 'One', 'httpHeaderAuth');
    credential('c2', 'Two', 'httpHeaderAuth');
    credential('c3', 'Gone', 'removedCommunityApi');
    const report = await takeBackup(n8n, { store });
    const files = await latestFiles(store);
    expect([...files.keys()].filter((path) => path.startsWith('credential-schemas/'))).toEqual([
      'credential-schemas/httpHeaderAuth.json',
    ]);
    expect(files.get('credentials/one.c1.json')).not.toContain('"data"');
    expect(report.header.kinds.credentials?.notes).toEqual([
      'n8n has no schema for credential type "removedCommunityApi"',
    ]);
  });

  it('a snapshot keeps two workflows apart that have the same name, or ids that differ in case alone', async () => {
    for (const id of ['aa', 'AA', 'bb']) addWorkflow(n8n.state, { id, name: 'Same', staticData: { id } });
    await takeBackup(n8n, { store });
    const paths = [...(await latestFiles(store)).keys()].map((path) => path.toLowerCase());
    expect(paths.filter((path) => path.startsWith('workflows/'))).toHaveLength(3);
    expect(new Set(paths).size).toBe(paths.length);
  });

  it('a snapshot leaves users out unless they are asked for', async () => {
    await takeBackup(n8n, { store });
    expect((await latestFiles(store)).has('users.json')).toBe(false);
    await takeBackup(n8n, { store, kinds: KINDS });
    expect((await latestFiles(store)).get('users.json')).toContain(n8n.state.owner.email);
  });
});

describe('what is saved when', () => {
  it('a backup saves nothing while nothing changes, and asks for no detail twice', async () => {
    for (let n = 0; n < 30; n++) {
      const workflow = addWorkflow(n8n.state, { id: `w${n}`, name: `Flow ${n}`, nodes: [trigger] });
      if (n < 5) workflow.description = `described ${n}`;
    }
    await takeBackup(n8n, { store });
    const before = n8n.requests.length;
    const report = await takeBackup(n8n, { store });
    expect(report.stores).toMatchObject([{ status: 'unchanged' }]);
    expect(await store.list('prod')).toHaveLength(1);
    const details = n8n.requests.slice(before).filter(({ path }) => /^\/workflows\/w\d+$/.test(path));
    expect(details).toEqual([]);
  });

  it('a backup changes one file after one edit', async () => {
    for (const id of ['w1', 'w2', 'w3']) addWorkflow(n8n.state, { id, name: `Flow ${id}`, nodes: [trigger] });
    await takeBackup(n8n, { store });
    const before = await latestFiles(store);
    const edited = n8n.state.workflows.get('w2')!;
    saveDraft(n8n.state, edited, { ...draftOf(edited), nodes: [{ ...trigger, name: 'Renamed' }] });
    edited.updatedAt = edited.createdAt.replace(/T.*/, 'T23:59:59.999Z'); // the page for people names the day
    const report = await takeBackup(n8n, { store });
    const after = await latestFiles(store);
    const changed = [...after.keys()].filter((path) => after.get(path) !== before.get(path));
    expect(changed).toEqual(['workflows/flow-w2.w2.json']);
    expect(report.stores).toMatchObject([{ snapshot: { subject: 'prod: 1 workflow changed: Flow w2' } }]);
  });

  it('a backup sees a new tag on a workflow although its updatedAt stays', async () => {
    const workflow = addWorkflow(n8n.state, { id: 'w1', name: 'Flow', nodes: [trigger] });
    workflow.description = 'kept';
    await takeBackup(n8n, { store });
    workflow.tagIds.push(addTag(n8n.state, { name: 'new' }).id);
    await takeBackup(n8n, { store });
    expect(json(await latestFiles(store), 'workflows/flow.w1.json')).toMatchObject({
      tags: [{ name: 'new' }],
      description: 'kept',
    });
  });

  it('a backup moves the file of a renamed workflow and keeps no copy', async () => {
    const workflow = addWorkflow(n8n.state, { id: 'w1', name: 'Before', nodes: [trigger] });
    await takeBackup(n8n, { store });
    workflow.name = 'After';
    workflow.updatedAt = '2027-01-01T00:00:00.000Z';
    await takeBackup(n8n, { store });
    const paths = [...(await latestFiles(store)).keys()].filter((path) => path.startsWith('workflows/'));
    expect(paths).toEqual(['workflows/after.w1.json']);
  });

  it('a backup names what was removed as it was called', async () => {
    addWorkflow(n8n.state, { id: 'w1', name: 'Old / Import ☕' });
    addWorkflow(n8n.state, { id: 'w2', name: 'Stays' });
    await takeBackup(n8n, { store });
    n8n.state.workflows.delete('w1');
    const report = await takeBackup(n8n, { store });
    expect(report.stores).toMatchObject([{ snapshot: { subject: 'prod: 1 workflow removed: Old / Import ☕' } }]);
  });

  it('a backup lets static data wait for a real change', async () => {
    const workflow = addWorkflow(n8n.state, {
      id: 'w1',
      name: 'Poller',
      nodes: [trigger],
      staticData: { n: 1 },
    });
    await takeBackup(n8n, { store });
    workflow.staticData = { n: 2 };
    expect((await takeBackup(n8n, { store })).stores).toMatchObject([{ status: 'unchanged' }]);
    addWorkflow(n8n.state, { id: 'w2', name: 'Other', nodes: [trigger] });
    await takeBackup(n8n, { store });
    expect((await latestFiles(store)).get('workflow-state/w1.json')).toContain('"n": 2');
  });

  it('a backup flags a snapshot that lost over half of a kind', async () => {
    for (let n = 0; n < 5; n++) addWorkflow(n8n.state, { id: `w${n}`, name: `Flow ${n}` });
    await takeBackup(n8n, { store });
    for (const id of ['w0', 'w1', 'w2']) n8n.state.workflows.delete(id);
    const report = await takeBackup(n8n, { store });
    expect(report.shrunk).toEqual(['workflows']);
    expect(report.stores).toMatchObject([{ status: 'saved', snapshot: { flags: ['shrunk'] } }]);
  });
});

describe('what cannot be read', () => {
  it('what cannot be read is unavailable with the reason on an instance without a licence', async () => {
    await n8n.stop();
    await start({ licensed: false });
    addWorkflow(n8n.state, { id: 'w1', name: 'Flow' });
    const { kinds } = (await takeBackup(n8n, { store })).header;
    expect(kinds.workflows).toMatchObject({ coverage: 'complete', items: 1 });
    expect(kinds.variables).toMatchObject({ coverage: 'unavailable', reason: { code: 'licence' } });
    expect(kinds.projects?.reason?.message).toContain('feat:projectRole:admin');
    expect((await takeBackup(n8n, { store })).stores).toMatchObject([{ status: 'unchanged' }]);
  });

  it('what cannot be read is unavailable where the key lacks the scope', async () => {
    const apiKey = n8n.createKey(['workflow:list', 'workflow:read']);
    const { kinds } = (await takeBackup({ url: n8n.url, apiKey }, { store })).header;
    expect(kinds.workflows?.coverage).toBe('complete');
    expect(kinds.tags).toMatchObject({ coverage: 'unavailable', reason: { code: 'scope' } });
  });

  it('what cannot be read is unavailable on an n8n that is too old for it', async () => {
    await n8n.stop();
    await start({ licensed: false, version: 'old' });
    addWorkflow(n8n.state, { id: '12', name: 'Old one' });
    const { header } = await takeBackup(n8n, { store });
    expect(header.n8nVersion).toBeNull();
    expect(header.kinds.workflows).toMatchObject({ coverage: 'complete', items: 1 });
    expect(header.kinds['data-tables']).toMatchObject({
      coverage: 'unavailable',
      reason: { code: 'version' },
    });
    expect(header.kinds.credentials).toMatchObject({ coverage: 'unavailable' });
  });

  it('what cannot be read does not hide the version of n8n where the workflow that told it was deleted meanwhile', async () => {
    for (const id of ['w1', 'w2']) addWorkflow(n8n.state, { id, name: id });
    let asked = 0;
    n8n.onRequest(({ path }, state) => {
      if (path.endsWith('/n8n-packages/export') && ++asked === 1) state.workflows.delete('w1');
      if (path.endsWith('/workflows/w1')) state.workflows.delete('w1');
    });
    const { header } = await takeBackup(n8n, { store });
    expect(header.n8nVersion).toBe('2.41.1');
    expect(header.kinds.workflows).toMatchObject({ items: 1 });
  });

  it('what cannot be read is carried over and marked, so that it never looks like a deletion', async () => {
    addVariable(n8n.state, { key: 'REGION', value: 'eu', projectId: null });
    addWorkflow(n8n.state, { id: 'w1', name: 'Flow' });
    await takeBackup(n8n, { store });
    const first = (await store.list('prod'))[0]!;

    const failing = {
      path: '/variables',
      times: 100,
      action: { status: 500, body: { message: 'database is locked' } },
    };
    const repair = n8n.fault(failing);
    const report = await takeBackup(n8n, {
      store,
      client: clientFor(n8n, { timeouts: { deadlineMs: 200 } }),
    });
    expect(report.header.kinds.variables).toMatchObject({
      coverage: 'failed',
      items: 1,
      carriedFrom: first.id,
      reason: { code: 'error', message: expect.stringContaining('database is locked') as string },
    });
    expect(report.stores).toMatchObject([{ status: 'saved', snapshot: { flags: ['partial'] } }]);
    expect((await latestFiles(store)).get('variables.json')).toContain('REGION');

    // The mark keeps naming the snapshot that really read it, so that a lasting failure saves nothing new.
    const again = await takeBackup(n8n, { store, client: clientFor(n8n, { timeouts: { deadlineMs: 200 } }) });
    expect(again.stores).toMatchObject([{ status: 'unchanged' }]);
    repair();
    expect((await takeBackup(n8n, { store })).header.kinds.variables).not.toHaveProperty('carriedFrom');
  });

  it('a kind that cannot be read is called lost only where no snapshot before can be built upon', async () => {
    addWorkflow(n8n.state, { id: 'w1', name: 'Flow' });
    const failing = { path: '/workflows', times: 1000, action: { status: 500 } } as const;
    const warningsWith = async (to: MemoryStore): Promise<readonly string[]> => {
      const stop = n8n.fault(failing);
      const client = clientFor(n8n, { timeouts: { deadlineMs: 100 } });
      const [outcome] = (await takeBackup(n8n, { store: to, client })).stores;
      stop();
      return outcome?.status === 'saved' ? outcome.warnings : [];
    };
    // Somebody deleted the folder of a snapshot that is whole, and never had workflows.
    const displaced = 'the folder is gone';
    await takeBackup(n8n, { store, kinds: ['tags'] });
    const latest = store.latest.bind(store);
    vi.spyOn(store, 'latest').mockImplementation(async (...args) => ({ ...(await latest(...args))!, displaced }));
    expect(await warningsWith(store)).toEqual([displaced]);

    const broken = new MemoryStore();
    vi.spyOn(broken, 'latest').mockRejectedValue(new StoreError('integrity', 'the manifest is damaged'));
    expect(await warningsWith(broken)).toEqual([
      'the manifest is damaged',
      expect.stringMatching(/^workflows could not be read.*nothing of them is in this snapshot/),
    ]);
  });

  it('what cannot be read ends the run where n8n goes away in the middle, and leaves the store as it was', async () => {
    for (let n = 0; n < 300; n++) addWorkflow(n8n.state, { id: `w${n}`, name: `Flow ${n}` });
    await takeBackup(n8n, { store });
    const before = await store.list('prod');
    for (const workflow of n8n.state.workflows.values()) workflow.updatedAt = '2027-01-01T00:00:00.000Z';
    n8n.fault({ path: /^\/workflows\/w/, after: 20, times: 10_000, action: 'reset' });
    const client = clientFor(n8n, { timeouts: { deadlineMs: 300, connectDeadlineMs: 300 } });
    const failure = await takeBackup(n8n, { store, client }).catch((error: unknown) => error);
    expect(isN8nError(failure, 'unreachable')).toBe(true);
    expect(await store.list('prod')).toEqual(before);
  });

  it('what cannot be read ends the run at once on a wrong key', async () => {
    const failure = await takeBackup({ url: n8n.url, apiKey: 'wrong' }, { store }).catch((error: unknown) => error);
    expect(isN8nError(failure, 'unauthorized')).toBe(true);
    expect(await store.list()).toEqual([]);
  });

  it('what cannot be read ends with an error, not in a loop, where a cursor repeats', async () => {
    for (let n = 0; n < 300; n++) addWorkflow(n8n.state, { id: `w${n}`, name: `Flow ${n}` });
    n8n.fault({ path: '/workflows', times: 10_000, action: 'repeat-cursor' });
    const report = await takeBackup(n8n, { store });
    const { workflows } = report.header.kinds;
    // Reading by position gets past a cursor that repeats; what must not be is a hole or a hang.
    if (workflows?.coverage === 'complete') expect(workflows.items).toBe(300);
    else expect(workflows?.coverage).toBe('failed');
  });
});

describe('while the instance changes', () => {
  /** Lists of which a run needs several pages, and how to fill, remove from and rename in them. */
  const lists: readonly [Kind, string, (id: string, name: string) => void, (id: string) => void][] = [
    [
      'workflows',
      '/workflows',
      (id, name) => void addWorkflow(n8n.state, { id, name }),
      (id) => void n8n.state.workflows.delete(id),
    ],
    [
      'credentials',
      '/credentials',
      (id, name) => credential(id, name, 'httpHeaderAuth'),
      (id) => void n8n.state.credentials.delete(id),
    ],
    [
      'projects',
      '/projects',
      (id, name) => void addProject(n8n.state, { id, name }),
      (id) => void n8n.state.projects.delete(id),
    ],
  ];

  it.each(lists)(
    'every one of the %s that existed throughout is there exactly once',
    async (kind, path, add, remove) => {
      for (let n = 0; n < 600; n++) add(`item${n}`, `Name ${String(n).padStart(4, '0')}`);
      n8n.state.listingOrder = 'name';
      let turn = 0;
      n8n.onRequest((request) => {
        if (request.path !== path || turn >= 4) return;
        turn += 1;
        // Before the place that the listing has reached, so that everything behind it moves.
        remove(`item${turn * 3}`);
        remove(`item${turn * 3 + 1}`);
        add(`new${turn}`, `Name 0000 new ${turn}`);
      });
      const report = await takeBackup(n8n, { store });
      expect(report.header.kinds[kind]?.coverage).toBe('complete');
      const text = [...(await latestFiles(store))].map(([file, content]) => `${file}\n${content}`).join('\n');
      const gone = new Set([1, 2, 3, 4].flatMap((n) => [n * 3, n * 3 + 1]));
      for (let n = 0; n < 600; n++) {
        if (gone.has(n)) continue;
        expect(text.split(`"id": "item${n}"`).length - 1, `item${n}`).toBe(1);
      }
    },
  );
});
