import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSnapshot } from '../../../../src/jobs/snapshots/open-snapshot.ts';
import { openVerified } from '../../../../src/jobs/snapshots/open-verified.ts';
import { silentLogger } from '../../../../src/lib/logger.ts';
import { verify } from '../../../../src/jobs/verify/verify.ts';
import { sha256 } from '../../../../src/lib/hash.ts';
import { noProgress } from '../../../../src/lib/progress.ts';
import { systemClock } from '../../../../src/lib/time.ts';
import { Encryptor } from '../../../../src/store/encrypted/encryptor.ts';
import { emptyMemoryState, MemoryStore, type MemoryStoreState } from '../../../support/memory-store.ts';
import type { Store } from '../../../../src/store/store.ts';
import { repairs } from '../../../../src/store/upkeep.ts';
import { clientFor, latestFiles, takeBackup } from '../../../support/backup.ts';
import { encrypted, newKeys, vaultIn, type Keys } from '../../../support/encryption.ts';
import { S3StandIn } from '../../../support/s3/stand-in.ts';
import { addCredential } from '../../../support/stand-in/credentials.ts';
import { addDataTable } from '../../../support/stand-in/data-tables.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { personalProject } from '../../../support/stand-in/state.ts';
import { addVariable } from '../../../support/stand-in/variables.ts';
import { addWorkflow, noOp, saveDraft } from '../../../support/stand-in/workflow-actions.ts';
import { createS3Store } from '../../../support/s3/store.ts';

/** Names and values that nobody may find in an encrypted store. */
const NAMES = ['lighthouse', 'harbour', 'seagull', 'anchorage', 'breakwater', 'Winkelried'];

let n8n: StandIn;
let keys: Keys;
let state: MemoryStoreState;

beforeEach(async () => {
  n8n = await startStandIn({ licensed: true });
  keys = await newKeys();
  state = emptyMemoryState();
  fill();
});
afterEach(() => n8n.stop());

function fill(): void {
  const projectId = personalProject(n8n.state).id;
  addWorkflow(n8n.state, { id: 'w1', name: 'Lighthouse sync', nodes: [noOp('Harbour')] as never });
  addWorkflow(n8n.state, { id: 'w2', name: 'Other' });
  const named = { id: 'c1', name: 'Seagull', type: 'httpHeaderAuth', data: {} };
  addCredential(n8n.state, { ...named, projectId, isStub: false });
  addVariable(n8n.state, { key: 'anchorage', value: 'breakwater', projectId: null });
  const columns = [{ name: 'who', type: 'string' as const }];
  const table = addDataTable(n8n.state, { name: 'Winkelried', columns, projectId });
  table.rows.insert({ who: 'Winkelried' });
}

/** What a daemon has, and what the holder of the identity has, of one place. */
const daemon = (recipient = keys.recipient): Store => vaultIn(state, { recipient });
const owner = (own = keys): Store => vaultIn(state, own);
const plain = (): Store => vaultIn(state, { recipient: null });

function latestOf(place: MemoryStoreState) {
  const latest = place.snapshots.at(-1);
  if (!latest) throw new Error('nothing was saved');
  return latest;
}

async function outcomeOf(store: Store) {
  const [outcome] = (await takeBackup(n8n, { store })).stores;
  if (!outcome) throw new Error('no store');
  return outcome;
}

const signal = new AbortController().signal;

