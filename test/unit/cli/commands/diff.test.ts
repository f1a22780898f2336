import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { flowkeep, type FlowkeepRun } from '../../../support/flowkeep.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { draftOf } from '../../../support/stand-in/state.ts';
import { addVariable } from '../../../support/stand-in/variables.ts';
import { addWorkflow, saveDraft } from '../../../support/stand-in/workflow-actions.ts';

let n8n: StandIn;
let folder: string;

const http = (url: string) => ({
  id: 'n1',
  name: 'Fetch \u001b[31mred',
  type: 'n8n-nodes-base.httpRequest',
  typeVersion: 4,
  position: [0, 0],
  parameters: { url, code: `a\n${url}\nz` },
});

function run(...args: string[]): Promise<FlowkeepRun> {
  return flowkeep(args, { cwd: folder, env: { N8N_URL: n8n.url, N8N_API_KEY: n8n.apiKey } });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowkeep-diff-'));
  n8n = await startStandIn({ licensed: true });
  addWorkflow(n8n.state, { id: 'w1', name: 'Invoice sync', nodes: [http('https://a')] });
  addWorkflow(n8n.state, { id: 'w2', name: 'Untouched', nodes: [] });
  addVariable(n8n.state, { key: 'REGION', value: 'eu', projectId: null });
  expect(await run('backup')).toMatchObject({ code: 0 });
  const edited = n8n.state.workflows.get('w1')!;
  saveDraft(n8n.state, edited, { ...draftOf(edited), nodes: [http('https://b')] });
  edited.updatedAt = '2027-01-01T00:00:00.000Z';
});

afterAll(async () => {
  await n8n.stop();
  await rm(folder, { recursive: true, force: true });
});

it('flowkeep diff says what differs since the latest snapshot, without letting a name reach the terminal', async () => {
  const { code, stdout } = await run('diff');
  expect(code).toBe(0);
  expect(stdout.split('\n').slice(1)).toEqual([
    '  workflows          1 changed',
    '',
    'workflows',
    '  ~ Invoice sync (w1)',
    '      ~ Fetch ␛[31mred n8n-nodes-base.httpRequest',
    '          code',
    '              a',
    '            - https://a',
    '            + https://b',
    '              z',
    '          url: https://a → https://b',
    '',
  ]);
});

it('flowkeep diff exits with 1 on request, and prints one line for each item with --stat', async () => {
  const { code, stdout } = await run('diff', '--stat', '--exit-code');
  expect(code).toBe(1);
  expect(stdout).toContain('  ~ Invoice sync (w1)  1 node changed (Fetch ␛[31mred: code, url)\n');
  expect(await run('diff', '--exit-code', '--only', 'variable:REGION')).toMatchObject({ code: 0 });
  expect(await run('diff', '--only', 'variable:NOPE')).toMatchObject({ code: 2 });
});

it('flowkeep diff prints one JSON document, and writes a page beside it', async () => {
  const { stdout, stderr } = await run('diff', '--json', '--html', 'page.html');
  expect(JSON.parse(stdout)).toMatchObject({
    instances: [{ instance: 'default', to: { id: 'live' }, totals: { added: 0, changed: 1, removed: 0 } }],
  });
  expect(stderr).toContain(join(folder, 'page.html'));
  expect(await readFile(join(folder, 'page.html'), 'utf8')).toContain('Invoice sync');
});

it('flowkeep diff says the same in the message of the next snapshot, after which nothing differs', async () => {
  expect(await run('backup')).toMatchObject({ code: 0 });
  const message = execFileSync('git', ['-C', join(folder, 'n8n-backup'), 'log', '-1', '--format=%B'], {
    encoding: 'utf8',
  });
  expect(message).toContain('changed workflow Invoice sync (w1): 1 node changed (Fetch  [31mred: code, url)\n');
  expect((await run('diff')).stdout).toContain('no difference');
  expect((await run('diff', 'latest~1', 'latest', '--stat')).stdout).toContain('1 node changed');
  expect(await run('show', '--html', 'show.html')).toMatchObject({ code: 0 });
});
