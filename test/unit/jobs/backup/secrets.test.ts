import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BackupReport, StoreOutcome } from '../../../../src/jobs/backup/backup-types.ts';
import { SecretsFoundError } from '../../../../src/jobs/backup/secrets-found.ts';
import { silentLogger } from '../../../../src/lib/logger.ts';
import { readHeader } from '../../../../src/snapshot/format/header.ts';
import { DEFAULT_POLICY, type StorePolicy } from '../../../../src/snapshot/treat/policy.ts';
import { createGitStore } from '../../../../src/store/git/store.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import type { Store } from '../../../../src/store/store.ts';
import { latestFiles, takeBackup } from '../../../support/backup.ts';
import { FAKE } from '../../../support/fake-secrets.ts';
import { addDataTable } from '../../../support/stand-in/data-tables.ts';
import { insertRow } from '../../../support/stand-in/rows.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { draftOf, personalProject, type Workflow } from '../../../support/stand-in/state.ts';
import { addTag } from '../../../support/stand-in/tags.ts';
import { addVariable } from '../../../support/stand-in/variables.ts';
import { addWorkflow, saveDraft } from '../../../support/stand-in/workflow-actions.ts';

const REDACT: StorePolicy = { ...DEFAULT_POLICY, secrets: 'redact' };
const BLOCK: StorePolicy = { ...DEFAULT_POLICY, secrets: 'block' };

let n8n: StandIn;
let workflow: Workflow;

/** A node that calls an API with a pasted key. */
const call = {
  id: 'n1',
  name: 'Call',
  type: 'n8n-nodes-base.httpRequest',
  typeVersion: 4,
  position: [0, 0],
  parameters: {
    url: 'https://api.internal',
    headerParameters: { parameters: [{ name: 'X-Api-Key', value: FAKE.plain }] },
  },
};

beforeEach(async () => {
  n8n = await startStandIn({ licensed: true });
  workflow = addWorkflow(n8n.state, {
    id: 'wf1',
    name: 'Invoice sync',
    nodes: [call],
    pinData: { Call: [{ json: { access_token: FAKE.jwt } }] },
  });
  workflow.description = `Asks with ${FAKE.github}`;
  addWorkflow(n8n.state, {
    id: 'wf2',
    name: 'Clean',
    nodes: [{ ...call, parameters: { url: 'https://x' } }],
  });
  addVariable(n8n.state, { key: 'SMTP_PASSWORD', value: FAKE.password, projectId: null });
  const projectId = personalProject(n8n.state).id;
  const table = addDataTable(n8n.state, {
    id: 'TokensTable00001',
    name: 'Tokens',
    projectId,
    columns: [{ name: 'note', type: 'string' }],
  });
  insertRow(table, { note: `old: ${FAKE.stripe}` }, n8n.state);
  insertRow(table, { note: 'nothing' }, n8n.state);
});
afterEach(() => n8n.stop());

async function backUp(store: Store, policy = DEFAULT_POLICY): Promise<StoreOutcome> {
  const report = await takeBackup(n8n, { store, policyOf: () => policy });
  return report.stores[0]!;
}

function places(outcome: StoreOutcome): string[] {
  if (outcome.status !== 'saved') throw new Error(`it was not saved: ${outcome.status}`);
  return outcome.secrets.found.map(({ kind, name, node, field, rule }) =>
    [kind, name, node ?? '-', field, rule].join(' | '),
  );
}

const ALL_PLACES = [
  'workflows | Invoice sync | - | description | github-token',
  'workflows | Invoice sync | Call | parameters.headerParameters.parameters[X-Api-Key].value | secret-in-header',
  'workflows | Invoice sync | Call | pinData[0].json.access_token | json-web-token',
  'variables | SMTP_PASSWORD | - | value | named-secret',
  'data-tables | Tokens | - | rows[1].note | stripe-secret-key-live',
];

/** Everything that a store holds, in one text. */
async function textOf(store: Store): Promise<string> {
  return [...(await latestFiles(store)).values()].join('\n');
}

const SECRETS = [FAKE.plain, FAKE.github, FAKE.jwt, FAKE.password, FAKE.stripe];

describe('secrets: warn', () => {
  it('secrets: warn saves everything, and says where each secret is', async () => {
    const store = new MemoryStore();
    const outcome = await backUp(store);
    expect(places(outcome).sort()).toEqual([...ALL_PLACES].sort());
    expect(JSON.stringify(outcome)).not.toContain(FAKE.plain);
    const text = await textOf(store);
    for (const secret of SECRETS) expect(text).toContain(secret);
  });

  it('secrets: warn says it once: what the store has already is not looked at again', async () => {
    const store = new MemoryStore();
    await backUp(store);
    addTag(n8n.state, { name: 'new' });
    expect(places(await backUp(store))).toEqual([]);
  });
});