describe('an encrypted store', () => {
  it('an encrypted store shows ids and counts, and nothing of what an item is called or holds', async () => {
    await takeBackup(n8n, { store: daemon() });
    saveDraft(n8n.state, n8n.state.workflows.get('w1')!, { nodes: [], connections: {}, nodeGroups: [] });
    n8n.state.workflows.delete('w2');
    await takeBackup(n8n, { store: daemon() });

    const { info, tree } = latestOf(state);
    expect(info.subject).toBe('prod: 1 workflow changed, 1 removed');
    expect(info.digest).toBeNull();
    expect([...tree.keys()].sort()).toEqual([
      'README.md.age',
      'community-packages.json.age',
      'credential-schemas/httpHeaderAuth.json.age',
      'credentials/c1.json.age',
      expect.stringMatching(/^data-tables\/\w+\/rows\/0\.ndjson\.age$/),
      expect.stringMatching(/^data-tables\/\w+\/table\.json\.age$/),
      'encryption.ndjson',
      'flowkeep.json',
      'folders.json.age',
      'names-credentials.json.age',
      'names-data-tables.json.age',
      'names-workflows.json.age',
      'projects.json.age',
      'tags.json.age',
      'variables.json.age',
      'workflows/w1.json.age',
    ]);
    const everything = [JSON.stringify(state.snapshots.map(({ info, tree }) => [info, ...tree.keys()]))];
    for (const bytes of state.contents.values()) everything.push(Buffer.from(bytes).toString('latin1'));
    for (const name of NAMES) expect(everything.join('\n').toLowerCase()).not.toContain(name.toLowerCase());
  });

  it('an encrypted store gives the holder of the identity what a plain store has', async () => {
    const other = new MemoryStore('plain');
    await takeBackup(n8n, { stores: [daemon(), other] });

    expect(await latestFiles(owner())).toEqual(await latestFiles(other));
    expect(latestOf(state).info.id).toBe((await other.list())[0]?.id);
  });

  it('an encrypted store stays as it is where nothing changed, without the identity', async () => {
    await takeBackup(n8n, { store: daemon() });
    const contents = state.contents.size;

    expect(await outcomeOf(daemon())).toMatchObject({ status: 'unchanged' });
    expect(await outcomeOf(owner())).toMatchObject({ status: 'unchanged' });
    expect([state.snapshots.length, state.contents.size]).toEqual([1, contents]);
  });

  it('an encrypted store takes over what is unchanged, without the identity', async () => {
    await takeBackup(n8n, { store: daemon() });
    const before = latestOf(state).tree;
    saveDraft(n8n.state, n8n.state.workflows.get('w1')!, { nodes: [], connections: {}, nodeGroups: [] });

    expect(await outcomeOf(daemon())).toMatchObject({
      status: 'saved',
      changes: [{ key: 'w1', change: 'changed' }],
    });
    const changed = [...latestOf(state).tree].filter(([path, hash]) => before.get(path) !== hash);
    expect(changed.map(([path]) => path).sort()).toEqual([
      'README.md.age',
      'encryption.ndjson',
      'workflows/w1.json.age',
    ]);
  });

  it('an encrypted store follows a rename', async () => {
    await takeBackup(n8n, { store: daemon() });
    n8n.state.workflows.get('w1')!.name = 'Renamed';
    n8n.state.workflows.get('w1')!.updatedAt = '2027-01-01T00:00:00.000Z';

    expect(await outcomeOf(daemon())).toMatchObject({
      status: 'saved',
      changes: [{ key: 'w1', change: 'changed' }],
    });
    expect([...(await latestFiles(owner())).keys()]).toContain('workflows/renamed.w1.json');
    expect([...(await latestFiles(owner())).keys()]).not.toContain('workflows/lighthouse-sync.w1.json');
  });

  it('an encrypted store carries a kind over that fails, as it is stored, and no plain store gets ciphertext', async () => {
    const other = emptyMemoryState();
    const second = new MemoryStore('plain', other);
    await takeBackup(n8n, { stores: [daemon(), second] });
    const files = await latestFiles(owner());
    const fault = { path: '/workflows', times: 1000, action: { status: 500 } };
    const repair = n8n.fault(fault);
    const timeouts = { deadlineMs: 100 };

    // The encrypted store alone gets one more snapshot, so that it is ahead of the plain one.
    n8n.state.variables.clear();
    for (const stores of [[daemon()], [daemon(), second]]) {
      const report = await takeBackup(n8n, { stores, client: clientFor(n8n, { timeouts }) });
      expect(report.header.kinds.workflows).toMatchObject({ coverage: 'failed', items: 2 });
      expect(report.stores.at(-1)).toMatchObject({
        status: 'saved',
        snapshot: { flags: expect.arrayContaining(['partial']) as string[] },
      });
    }
    for (const store of [owner(), second]) {
      const now = await latestFiles(store);
      for (const path of ['workflows/lighthouse-sync.w1.json', 'workflows/other.w2.json', 'README.md'])
        expect(now.get(path)).toBe(files.get(path));
    }
    expect([...other.snapshots.at(-1)!.tree.keys()].filter((path) => path.endsWith('.age'))).toEqual([]);
    const again = await takeBackup(n8n, {
      stores: [daemon(), second],
      client: clientFor(n8n, { timeouts }),
    });
    expect(again.stores.map(({ status }) => status)).toEqual(['unchanged', 'unchanged']);

    repair();
    expect(await outcomeOf(daemon())).toMatchObject({ status: 'saved' });
    expect(latestOf(state).info.flags).not.toContain('partial');
  });

  it('an encrypted store saves everything again for other recipients, and leaves the old snapshots to the old ones', async () => {
    const next = await newKeys();
    await takeBackup(n8n, { store: daemon() });

    expect(await outcomeOf(daemon(next.recipient))).toMatchObject({
      status: 'saved',
      snapshot: {
        subject: expect.stringMatching(/^prod: re-encrypted, 2 workflows, 1 credential/) as string,
      },
    });
    expect(await outcomeOf(daemon(next.recipient))).toMatchObject({ status: 'unchanged' });
    const [newer, older] = state.snapshots.map(({ info }) => info.id).reverse();
    expect((await owner(next).open('prod', newer!)).sealed).toBeUndefined();
    expect((await owner(next).open('prod', older!)).sealed?.error.reason).toBe('identity-wrong');
    expect((await owner().open('prod', older!)).sealed).toBeUndefined();
  });

  it('an encrypted store begins on a plain store, and ends there, with every snapshot readable', async () => {
    await takeBackup(n8n, { store: plain() });
    expect(await outcomeOf(daemon())).toMatchObject({ status: 'saved', filesWritten: 12 });
    expect(await outcomeOf(daemon())).toMatchObject({ status: 'unchanged' });
    expect(await outcomeOf(plain())).toMatchObject({
      status: 'saved',
      snapshot: { subject: expect.stringContaining('no longer encrypted') as string },
    });
    expect(await outcomeOf(plain())).toMatchObject({ status: 'unchanged' });

    const [first, second, third] = state.snapshots.map(({ info }) => info.id);
    const contents = await Promise.all(
      [first, second, third].map(async (id) => {
        const snapshot = await owner().open('prod', id!);
        return Buffer.from(await snapshot.read('workflows/lighthouse-sync.w1.json')).toString();
      }),
    );
    expect(new Set(contents).size).toBe(1);
  });

  it('an encrypted store refuses to carry ciphertext over into a store that is no longer encrypted', async () => {
    await takeBackup(n8n, { store: daemon() });
    n8n.fault({ path: '/workflows', times: 1000, action: { status: 500 } });
    const client = clientFor(n8n, { timeouts: { deadlineMs: 100 } });

    await expect(takeBackup(n8n, { store: plain(), client })).rejects.toMatchObject({
      code: 'store-identity-missing',
    });
    expect(state.snapshots).toHaveLength(1);
  });
});

