import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diff } from '../../../../src/jobs/diff.ts';
import { exportSnapshot } from '../../../../src/jobs/export/export.ts';
import { openVerified } from '../../../../src/jobs/snapshots/open-verified.ts';
import { DEFAULT_KINDS } from '../../../../src/kinds/kinds.ts';
import type { JsonObject } from '../../../../src/lib/json/json.ts';
import { DEFAULT_POLICY, type StorePolicy } from '../../../../src/snapshot/treat/policy.ts';
import type { Store } from '../../../../src/store/store.ts';
import { systemClock } from '../../../../src/lib/time.ts';
import { clientFor, latestFiles, takeBackup } from '../../../support/backup.ts';
import { FAKE } from '../../../support/fake-secrets.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import { OlderStore } from '../../../support/older-store.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { draftOf } from '../../../support/stand-in/state.ts';
import { addTag } from '../../../support/stand-in/tags.ts';
import { addVariable } from '../../../support/stand-in/variables.ts';
import { addWorkflow, saveDraft } from '../../../support/stand-in/workflow-actions.ts';
import { testTools } from '../../../support/tools.ts';

const REDACT: StorePolicy = { ...DEFAULT_POLICY, secrets: 'redact' };
const MARKER = '[redacted by flowkeep: github-token]';
const ESCAPED = '[redacted by flowkeep~: github-token]';
const PATH = 'workflows/invoice-sync.wf1.json';

let n8n: StandIn;

beforeEach(async () => {
  n8n = await startStandIn({ licensed: true });
});
afterEach(() => n8n.stop());

const node = (jsCode: string): JsonObject => ({
  id: 'n1',
  name: MARKER,
  type: 'n8n-nodes-base.code',
  typeVersion: 2,
  position: [0, 0],
  parameters: { jsCode },
});

function addCode(jsCode: string): void {
  addWorkflow(n8n.state, { id: 'wf1', name: 'Invoice sync', nodes: [node(jsCode)] }).description = `of ${MARKER}`;
}

function setCode(jsCode: string): void {
  const workflow = n8n.state.workflows.get('wf1')!;
  saveDraft(n8n.state, workflow, { ...draftOf(workflow), nodes: [node(jsCode)] });
}

async function backUp(store: Store, policy = REDACT) {
  return (await takeBackup(n8n, { store, policyOf: () => policy })).stores[0]!;
}

async function savedCode(store: Store): Promise<unknown> {
  const draft = JSON.parse((await latestFiles(store)).get(PATH)!) as { nodes: [{ parameters: { jsCode: unknown } }] };
  return draft.nodes[0].parameters.jsCode;
}

