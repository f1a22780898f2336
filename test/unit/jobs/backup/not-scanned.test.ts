import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StoreOutcome } from '../../../../src/jobs/backup/backup-types.ts';
import { countFindings, describeFinding, SecretsFoundError } from '../../../../src/jobs/backup/secrets-found.ts';
import { InterruptedError } from '../../../../src/lib/errors.ts';
import { readHeader } from '../../../../src/snapshot/format/header.ts';
import { openScanner } from '../../../../src/snapshot/secrets/scan.ts';
import { DEFAULT_POLICY } from '../../../../src/snapshot/treat/policy.ts';
import { latestFiles, takeBackup } from '../../../support/backup.ts';
import { FAKE } from '../../../support/fake-secrets.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import { addDataTable } from '../../../support/stand-in/data-tables.ts';
import { insertRow } from '../../../support/stand-in/rows.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { personalProject } from '../../../support/stand-in/state.ts';
import { addWorkflow } from '../../../support/stand-in/workflow-actions.ts';
import { FATAL, STUCK } from '../../../support/stuck-scan-worker.ts';

vi.mock('../../../../src/snapshot/secrets/thread/limits.ts', async (original) => ({
  ...(await original<object>()),
  PROGRAM: new URL('../../../support/stuck-scan-worker.ts', import.meta.url),
  limitOf: () => 400,
}));

let n8n: StandIn;
let store: MemoryStore;

const node = (name: string, jsCode: string) => ({
  ...{ id: name, name, type: 'n8n-nodes-base.code', typeVersion: 2, position: [0, 0] },
  parameters: { jsCode },
});

beforeEach(async () => {
  n8n = await startStandIn({ licensed: true });
  store = new MemoryStore();
  addWorkflow(n8n.state, {
    id: 'wf1',
    name: 'Stuck',
    nodes: [node('Bad', `// ${STUCK}`), node('Good', `const token = "${FAKE.plain}";`)],
  });
  addWorkflow(n8n.state, { id: 'wf2', name: 'Fine', nodes: [node('Plain', 'return items;')] });
});
afterEach(() => n8n.stop());

async function backUp(secrets: 'warn' | 'redact' | 'block'): Promise<StoreOutcome> {
  const policyOf = () => ({ ...DEFAULT_POLICY, secrets });
  return (await takeBackup(n8n, { store, policyOf })).stores[0]!;
}

/** What a backup says of what it saved. */
async function found(secrets: 'warn' | 'redact'): Promise<string[]> {
  const outcome = await backUp(secrets);
  if (outcome.status !== 'saved') throw new Error(`it was not saved: ${outcome.status}`);
  return outcome.secrets.found.map(describeFinding);
}

async function codeOf(file: string): Promise<string[]> {
  const files = await latestFiles(store);
  const text = [...files].find(([path]) => path.endsWith(file))![1];
  const workflow = JSON.parse(text) as { nodes: { parameters: { jsCode: string } }[] };
  return workflow.nodes.map(({ parameters }) => parameters.jsCode);
}

const STUCK_PLACE = 'workflow "Stuck", node "Bad": parameters.jsCode (could not be scanned)';
const SECRET_PLACE = 'workflow "Stuck", node "Good": parameters.jsCode (named-secret)';

describe('a text that a rule is stuck at', () => {
  it('a backup that warns saves a text that could not be scanned, names its place, and scans the others', async () => {
    expect(await found('warn')).toEqual([STUCK_PLACE, SECRET_PLACE]);
    expect((await codeOf('.wf1.json'))[0]).toBe(`// ${STUCK}`);
  });

  it('a backup that redacts saves no text that could not be scanned, and everything else', async () => {
    expect(await found('redact')).toEqual([STUCK_PLACE, SECRET_PLACE]);
    expect(await codeOf('.wf1.json')).toEqual([
      '[redacted by flowkeep: not-scanned]',
      'const token = "[redacted by flowkeep: named-secret]";',
    ]);
    expect(await codeOf('.wf2.json')).toEqual(['return items;']);
    const header = readHeader(Buffer.from((await latestFiles(store)).get('flowkeep.json')!), 'prod');
    expect(header.kinds.workflows?.withheld).toContain('secrets');
  });

  it('a backup that blocks saves nothing where a text could not be scanned', async () => {
    const error = await backUp('block').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SecretsFoundError);
    expect(String(error)).toContain('1 secret and 1 text that could not be scanned found; nothing was saved');
    expect(await store.latest('prod')).toBeNull();
  });

  it('a backup that redacts saves no row that could not be scanned, and the other rows', async () => {
    const projectId = personalProject(n8n.state).id;
    const columns = [{ name: 'note', type: 'string' as const }];
    const table = addDataTable(n8n.state, { id: 'StuckTable000001', name: 'Notes', projectId, columns });
    for (const note of ['before', STUCK, 'after']) insertRow(table, { note }, n8n.state);
    expect(await found('redact')).toContain('data table "Notes": rows[2].note (could not be scanned)');
    const rows = [...(await latestFiles(store))].find(([path]) => path.endsWith('.ndjson'))![1];
    const notes = rows
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { note: string }).note]));
    expect(notes).toEqual(['before', '[redacted by flowkeep: not-scanned]', 'after']);
  });
});

describe('the thread that scans', () => {
  it('the process does other work while a text is being scanned', async () => {
    const order: string[] = [];
    const scan = openScanner().scan([STUCK]);
    await Promise.all([
      scan.then(() => order.push('scan')),
      fetch(`${n8n.url}/healthz`).then(() => order.push('request')),
    ]);
    expect(order).toEqual(['request', 'scan']);
  });

  it('an interrupted run does not wait for a scan, nor for those behind it', async () => {
    const stop = new AbortController();
    const scanner = openScanner(stop.signal);
    const scans = [scanner.scan([STUCK]), scanner.scan(['next'])];
    setTimeout(() => stop.abort(), 100);
    const results = await Promise.allSettled(scans);
    for (const result of results) expect(result).toMatchObject({ reason: expect.any(InterruptedError) as unknown });
    expect(await openScanner().scan([`token ${FAKE.jwt}`])).toHaveLength(1);
  });

  it('a text that ends the thread could not be scanned, and those after it are', async () => {
    const rules = async (text: string): Promise<string[]> => (await openScanner().scan([text])).map(({ rule }) => rule);
    expect(await rules(FATAL)).toEqual(['not-scanned']);
    expect(await rules(`token ${FAKE.jwt}`)).toEqual(['json-web-token']);
  });
});

it('secrets and texts that could not be scanned are counted apart', () => {
  const finding = { kind: 'workflows', id: '1', name: 'A', node: null, field: 'f', rule: 'not-scanned' } as const;
  expect(countFindings([finding])).toBe('1 text that could not be scanned');
  expect(countFindings([finding, finding, { ...finding, rule: 'github-token' }])).toBe(
    '1 secret and 2 texts that could not be scanned',
  );
});