describe('without the identity that fits', () => {
  it('a command without a matching identity says which one is needed, and exits as for wrong usage', async () => {
    await takeBackup(n8n, { store: daemon() });
    const stranger = await newKeys();

    await expect(
      openVerified([daemon()], 'prod', 'latest', { clock: systemClock, logger: silentLogger, signal }),
    ).rejects.toMatchObject({
      code: 'store-identity-missing',
      exitCode: 2,
      message: expect.stringContaining('in store vault is encrypted, and no identity was given') as string,
      remedy: expect.stringContaining('--identity FILE') as string,
    });
    await expect(
      openVerified([owner(stranger)], 'prod', 'latest', { clock: systemClock, logger: silentLogger, signal }),
    ).rejects.toMatchObject({
      code: 'store-identity-wrong',
      exitCode: 2,
    });
  });

  it('counts and coverage can be seen without a matching identity', async () => {
    await takeBackup(n8n, { store: daemon() });
    const { snapshot } = await openSnapshot([daemon()], 'prod', 'latest', {
      clock: systemClock,
      logger: silentLogger,
      signal,
    });

    expect(snapshot.header.kinds.workflows).toEqual({ coverage: 'complete', items: 2 });
    expect([...snapshot.files.keys()]).toContain('workflows/w1.json');
    await expect(snapshot.read('workflows/lighthouse-sync.w1.json')).rejects.toMatchObject({
      reason: 'identity-missing',
    });
  });

  it('another store that holds the snapshot in the open is read instead', async () => {
    const second = new MemoryStore('plain');
    await takeBackup(n8n, { stores: [daemon(), second] });

    const { store, snapshot } = await openVerified([daemon(), second], 'prod', 'latest', {
      clock: systemClock,
      logger: silentLogger,
      signal,
    });
    expect(store.name).toBe('plain');
    expect(snapshot.files.has('workflows/lighthouse-sync.w1.json')).toBe(true);
  });
});

