import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flowkeep } from '../test/support/flowkeep.ts';
import { startStandIn, type StandIn } from '../test/support/stand-in/start.ts';
import { addWorkflow } from '../test/support/stand-in/workflow-actions.ts';

/**
 * `npm run bench [WORKFLOWS] [ROUNDS]`: what `flowkeep backup` to git costs above the floor, a bare client that makes the
 * same requests with the same concurrency and throws the answers away. Whole processes and the floor take turns, since
 * the machine's speed drifts; ratios are taken within a round, and their median and spread are printed.
 */
const workflows = Number(process.argv[2] ?? 1000);
const rounds = Number(process.argv[3] ?? 5);
const CONCURRENCY = 4;

await using n8n = await startStandIn({ licensed: true });
for (let index = 0; index < workflows; index++) addWorkflow(n8n.state, workflowOf(index));

const ratios = {
  'first backup': [] as number[],
  'unchanged backup': [] as number[],
  'one edit': [] as number[],
};
for (let round = 0; round < rounds; round++) {
  const folder = mkdtempSync(join(tmpdir(), 'flowkeep-bench-'));
  const everything = await floor(n8n, true);
  const listing = await floor(n8n, false);
  ratios['first backup'].push((await backup(folder)) / everything);
  ratios['unchanged backup'].push((await backup(folder)) / listing);
  edit(n8n, round);
  ratios['one edit'].push((await backup(folder)) / listing);
  rmSync(folder, { recursive: true, force: true });
}

process.stdout.write(`${workflows} workflows of 15 nodes, stand-in n8n, git store, ${rounds} rounds\n`);
process.stdout.write('time of the whole process over the floor of its requests: median (least to most)\n');
for (const [name, values] of Object.entries(ratios)) {
  const sorted = values.sort((a, b) => a - b);
  const [least = 0, median = 0, most = 0] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
  process.stdout.write(
    `  ${name.padEnd(18)}${median.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})\n`,
  );
}

/** Milliseconds of one backup, process and all. */
async function backup(cwd: string): Promise<number> {
  const env = {
    N8N_URL: n8n.url,
    N8N_API_KEY: n8n.apiKey,
    FLOWKEEP_RATE_LIMIT_CONCURRENCY: String(CONCURRENCY),
    FLOWKEEP_RATE_LIMIT_REQUESTS_PER_SECOND: '1000',
  };
  const done = await flowkeep(['backup', '--quiet', '--log-level', 'error'], { cwd, env });
  if (done.code !== 0) throw new Error(done.stderr);
  return done.durationMs;
}

/** Milliseconds of the listing, and with `details` of a request for each workflow, by a bare client. */
async function floor(target: StandIn, details: boolean): Promise<number> {
  const started = performance.now();
  const ids: string[] = [];
  let cursor = '';
  do {
    const page = await get(target, `/workflows?limit=250${cursor}`);
    ids.push(...page.data.map(({ id }) => id));
    cursor = page.nextCursor === null ? '' : `&cursor=${encodeURIComponent(page.nextCursor)}`;
  } while (cursor !== '');
  const queue = details ? [...ids] : [];
  const worker = async (): Promise<void> => {
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) await get(target, `/workflows/${id}`);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return performance.now() - started;
}

interface ListPage {
  readonly data: readonly { readonly id: string }[];
  readonly nextCursor: string | null;
}

async function get(target: StandIn, path: string): Promise<ListPage> {
  const answer = await fetch(`${target.url}/api/v1${path}`, { headers: { 'X-N8N-API-KEY': target.apiKey } });
  return (await answer.json()) as ListPage;
}

function edit(target: StandIn, round: number): void {
  const [workflow] = target.state.workflows.values();
  if (!workflow) throw new Error('there is no workflow to edit');
  workflow.description = `edited in round ${round}`;
  workflow.updatedAt = new Date(Date.parse('2027-01-01') + round).toISOString();
}

function workflowOf(index: number): Parameters<typeof addWorkflow>[1] {
  const nodes = Array.from({ length: 15 }, (_, node) => ({
    id: `node-${index}-${node}`,
    name: `Node ${node}`,
    type: 'n8n-nodes-base.set',
    typeVersion: 3.4,
    position: [node * 200, 0],
    parameters: { mode: 'manual', value: `value ${index} ${node}`.repeat(12) },
  }));
  return { id: `bench${String(index).padStart(11, '0')}`, name: `Workflow ${index}`, nodes };
}
