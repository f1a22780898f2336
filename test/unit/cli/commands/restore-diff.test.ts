import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand, type CommandRun } from '../../../support/hostile/commands.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { draftOf } from '../../../support/stand-in/state.ts';
import { addWorkflow, saveDraft } from '../../../support/stand-in/workflow-actions.ts';

let n8n: StandIn;
let folder: string;

const run = (...args: string[]): Promise<CommandRun> =>
  runCommand(args, { cwd: folder, env: { N8N_URL: n8n.url, N8N_API_KEY: n8n.apiKey, FLOWKEEP_INSTANCE: 'prod' } });
const code = (jsCode: string) => ({
  id: 'n1',
  name: 'Totals \u001b[31mred',
  type: 'n8n-nodes-base.code',
  typeVersion: 2,
  position: [0, 0],
  parameters: { jsCode },
});

function edit(id: string, jsCode: string): void {
  const workflow = n8n.state.workflows.get(id)!;
  saveDraft(n8n.state, workflow, { ...draftOf(workflow), nodes: [code(jsCode)] });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowkeep-restore-diff-'));
  n8n = await startStandIn();
  addWorkflow(n8n.state, { id: 'w1', name: 'Invoice sync', nodes: [code('a\nsaved\nz')] });
  addWorkflow(n8n.state, { id: 'w2', name: 'Other', nodes: [code('other')] });
  expect(await run('backup')).toMatchObject({ code: 0 });
  edit('w1', 'a\nnow\nz');
  edit('w2', 'other now');
});
afterEach(async () => {
  await n8n.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('flowkeep restore --diff', () => {
  it('prints below the plan what differs, from the target to the snapshot, in the items of the plan alone', async () => {
    const { code: exit, stdout } = await run('restore', '--dry-run', '--diff', '--only', 'workflow:w1');
    expect(exit).toBe(0);
    const [, below = ''] = stdout.split(/^What differs: /m);
    expect(below.replace(/\S+$/m, 'ID').split('\n')).toEqual([
      'prod now → ID',
      '  workflows          1 changed',
      '',
      'workflows',
      '  ~ Invoice sync (w1)',
      '      ~ Totals ␛[31mred n8n-nodes-base.code',
      '          jsCode',
      '              a',
      '            - now',
      '            + saved',
      '              z',
      '',
      'dry run: nothing was changed',
      '',
    ]);
  });

  it('shows the same before it applies, and puts the workflows on a page', async () => {
    const { code: exit, stdout } = await run('restore', '--yes', '--diff', '--html', 'page.html');
    expect(exit).toBe(0);
    expect(stdout.indexOf('+ saved')).toBeLessThan(stdout.indexOf('Restored '));
    expect(readFileSync(join(folder, 'page.html'), 'utf8')).toContain('Invoice sync');
    expect(draftOf(n8n.state.workflows.get('w1')!).nodes).toMatchObject([{ parameters: { jsCode: 'a\nsaved\nz' } }]);
  });

  it('draws the page without printing the differences, and prints none without being asked', async () => {
    const { stdout } = await run('restore', '--dry-run', '--html', 'page.html', '--only', 'workflow:w1');
    expect(stdout).not.toContain('What differs');
    const page = readFileSync(join(folder, 'page.html'), 'utf8');
    expect(page).toContain('Invoice sync');
    expect(page).not.toContain('"Other"');
    rmSync(join(folder, 'page.html'));
    expect((await run('restore', '--dry-run')).stdout).not.toContain('What differs');
    expect(existsSync(join(folder, 'page.html'))).toBe(false);
  });

  it('puts the differences into the plan file, which is applied as one without them', async () => {
    const { stdout } = await run('restore', '--dry-run', '--json', '--diff');
    expect(JSON.parse(stdout)).toMatchObject({
      flowkeepPlan: 1,
      diff: { from: { id: 'live' }, kinds: [{ kind: 'workflows', items: [{ id: 'w1' }, { id: 'w2' }] }], otherIds: [] },
    });
    writeFileSync(join(folder, 'plan.json'), stdout);
    expect(await run('restore', '--plan', 'plan.json', '--yes')).toMatchObject({ code: 0 });
  });
});
