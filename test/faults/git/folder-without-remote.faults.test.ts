import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { flowkeep, type FlowkeepRun } from '../../support/flowkeep.ts';
import { MirrorWorld } from '../../support/mirror-world.ts';
import { startStandIn, type StandIn } from '../../support/stand-in/start.ts';
import { draftOf } from '../../support/stand-in/state.ts';
import { addWorkflow, saveDraft } from '../../support/stand-in/workflow-actions.ts';

interface Report {
  readonly stores: readonly { readonly status: string; readonly owed: { readonly code: string } }[];
}

let n8n: StandIn;
let world: MirrorWorld;

afterEach(() => {
  if (world.has('away')) world.bringUp();
});
beforeAll(async () => {
  world = new MirrorWorld();
  n8n = await startStandIn({ licensed: true });
  addWorkflow(n8n.state, { id: 'w1', name: 'Invoice sync', nodes: [] });
  addWorkflow(n8n.state, { id: 'w2', name: 'Lead router', nodes: [] });
  expect(await run('backup')).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await n8n.stop();
  world[Symbol.dispose]();
});

function run(...args: string[]): Promise<FlowkeepRun> {
  const env = {
    N8N_URL: n8n.url,
    N8N_API_KEY: n8n.apiKey,
    FLOWKEEP_STORE: 'git:./here',
    FLOWKEEP_GIT_REMOTE: `file://${world.at('remote')}`,
    XDG_CACHE_HOME: world.at('cache'),
  };
  return flowkeep(args, { cwd: world.path, env });
}

let edits = 0;
function edit(): void {
  const workflow = n8n.state.workflows.get('w1')!;
  const node = { id: 'n', name: 'Set', type: 'n8n-nodes-base.set', typeVersion: 3, position: [0, 0], parameters: {} };
  saveDraft(n8n.state, workflow, { ...draftOf(workflow), nodes: [{ ...node, name: `Set ${++edits}` }] });
  workflow.updatedAt = `2027-01-01T00:00:${String(edits).padStart(2, '0')}.000Z`;
}

it('a backup to a folder whose remote is down ends with exit code 3, and the next one pushes it', async () => {
  world.takeDown();
  edit();
  const saved = await run('backup');
  expect(saved).toMatchObject({ code: 3 });
  expect(saved.stdout).toMatch(/saved \S+ to .*\n.*\n +error: saved in .*here; the push to file:\S+ is owed: /);
  expect(saved.stdout).toMatch(/→ .*The next run pushes it\./);
  const json = await run('backup', '--json');
  expect(json).toMatchObject({ code: 3 });
  const [report] = (JSON.parse(json.stdout) as { instances: Report[] }).instances;
  const [store] = report?.stores ?? [];
  expect([store?.status, store?.owed.code]).toEqual(['unchanged', 'store-not-found']);
  expect(world.ids('away')).toHaveLength(1);
  world.bringUp();
  expect(await run('backup')).toMatchObject({ code: 0 });
  expect(world.ids('remote')).toHaveLength(2);
});

it('a folder whose remote is down is read by every command, each of which says once that it was not asked', async () => {
  world.takeDown();
  for (const args of [
    ['snapshots'],
    ['show', 'latest'],
    ['diff', 'latest~1', 'latest'],
    ['verify', '--all'],
    ['export', 'latest', '--out', world.at('exported')],
  ]) {
    const { code, stderr, stdout } = await run(...args);
    expect({ args, code, stdout: code === 0 ? '' : stdout + stderr }).toEqual({ args, code: 0, stdout: '' });
    expect(stderr.match(/could not be asked/g)).toHaveLength(1);
  }
});

it('a folder whose remote is down restores what it has, and what the restore remembers reaches the remote', async () => {
  expect(await run('backup')).toMatchObject({ code: 0 });
  world.takeDown();
  n8n.state.workflows.delete('w2');
  const restored = await run('restore', 'latest', '--yes');
  expect({ ...restored, stderr: restored.code === 0 ? '' : restored.stderr }).toMatchObject({ code: 0, stderr: '' });
  expect([...n8n.state.workflows.values()].map(({ name }) => name).sort()).toEqual(['Invoice sync', 'Lead router']);
  world.bringUp();
  const after = await run('backup');
  expect(after).toMatchObject({ code: 0 });
  expect(world.ids('remote')).toEqual(world.ids('here'));
});

it('a backup that the remote refuses ends with exit code 3 and its words, and the cleaned one gets in', async () => {
  await run('backup');
  world.refuse('nodes-base.set', [
    'error: GH013: Push cannot contain secrets',
    '  path: prod/x.json:7',
    '  https://git.example.com/9',
  ]);
  edit();
  const refused = await run('backup');
  expect(refused).toMatchObject({ code: 3 });
  for (const said of ['GH013', 'path: prod/x.json:7', 'https://git.example.com/9'])
    expect(refused.stdout).toContain(said);
  const workflow = n8n.state.workflows.get('w1')!;
  saveDraft(n8n.state, workflow, { ...draftOf(workflow), nodes: [] });
  workflow.updatedAt = '2027-01-02T00:00:00.000Z';
  const cleaned = await run('backup');
  expect(cleaned).toMatchObject({ code: 0 });
  expect(cleaned.stdout).toMatch(/refused snapshot \S+: later ones are there without it/);
  expect(world.ids('remote')).toEqual(world.ids('here'));
});