describe('damage', () => {
  const verifyAll = async (store: Store) => {
    const options = { instance: 'prod', selector: { all: true }, share: 1, progress: noProgress } as const;
    const { stores } = await verify({ ...options, stores: [store], clock: systemClock, signal });
    const [only] = stores;
    if (!only || only.status === 'failed') throw new Error('not verified', { cause: only?.error });
    return only;
  };

  /** Puts other bytes in the place of a stored file, as somebody can who may write to the store. */
  function replace(path: string, change: (bytes: Buffer) => Uint8Array): void {
    const { tree, info } = state.snapshots.pop()!;
    const bytes = change(Buffer.from(state.contents.get(tree.get(path)!)!));
    state.contents.set(sha256(bytes), bytes);
    state.snapshots.push({ info, tree: new Map(tree).set(path, sha256(bytes)) });
  }

  const flipped = (bytes: Buffer): Buffer => {
    bytes[bytes.length - 1]! ^= 1;
    return bytes;
  };

  it('damage is looked for in the content with the identity, and in the stored bytes without', async () => {
    await takeBackup(n8n, { store: daemon() });
    const unread = [{ snapshot: latestOf(state).info.id, reason: 'identity-missing' }];

    expect(await verifyAll(owner())).toMatchObject({ status: 'intact', unread: [] });
    expect(await verifyAll(daemon())).toMatchObject({ status: 'intact', unread });
    replace('workflows/w1.json.age', flipped);
    expect(await verifyAll(owner())).toMatchObject({
      status: 'damaged',
      damage: [{ affects: [{ path: 'workflows/lighthouse-sync.w1.json' }] }],
    });
    expect(await verifyAll(daemon())).toMatchObject({
      status: 'damaged',
      unread,
      damage: [{ affects: [{ path: 'workflows/w1.json.age' }] }],
    });
  });

  it('damage is distinguished from a wrong identity, whatever was changed', async () => {
    await takeBackup(n8n, { store: daemon() });
    replace('workflows/w1.json.age', flipped);
    const path = 'workflows/lighthouse-sync.w1.json';
    const open = (allowUnverified: boolean) =>
      openVerified([owner()], 'prod', 'latest', { clock: systemClock, allowUnverified, logger: silentLogger, signal });
    const damaged = {
      reason: 'integrity',
      exitCode: 5,
      message: expect.stringContaining('workflows/w1.json') as string,
    };
    await expect(open(false)).rejects.toMatchObject({ code: 'unverified', exitCode: 5, message: damaged.message });
    await expect((await open(true)).snapshot.read(path)).rejects.toMatchObject(damaged);

    // Who changes the index as well gets past the hash, and not past its code, nor past age.
    const hash = latestOf(state).tree.get('workflows/w1.json.age')!;
    const line = /(\["workflows\/w1.json",\d+,"\w+",")\w+/;
    replace('encryption.ndjson', (bytes) => Buffer.from(bytes.toString().replace(line, `$1${hash}`)));
    await expect(open(false)).rejects.toMatchObject({
      code: 'unverified',
      message: expect.stringContaining('its index is not what flowkeep wrote') as string,
    });
    await expect((await open(true)).snapshot.read(path)).rejects.toMatchObject(damaged);
  });

  it('damage is also a file that somebody else encrypted to the same recipient', async () => {
    await takeBackup(n8n, { store: daemon() });
    const forged = await new Encryptor({ recipients: [keys.recipient] }).encrypt(Buffer.from('{"id":"w1"}\n'));
    replace('workflows/w1.json.age', () => forged);
    const line = /(\["workflows\/w1.json",)\d+(,"\w+",")\w+/;
    replace('encryption.ndjson', (bytes) => Buffer.from(bytes.toString().replace(line, `$111$2${sha256(forged)}`)));

    expect(await verifyAll(owner())).toMatchObject({ status: 'damaged' });
  });

  it('damage of the names or of the index does not keep a new snapshot from being taken', async () => {
    for (const path of ['names-workflows.json.age', 'encryption.ndjson']) {
      await takeBackup(n8n, { store: daemon() });
      replace(path, (bytes) => bytes.subarray(0, -1));
      n8n.state.variables.clear();
      addVariable(n8n.state, { key: path, value: 'new', projectId: null });
      for (const store of [owner(), daemon()]) await takeBackup(n8n, { store });

      expect((await latestFiles(owner())).get('variables.json')).toContain(path);
      expect([...(await latestFiles(owner())).keys()]).toContain('workflows/lighthouse-sync.w1.json');
    }
  });

  it('damage in S3 is repaired by encrypting again what n8n still has', async () => {
    const s3 = await S3StandIn.start();
    const bucket = (own: { recipient: string; identity?: string }): Store =>
      encrypted(createS3Store(s3.storeOptions(), { inline: false }), own);
    const store = bucket({ recipient: keys.recipient });
    try {
      await takeBackup(n8n, { store });
      const snapshot = await store.latest('prod');
      const object = snapshot?.objectOf?.('workflows/w1.json');
      if (!repairs(store) || object === undefined) throw new Error('S3 can repair');
      await store.markDamaged([object]);

      expect(await outcomeOf(store)).toMatchObject({ status: 'saved' });
      const now = await bucket(keys).latest('prod');
      expect(now?.objectOf?.('workflows/lighthouse-sync.w1.json')).not.toBe(object);
      expect(await outcomeOf(store)).toMatchObject({ status: 'unchanged' });
    } finally {
      await store[Symbol.asyncDispose]();
      await s3[Symbol.asyncDispose]();
    }
  });
});