describe('secrets: redact', () => {
  it('secrets: redact keeps every secret from the store, marks each place, and says so in the header', async () => {
    const store = new MemoryStore();
    expect(places(await backUp(store, REDACT)).sort()).toEqual([...ALL_PLACES].sort());
    const text = await textOf(store);
    for (const secret of SECRETS) expect(text).not.toContain(secret);
    const files = await latestFiles(store);
    const draft = JSON.parse(files.get('workflows/invoice-sync.wf1.json')!) as typeof workflow;
    expect(draft.description).toBe('Asks with [redacted by flowkeep: github-token]');
    expect(files.get('data-tables/tokens.TokensTable00001/rows/0.ndjson')).toContain(
      '"note":"old: [redacted by flowkeep: ',
    );
    const { kinds } = readHeader(Buffer.from(files.get('flowkeep.json')!), 'x');
    expect(kinds.workflows?.withheld).toEqual(['secrets']);
    expect(kinds.tags?.withheld).toBeUndefined();
  });

  it('secrets: redact makes no commit where nothing changed, and reads no workflow in detail again but for its description', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flowkeep-secrets-'));
    try {
      const store = createGitStore({
        ...{ name: 'repo', path: folder, branch: 'main', cacheDir: folder, timeout: 60_000 },
        ...{ env: process.env, logger: silentLogger },
      });
      await backUp(store, REDACT);
      const before = n8n.requests.length;
      expect(await backUp(store, REDACT)).toMatchObject({ status: 'unchanged' });
      const details = n8n.requests.slice(before).filter(({ path }) => path.startsWith('/workflows/'));
      // Only what is redacted in the store is asked for again: a marker is no description.
      expect(details.map(({ path }) => path)).toEqual(['/workflows/wf1']);
      saveDraft(n8n.state, workflow, { ...draftOf(workflow), nodes: [{ ...call, position: [9, 9] }] });
      expect(await backUp(store, REDACT)).toMatchObject({
        status: 'saved',
        changes: [{ name: 'Invoice sync' }],
      });
      const log = execFileSync('git', ['-C', folder, 'log', '-p', '--format=%B'], { encoding: 'utf8' });
      for (const secret of SECRETS) expect(log).not.toContain(secret);
      expect(log.match(/Flowkeep-Snapshot/g)).toHaveLength(2);
      await store[Symbol.asyncDispose]();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('secrets: block', () => {
  it('secrets: block saves nothing, and says where the secrets are and what to do', async () => {
    const store = new MemoryStore();
    const error = await backUp(store, BLOCK).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(SecretsFoundError);
    expect(error).toMatchObject({ exitCode: 1, findings: { length: ALL_PLACES.length } });
    expect(String(error)).toContain('"Invoice sync", node "Call": parameters.headerParameters');
    for (const secret of SECRETS) expect(String(error)).not.toContain(secret);
    expect(await store.list()).toEqual([]);
  });

  it('secrets: block saves once the secrets are gone, and does not mind those of another store', async () => {
    const [strict, lax] = [new MemoryStore('strict'), new MemoryStore('lax')];
    const policyOf = ({ name }: Store) => (name === 'strict' ? BLOCK : DEFAULT_POLICY);
    const report: BackupReport = await takeBackup(n8n, { stores: [strict, lax], policyOf });
    expect(report.stores.map(({ status }) => status)).toEqual(['failed', 'saved']);
    n8n.state.workflows.delete('wf1');
    n8n.state.variables.clear();
    n8n.state.dataTables.clear();
    const again = await takeBackup(n8n, { stores: [strict, lax], policyOf });
    expect(again.stores.map(({ status }) => status)).toEqual(['saved', 'saved']);
  });
});

describe('secrets: off', () => {
  it('secrets: off looks for none', async () => {
    expect(places(await backUp(new MemoryStore(), { ...DEFAULT_POLICY, secrets: 'off' }))).toEqual([]);
  });
});

describe('pinData: drop and variableValues: omit', () => {
  it('pinData: drop and variableValues: omit leave both out, with the rest as it is', async () => {
    const store = new MemoryStore();
    const policy: StorePolicy = { secrets: 'off', pinData: 'drop', variableValues: 'omit' };
    await backUp(store, policy);
    const files = await latestFiles(store);
    const draft = JSON.parse(files.get('workflows/invoice-sync.wf1.json')!) as Record<string, unknown>;
    expect(draft).not.toHaveProperty('pinData');
    expect(draft).toMatchObject({ nodes: [call] });
    // What is not pinned is as n8n gave it, so that the next run knows it without a look.
    expect(JSON.parse(files.get('workflows/clean.wf2.json')!)).toHaveProperty('pinData');
    const [variable] = JSON.parse(files.get('variables.json')!) as [object];
    expect(variable).toMatchObject({ key: 'SMTP_PASSWORD' });
    expect(variable).not.toHaveProperty('value');
    expect(await backUp(store, policy)).toMatchObject({ status: 'unchanged' });
  });
});

describe('several stores', () => {
  it('get what their own settings let them have, from one reading; unchanged each by itself', async () => {
    const [full, safe] = [new MemoryStore('full'), new MemoryStore('safe')];
    const policyOf = ({ name }: Store) => (name === 'safe' ? REDACT : DEFAULT_POLICY);
    await takeBackup(n8n, { stores: [safe, full], policyOf });
    expect(await textOf(full)).toContain(FAKE.github);
    expect(await textOf(safe)).not.toContain(FAKE.github);
    const again = await takeBackup(n8n, { stores: [safe, full], policyOf });
    expect(again.stores.map(({ status }) => status)).toEqual(['unchanged', 'unchanged']);
  });

  it('several stores never get a marker as if it were what n8n has', async () => {
    const [safe, full] = [new MemoryStore('safe'), new MemoryStore('full')];
    await backUp(safe, REDACT);
    // The redacted snapshot is the only one that the reading can be compared with.
    const policyOf = ({ name }: Store) => (name === 'safe' ? REDACT : DEFAULT_POLICY);
    await takeBackup(n8n, { stores: [safe, full], policyOf });
    expect(await textOf(full)).not.toContain('[redacted');
    expect(await textOf(full)).toContain(`Asks with ${FAKE.github}`);
  });

  it('a note says where what was carried over lacks what was omitted from the snapshot that it comes from', async () => {
    const [safe, full] = [new MemoryStore('safe'), new MemoryStore('full')];
    await backUp(safe, REDACT);
    n8n.fault({ path: '/variables', times: 1, action: { status: 400, body: { message: 'no' } } });
    const policyOf = ({ name }: Store) => (name === 'safe' ? REDACT : DEFAULT_POLICY);
    await takeBackup(n8n, { stores: [safe, full], policyOf });
    const files = await latestFiles(full);
    const { kinds } = readHeader(Buffer.from(files.get('flowkeep.json')!), 'x');
    expect(kinds.variables).toMatchObject({ coverage: 'failed', withheld: ['secrets'] });
    expect(kinds.workflows?.withheld).toBeUndefined();
  });
});

describe('secretExceptions', () => {
  const exceptions = [
    { item: 'Invoice sync', node: 'Call', field: 'parameters.*', rule: 'secret-in-header' },
    { kind: 'data-tables', item: 'Tokens', field: 'rows[*].note' },
  ];
  const isExcepted = (place: string): boolean => / \| Call \| parameters|data-tables/.test(place);

  it('an exception keeps a finding out of the report, and leaves what it names as it is under redact', async () => {
    const others = ALL_PLACES.filter((place) => !isExcepted(place)).sort();
    const warned = await backUp(new MemoryStore(), { ...DEFAULT_POLICY, secretExceptions: exceptions });
    expect(places(warned).sort()).toEqual(others);
    const store = new MemoryStore();
    expect(places(await backUp(store, { ...REDACT, secretExceptions: exceptions })).sort()).toEqual(others);
    const text = await textOf(store);
    for (const secret of [FAKE.plain, FAKE.stripe]) expect(text).toContain(secret);
    for (const secret of [FAKE.github, FAKE.jwt, FAKE.password]) expect(text).not.toContain(secret);
  });

  it('a store that is to hold no secret is saved to where all that is found is excepted', async () => {
    const all = [{ item: 'Invoice sync' }, { item: 'SMTP_*' }, { item: 'Tokens' }];
    expect(await backUp(new MemoryStore(), { ...BLOCK, secretExceptions: all })).toMatchObject({ status: 'saved' });
    const most = all.slice(1);
    await expect(backUp(new MemoryStore(), { ...BLOCK, secretExceptions: most })).rejects.toThrow('3 secrets found');
  });
});
