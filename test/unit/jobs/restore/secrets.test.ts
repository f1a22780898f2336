import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diff } from '../../../../src/jobs/diff.ts';
import type { JsonObject } from '../../../../src/lib/json/json.ts';
import type { N8nClient } from '../../../../src/n8n/http/types.ts';
import { DEFAULT_KINDS } from '../../../../src/kinds/kinds.ts';
import type { StorePolicy } from '../../../../src/snapshot/treat/policy.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import type { StoredSnapshot } from '../../../../src/store/store.ts';
import { FAKE } from '../../../support/fake-secrets.ts';
import { clientFor, runRestore, saveSnapshot, troubles } from '../../../support/restore/run.ts';
import { addDataTable } from '../../../support/stand-in/data-tables.ts';
import { insertRow } from '../../../support/stand-in/rows.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { draftOf, personalProject, type Workflow } from '../../../support/stand-in/state.ts';
import { addVariable } from '../../../support/stand-in/variables.ts';
import { addWorkflow, publish, saveDraft } from '../../../support/stand-in/workflow-actions.ts';
import { testTools } from '../../../support/tools.ts';

const STRICT: StorePolicy = { secrets: 'redact', pinData: 'drop', variableValues: 'omit' };

let n8n: StandIn;
let client: N8nClient;
let store: MemoryStore;
let workflow: Workflow;
let snapshot: StoredSnapshot;

const trigger = {
  id: 't1',
  name: 'Every hour',
  type: 'n8n-nodes-base.scheduleTrigger',
  typeVersion: 1.2,
  position: [0, 0],
  parameters: {},
};
const httpNode = (secret: string, url: string): JsonObject => ({
  id: 'n1',
  name: 'Call',
  type: 'n8n-nodes-base.httpRequest',
  typeVersion: 4,
  position: [0, 0],
  parameters: { url, headerParameters: { parameters: [{ name: 'X-Api-Key', value: secret }] } },
});
const codeNode = (secret: string, rest: string): JsonObject => ({
  id: 'n2',
  name: 'Sign',
  type: 'n8n-nodes-base.code',
  typeVersion: 2,
  position: [0, 0],
  parameters: { jsCode: `const apiKey = "${secret}";\n${rest}` },
});
const ALL_ROWS = { aboveId: 0, descending: false };
const PINS = { Call: [{ json: { id: 1 } }] };
const ROTATED = FAKE.plain.split('').reverse().join('');

beforeEach(async () => {
  n8n = await startStandIn({ licensed: true });
  client = clientFor(n8n);
  store = new MemoryStore();
  const nodes = [trigger, httpNode(FAKE.plain, 'https://a.internal'), codeNode(FAKE.github, 'return items;')];
  workflow = addWorkflow(n8n.state, { id: 'InvoiceSync00001', name: 'Invoice sync', nodes, pinData: PINS });
  publish(n8n.state, workflow);
  addVariable(n8n.state, { key: 'REGION', value: 'eu', projectId: null });
  const projectId = personalProject(n8n.state).id;
  const columns = [
    { name: 'service', type: 'string' },
    { name: 'note', type: 'string' },
  ] as const;
  const table = addDataTable(n8n.state, { id: 'TokensTable00001', name: 'Tokens', projectId, columns });
  insertRow(table, { service: 'pay', note: `old: ${FAKE.stripe}` }, n8n.state);
  insertRow(table, { service: 'mail', note: 'none' }, n8n.state);
  await saveSnapshot(client, store, 'prod', STRICT);
  snapshot = (await store.latest('prod'))!;
});
afterEach(async () => {
  await client.close();
  await n8n.stop();
});

const restoreAll = () => runRestore(client, store, { into: 'prod', snapshot });
const nodesOf = () => draftOf(n8n.state.workflows.get(workflow.id)!).nodes;
const rowsOf = () =>
  [...n8n.state.dataTables.get('TokensTable00001')!.rows.scan(ALL_ROWS)].map(({ service, note }) => [service, note]);

function edit(nodes: JsonObject[]): void {
  saveDraft(n8n.state, workflow, { ...draftOf(workflow), nodes });
}

