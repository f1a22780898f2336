import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pull, type PullOptions, type PullReport } from '../../../../src/jobs/pull/pull.ts';
import { pullOutcome } from '../../../../src/jobs/outcome.ts';
import { StoreError } from '../../../../src/store/errors.ts';
import { DEFAULT_KINDS } from '../../../../src/kinds/kinds.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import { clientFor, latestFiles, takeBackup } from '../../../support/backup.ts';
import { connectSourceControl } from '../../../support/stand-in/source-control.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { addWorkflow } from '../../../support/stand-in/workflow-actions.ts';
import { DEFAULT_POLICY } from '../../../../src/snapshot/treat/policy.ts';
import { testTools } from '../../../support/tools.ts';

let n8n: StandIn;
let store: MemoryStore;

beforeEach(async () => {
  n8n = await startStandIn({ licensed: true });
  store = new MemoryStore();
});
afterEach(() => n8n.stop());

async function run(changes: Partial<PullOptions> = {}, apiKey = n8n.apiKey): Promise<PullReport> {
  const client = clientFor({ url: n8n.url, apiKey });
  try {
    return await pull({
      ...{
        instance: 'prod',
        kinds: DEFAULT_KINDS,
        client,
        stores: [store],
        force: false,
        autoPublish: 'none',
      },
      policyOf: () => DEFAULT_POLICY,
      ...testTools(),
      ...changes,
    });
  } finally {
    await client.close();
  }
}

const file = (type: string, id: string, status: string, conflict = false) => ({
  ...{ type, id, status, conflict, name: `${type} ${id}`, file: `/${type}/${id}.json`, location: 'remote' },
});

describe('a pull', () => {
  it('a pull takes a safety snapshot, pulls, and backs up the result', async () => {
    addWorkflow(n8n.state, { id: 'w1', name: 'Old' });
    const control = connectSourceControl(n8n.state, [file('workflow', 'w2', 'created')], (state) =>
      addWorkflow(state, { id: 'w2', name: 'Pulled' }),
    );
    const report = await run({ autoPublish: 'published' });
    expect(report).toMatchObject({ status: 'pulled', losses: [], files: [{ id: 'w2', status: 'created' }] });
    expect(control.pulls).toEqual([{ force: false, autoPublish: 'published' }]);
    const snapshots = await store.list('prod');
    expect(snapshots.map(({ flags }) => flags.includes('safety')).sort()).toEqual([false, true]);
    expect([...(await latestFiles(store)).keys()]).toContain('workflows/pulled.w2.json');
  });

  it('a pull does not claim of the safety snapshot of an unchanged instance that anything changed', async () => {
    addWorkflow(n8n.state, { id: 'w1', name: 'Old' });
    connectSourceControl(n8n.state, [file('workflow', 'w2', 'created')], () => undefined);
    await run();
    connectSourceControl(n8n.state, [file('workflow', 'w2', 'created')], () => undefined);
    await run();
    const [newest] = (await store.list('prod')).filter(({ flags }) => flags.includes('safety'));
    expect(newest!.subject).toBe('prod: nothing changed');
  });

  it('a pull into another server than that of the snapshots is refused before anything is changed', async () => {
    await using other = await startStandIn({ licensed: true, seed: 'other' });
    addWorkflow(other.state, { id: 'own', name: 'Own' });
    await takeBackup(other, { store });
    addWorkflow(n8n.state, { id: 'w1', name: 'Old' });
    const control = connectSourceControl(n8n.state, [file('workflow', 'w2', 'created')], () => undefined);
    await expect(run()).rejects.toMatchObject({ code: 'other-server' });
    expect([control.pulls, await store.list('prod')]).toEqual([[], [expect.anything()]]);
  });

  it('a pull shows what would change before it does anything', async () => {
    connectSourceControl(n8n.state, [file('workflow', 'w2', 'created')]);
    let shown = 0;
    await run({
      onPreview(files) {
        shown = files?.length ?? 0;
        expect(n8n.requests.some(({ path }) => path === '/source-control/pull')).toBe(false);
      },
    });
    expect(shown).toBe(1);
  });

  it('a pull does nothing where there is nothing to pull', async () => {
    const control = connectSourceControl(n8n.state, []);
    expect(await run()).toMatchObject({ status: 'unchanged', safety: null });
    expect(control.pulls).toEqual([]);
    expect(await store.list('prod')).toEqual([]);
  });

  it.each([
    ['a data table that exists only here', file('datatable', 't1', 'deleted', true)],
    ['a data table, without n8n calling it a conflict', file('datatable', 't1', 'deleted')],
    ['a workflow that was changed here', file('workflow', 'w1', 'modified', true)],
    ['a workflow that differs', file('workflow', 'w1', 'modified')],
  ])('a pull is refused without force where it would take away %s', async (_what, loss) => {
    const control = connectSourceControl(n8n.state, [file('workflow', 'w2', 'created'), loss]);
    const report = await run();
    expect(report).toMatchObject({ status: 'refused', losses: [{ id: loss.id }] });
    expect(control.pulls).toEqual([]);
  });

  it('a pull with force keeps the rows that it deletes in the safety snapshot, even of kinds that are not backed up', async () => {
    const table = n8n.addGeneratedTable({ name: 'Leads', rows: 1_200 });
    connectSourceControl(n8n.state, [file('datatable', table.id, 'deleted', true)], (state) =>
      state.dataTables.delete(table.id),
    );
    const report = await run({ force: true, kinds: ['workflows'] });
    expect(report.status).toBe('pulled');
    const [safety] = (await store.list('prod')).filter(({ flags }) => flags.includes('safety'));
    const { files } = await store.open('prod', safety!.id);
    const rows = [...files.keys()].filter((path) => path.includes('/rows/'));
    expect(rows).toHaveLength(2);
  });

  it('a pull with one of two stores down has its safety snapshot in the other one, and says so', async () => {
    const down = new MemoryStore('down');
    for (const method of ['list', 'latest', 'save'] as const)
      vi.spyOn(down, method).mockRejectedValue(new StoreError('unreachable', 'down is down'));
    const control = connectSourceControl(n8n.state, [file('workflow', 'w2', 'created')]);
    const report = await run({ stores: [down, store] });
    expect(report).toMatchObject({ status: 'pulled', safety: { stores: [{ status: 'failed' }, { status: 'saved' }] } });
    expect(pullOutcome(report)).toMatchObject({ exitCode: 3, error: { code: 'store-unreachable' } });
    expect(control.pulls).toHaveLength(1);
    const again = connectSourceControl(n8n.state, [file('workflow', 'w3', 'created')]);
    await expect(run({ stores: [down] })).rejects.toMatchObject({ code: 'store-unreachable' });
    expect(again.pulls).toEqual([]);
  });

  it('a pull does nothing where the safety snapshot is incomplete', async () => {
    const control = connectSourceControl(n8n.state, [file('workflow', 'w2', 'created')]);
    n8n.fault({ path: '/tags', action: { status: 400, body: { message: 'no' } }, times: 1000 });
    await expect(run()).rejects.toMatchObject({ code: 'pull-unsafe' });
    expect(control.pulls).toEqual([]);
  });
});