describe('what looks like a marker in n8n', () => {
  it('a typed marker is escaped where secrets are redacted, beside one of flowkeep; names stay as they are', async () => {
    const store = new MemoryStore();
    addCode(`// ${MARKER} ${ESCAPED}\nconst key = "${FAKE.github}";`);
    await backUp(store);
    expect(await savedCode(store)).toBe(
      `// ${ESCAPED} [redacted by flowkeep~~: github-token]\nconst key = "${MARKER}";`,
    );
    const files = await latestFiles(store);
    expect(JSON.parse(files.get(PATH)!)).toMatchObject({ description: `of ${ESCAPED}`, nodes: [{ name: MARKER }] });
    expect(JSON.parse(files.get('flowkeep.json')!)).toMatchObject({
      kinds: { workflows: { withheld: ['secrets'], typedMarkers: 'escaped' } },
    });
    expect(await backUp(store)).toMatchObject({ status: 'unchanged' });
  });

  it('a typed marker is saved as it is where nothing is withheld', async () => {
    const store = new MemoryStore();
    addCode(MARKER);
    await backUp(store, DEFAULT_POLICY);
    expect(await savedCode(store)).toBe(MARKER);
  });

  it.each([
    ['a secret', FAKE.github, 'its marker', MARKER],
    ['a marker', MARKER, 'the escaped form of it', ESCAPED],
  ])('%s that becomes the very text that the store has for it, %s, is a change', async (_a, before, _b, after) => {
    const store = new MemoryStore();
    addVariable(n8n.state, { key: 'GITHUB_TOKEN', value: before, projectId: null });
    await backUp(store);
    const [variable] = n8n.state.variables.values();
    const stored = JSON.parse((await latestFiles(store)).get('variables.json')!) as [{ value: string }];
    expect(stored[0].value).toBe(after);
    n8n.state.variables.set(variable!.id, { ...variable!, value: after });
    expect(await backUp(store)).toMatchObject({ status: 'saved' });
  });

  it('a key that stands in the place of a rule in a typed marker is redacted like any other', async () => {
    const store = new MemoryStore();
    const key = `key-${createHash('sha256').update('no key').digest('hex').slice(0, 32)}`;
    addCode(`const note = "[redacted by flowkeep: ${key}]";`);
    await backUp(store);
    expect(JSON.stringify([...(await latestFiles(store)).values()])).not.toContain(key);
  });

  it('an export has the text as somebody typed it, and the marker of a secret', async () => {
    const store = new MemoryStore();
    addCode(`// ${ESCAPED} ${MARKER}\nconst key = "${FAKE.github}";`);
    await backUp(store);
    const out = await mkdtemp(join(tmpdir(), 'flowkeep-export-'));
    try {
      const { signal, progress, logger } = testTools();
      const opened = await openVerified([store], 'prod', 'latest', { clock: systemClock, signal, logger });
      await exportSnapshot({ opened, out: join(out, 'x'), format: 'n8n-cli', progress, signal });
      const draft = JSON.parse(await readFile(join(out, 'x', PATH), 'utf8')) as JsonObject;
      expect(draft.description).toBe(`of ${MARKER}`);
      expect((draft.nodes as JsonObject[])[0]!.parameters).toEqual({
        jsCode: `// ${ESCAPED} ${MARKER}\nconst key = "${MARKER}";`,
      });
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  });

  it('a kind that is carried over is not escaped twice', async () => {
    const [store, other] = [new MemoryStore('one'), new MemoryStore('two')];
    addVariable(n8n.state, { key: 'NOTE', value: MARKER, projectId: null });
    await backUp(store);
    await backUp(other);
    for (const tag of ['a', 'b']) {
      addTag(n8n.state, { name: tag });
      n8n.fault({ path: '/variables', times: 1, action: { status: 400, body: { message: 'no' } } });
      await takeBackup(n8n, { stores: tag === 'a' ? [store] : [store, other], policyOf: () => REDACT });
    }
    for (const each of [store, other]) {
      const files = await latestFiles(each);
      expect(JSON.parse(files.get('variables.json')!)).toMatchObject([{ value: ESCAPED }]);
      expect(JSON.parse(files.get('flowkeep.json')!)).toMatchObject({
        kinds: { variables: { coverage: 'failed', typedMarkers: 'escaped' } },
      });
    }
  });
});

describe('a store with snapshots of a version that did not escape', () => {
  it('gets no snapshot where nothing changed, and with the next change all of them escaped, which is no change of its own', async () => {
    const store = new OlderStore();
    addCode(`// ${MARKER}\nconst key = "${FAKE.github}";`);
    await backUp(store);
    expect(await savedCode(store)).toBe(`// ${MARKER}\nconst key = "${MARKER}";`);
    store.isOlder = false;
    expect(await backUp(store)).toMatchObject({ status: 'unchanged' });
    addTag(n8n.state, { name: 'new' });
    expect(await backUp(store)).toMatchObject({ status: 'saved', changes: [{ kind: 'tags' }] });
    expect(await savedCode(store)).toBe(`// ${ESCAPED}\nconst key = "${MARKER}";`);
    expect(await backUp(store)).toMatchObject({ status: 'unchanged' });
  });

  it('is compared as if a marker may have been typed, which the diff says, and shows what is no secret', async () => {
    const store = new OlderStore();
    addCode(MARKER);
    await backUp(store);
    const client = clientFor(n8n);
    const live = async () => {
      const found = await diff({
        ...{ instance: 'prod', stores: [store], from: 'latest', to: 'live', only: [] },
        live: { client: async () => client, kinds: DEFAULT_KINDS },
        ...testTools(),
      });
      return found.kinds.find(({ kind }) => kind === 'workflows')!;
    };
    setCode(`${MARKER} `);
    setCode(MARKER);
    const same = await live();
    expect(same).toMatchObject({ items: [], withheld: [{ texts: 2 }] });
    expect(same.notes.join('\n')).toContain('may also have been typed by somebody');
    setCode('return steal(await read());');
    expect(await live()).toMatchObject({ items: [{ name: 'Invoice sync', change: 'changed' }] });
    await client.close();
  });
});