describe('into the instance that it is of', () => {
  it('a restore into its own instance finds nothing to do where nothing changed', async () => {
    const report = await restoreAll();
    expect(troubles(report)).toEqual([]);
    expect(report.exitCode).toBe(0);
    expect(new Set(report.plan.actions.map(({ verb }) => verb))).toEqual(new Set(['unchanged']));
  });

  it('a restore into its own instance takes back what was edited, and keeps the secrets that are there, also newer ones', async () => {
    edit([trigger, httpNode(ROTATED, 'https://wrong.internal'), codeNode(ROTATED, 'return [];')]);
    const report = await restoreAll();
    expect(troubles(report)).toEqual([]);
    expect(report).toMatchObject({ exitCode: 0, byHand: [] });
    expect(nodesOf()).toEqual([trigger, httpNode(ROTATED, 'https://a.internal'), codeNode(ROTATED, 'return items;')]);
    expect(n8n.state.workflows.get(workflow.id)?.pinData).toEqual(PINS);
  });

  it('a restore into its own instance does not publish a draft because its secret is another than that of the live version', async () => {
    edit([trigger, httpNode(ROTATED, 'https://a.internal'), codeNode(ROTATED, 'return items;')]);
    const live = workflow.activeVersionId;
    expect((await restoreAll()).exitCode).toBe(0);
    expect(n8n.state.workflows.get(workflow.id)?.activeVersionId).toBe(live);
  });

  it('a restore into its own instance leaves a text alone whose secret cannot be put into that of the snapshot, and says so', async () => {
    const other = { jsCode: 'return secretsOf(items);' };
    edit([trigger, httpNode(FAKE.plain, 'https://a.internal'), { ...codeNode('', ''), parameters: other }]);
    const report = await restoreAll();
    expect(nodesOf()[2]).toMatchObject({ parameters: other });
    expect(report.exitCode).toBe(3);
    expect(report.byHand).toMatchObject(
      [{ name: 'Invoice sync', places: [/node "Sign": parameters.jsCode is not changed/] }].map(({ name, places }) => ({
        name,
        places: places.map((place) => expect.stringMatching(place) as string),
      })),
    );
  });

  it('a restore into its own instance keeps the values of variables', async () => {
    const [variable] = n8n.state.variables.values();
    n8n.state.variables.set(variable!.id, { ...variable!, value: 'us' });
    expect((await restoreAll()).exitCode).toBe(0);
    expect([...n8n.state.variables.values()]).toMatchObject([{ key: 'REGION', value: 'us' }]);
  });

  it('a restore into its own instance puts rows back with the secrets that the target has in them', async () => {
    const { rows } = n8n.state.dataTables.get('TokensTable00001')!;
    const [, second] = [...rows.scan(ALL_ROWS)];
    rows.replace({ ...second!, note: 'edited' });
    const report = await restoreAll();
    expect(report).toMatchObject({ exitCode: 0, byHand: [] });
    expect(rowsOf()).toEqual([
      ['pay', `old: ${FAKE.stripe}`],
      ['mail', 'none'],
    ]);
  });
});

describe('what the target lacks', () => {
  it('what the target lacks comes back with markers, and every place of them is in the plan and in the report', async () => {
    n8n.state.workflows.clear();
    n8n.state.variables.clear();
    n8n.state.dataTables.clear();
    for (const run of ['first', 'again']) {
      const report = await restoreAll();
      expect(troubles(report), run).toEqual([]);
      expect(report.exitCode).toBe(3);
      expect(report.byHand.map(({ kind, name, places }) => ({ kind, name, places }))).toEqual([
        ...(run === 'first'
          ? [
              {
                kind: 'variables',
                name: 'REGION',
                places: ['needs its value: the snapshot was saved without'],
              },
            ]
          : []),
        {
          kind: 'data-tables',
          name: 'Tokens',
          places: ['1 row holds a redacted secret, to be entered manually'],
        },
        {
          kind: 'workflows',
          name: 'Invoice sync',
          places: [
            'node "Call": parameters.headerParameters.parameters[X-Api-Key].value needs its secret entered manually (redacted: secret-in-header)',
            'node "Sign": parameters.jsCode needs its secret entered manually (redacted: github-token)',
          ],
        },
      ]);
      const noted = report.plan.actions.filter(({ notes }) => notes.some(({ code }) => code === 'by-hand'));
      expect(noted.map(({ kind }) => kind)).toEqual(report.byHand.map(({ kind }) => kind));
    }
    expect(JSON.stringify(nodesOf()[1])).toContain('[redacted by flowkeep: secret-in-header]');
    expect([...n8n.state.variables.values()]).toMatchObject([{ key: 'REGION', value: '' }]);
  });
});

describe('diff of such a snapshot with what is live', () => {
  const live = async () => {
    const result = await diff({
      ...{ instance: 'prod', stores: [store], from: 'latest', to: 'live', only: [] },
      live: {
        client: async () => client,
        kinds: DEFAULT_KINDS,
      },
      ...testTools(),
    });
    return result.kinds.flatMap(({ items }) => items);
  };

  it('the diff of a redacted snapshot shows nothing of what was omitted', async () => {
    expect(await live()).toEqual([]);
  });

  it('the diff of a redacted snapshot shows what was edited, and no secret', async () => {
    edit([trigger, httpNode(FAKE.plain, 'https://b.internal'), codeNode(FAKE.github, 'return items;')]);
    const items = await live();
    expect(items).toHaveLength(1);
    expect(JSON.stringify(items)).toContain('https://b.internal');
    expect(JSON.stringify(items)).not.toContain(FAKE.plain);
  });
});