describe('what n8n refuses', () => {
  it('a pull is refused with 400 where the instance is not connected', async () => {
    await expect(run()).rejects.toMatchObject({
      ...{ code: 'n8n-refused', exitCode: 1 },
      remedy: expect.stringContaining('Connect the instance') as string,
    });
  });

  it('a pull is refused with 403 where it is not licensed', async () => {
    await n8n.stop();
    n8n = await startStandIn({ licensed: false });
    await expect(run()).rejects.toMatchObject({
      ...{ code: 'n8n-licence', exitCode: 1 },
      remedy: expect.stringContaining('Enterprise') as string,
    });
  });

  it('a pull is refused with 403 where the key lacks the scope', async () => {
    connectSourceControl(n8n.state, [file('workflow', 'w2', 'created')]);
    const key = n8n.createKey(['workflow:list', 'workflow:read', 'tag:list']);
    await expect(run({ kinds: ['workflows'] }, key)).rejects.toMatchObject({
      remedy: expect.stringContaining('sourceControl:pull') as string,
    });
  });

  it('a pull fails with 400 and plain text where n8n could not reach the repository', async () => {
    connectSourceControl(n8n.state, [file('workflow', 'w2', 'created')]);
    const action = { status: 400, body: 'Could not read from remote repository.' };
    n8n.fault({ path: '/source-control/pull', action, times: 100 });
    await expect(run()).rejects.toMatchObject({ code: 'n8n-refused', exitCode: 1 });
  });

  it('a pull ends with exit code 4 where n8n answers 409, a conflict that it finds only then', async () => {
    const control = connectSourceControl(n8n.state, [file('workflow', 'w2', 'created')]);
    n8n.onRequest(({ path }) => {
      if (path === '/source-control/pull') control.files.push(file('workflow', 'w3', 'modified', true));
    });
    await expect(run()).rejects.toMatchObject({
      ...{ code: 'n8n-conflict', exitCode: 4 },
      remedy: expect.stringContaining('--force') as string,
    });
  });
});
