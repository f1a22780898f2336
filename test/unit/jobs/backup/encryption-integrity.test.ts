import { createHash } from 'node:crypto';
import { Encrypter } from 'age-encryption';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyOutcome } from '../../../../src/jobs/outcome.ts';
import { openVerified } from '../../../../src/jobs/snapshots/open-verified.ts';
import { verify } from '../../../../src/jobs/verify/verify.ts';
import { sha256 } from '../../../../src/lib/hash.ts';
import { silentLogger } from '../../../../src/lib/logger.ts';
import { noProgress } from '../../../../src/lib/progress.ts';
import { systemClock } from '../../../../src/lib/time.ts';
import type { Store } from '../../../../src/store/store.ts';
import { clientFor, latestFiles, takeBackup } from '../../../support/backup.ts';
import { newKeys, vaultIn, type EncryptedOptions, type Keys } from '../../../support/encryption.ts';
import { emptyMemoryState, MemoryStore, type MemoryStoreState } from '../../../support/memory-store.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { addWorkflow, noOp, saveOneNode } from '../../../support/stand-in/workflow-actions.ts';

/** What somebody can do who may write to an encrypted store, and what flowkeep says of it. */
const PATH = 'workflows/lighthouse-sync.w1.json';
const signal = new AbortController().signal;

let n8n: StandIn;
let keys: Keys;
let state: MemoryStoreState;

beforeEach(async () => {
  n8n = await startStandIn({ licensed: true });
  keys = await newKeys();
  state = emptyMemoryState();
  addWorkflow(n8n.state, { id: 'w1', name: 'Lighthouse sync', nodes: [noOp('Before')] as never });
  addWorkflow(n8n.state, { id: 'w2', name: 'Other' });
});
afterEach(() => n8n.stop());

const vault = (options: Partial<EncryptedOptions> = {}): Store =>
  vaultIn(state, { recipient: keys.recipient, ...options });
const owner = (options: Partial<EncryptedOptions> = {}): Store => vault({ identity: keys.identity, ...options });

async function outcomeOf(store: Store, failing?: string) {
  const stop = failing === undefined ? undefined : n8n.fault({ path: failing, times: 1000, action: { status: 500 } });
  const client = clientFor(n8n, { timeouts: { deadlineMs: 100 } });
  const { stores, header } = await takeBackup(n8n, { store, ...(failing === undefined ? {} : { client }) });
  stop?.();
  const [outcome] = stores;
  if (!outcome || outcome.status === 'failed') throw new Error('nothing was saved', { cause: outcome?.error });
  return { ...outcome, header };
}

/** Changes w1 in n8n, so that the next backup saves it. */
const edit = (name: string): void => saveOneNode(n8n.state, 'w1', name);

async function verdictOf(store: Store, selector: string | { all: true } = 'latest') {
  const options = { instance: 'prod', selector, share: 1, progress: noProgress } as const;
  const { stores } = await verify({ ...options, stores: [store], clock: systemClock, signal });
  const [only] = stores;
  if (!only || only.status === 'failed') throw new Error('not verified', { cause: only?.error });
  return { ...only, exitCode: verifyOutcome({ stores }).exitCode };
}

const open = (store: Store, allowUnverified = false) =>
  openVerified([store], 'prod', 'latest', { clock: systemClock, allowUnverified, logger: silentLogger, signal });

type Files = ReadonlyMap<string, Buffer>;

function filesAt(index: number): Map<string, Buffer> {
  const { tree } = state.snapshots.at(index)!;
  return new Map([...tree].map(([path, hash]) => [path, Buffer.from(state.contents.get(hash)!)]));
}

/** Puts other files in the place of those of the newest snapshot. */
function replaceNewest(files: Files, changes: object = {}): void {
  const { info } = state.snapshots.pop()!;
  const tree = new Map<string, string>();
  for (const [path, bytes] of files) {
    state.contents.set(sha256(bytes), bytes);
    tree.set(path, sha256(bytes));
  }
  state.snapshots.push({ info: { ...info, ...changes }, tree });
}

type Line = (string | number)[];

function indexOf(files: Files): { header: Record<string, unknown>; lines: Line[]; last: unknown[] } {
  const all = files.get('encryption.ndjson')!.toString().trimEnd().split('\n');
  const [header, ...rest] = all.map((line) => JSON.parse(line) as unknown);
  return {
    header: header as Record<string, unknown>,
    lines: rest.filter((line) => Array.isArray(line)) as Line[],
    last: rest.filter((line) => !Array.isArray(line)),
  };
}

function withIndex(files: Files, lines: readonly unknown[]): Files {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  return new Map(files).set('encryption.ndjson', Buffer.from(text));
}

/** Where the names of a file's bytes stand in its line. */
function namesOf(bytes: Uint8Array): [sha256: string, blob: string] {
  return [sha256(bytes), createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')];
}

async function twoSnapshots(store = vault()): Promise<void> {
  await outcomeOf(store);
  edit('After');
  await outcomeOf(store);
}

/** What everybody has to say of a newest snapshot that is not what was saved, and how the next backup ends it. */
async function expectRefused(status: 'damaged' | 'unauthenticated', words: string, store = owner): Promise<void> {
  expect(await verdictOf(store())).toMatchObject({ status, exitCode: 5 });
  await expect(open(store())).rejects.toMatchObject({
    exitCode: 5,
    message: expect.stringContaining(words) as string,
  });
  const outcome = await outcomeOf(store({ identity: undefined as never }));
  expect(outcome).toMatchObject({ status: 'saved' });
  expect(JSON.stringify(outcome)).toContain(words);
  expect(await verdictOf(store())).toMatchObject({ status: 'intact', exitCode: 0 });
  expect((await latestFiles(store())).get(PATH)).toContain('"After"');
  expect(await outcomeOf(store({ identity: undefined as never }))).toMatchObject({ status: 'unchanged' });
}

describe('without a key', () => {
  it('a file of last week with its line of the index, in the newest snapshot, is found by every reader', async () => {
    await twoSnapshots();
    const [before, files] = [filesAt(0), filesAt(1)];
    const old = indexOf(before).lines.find(([path]) => path === 'workflows/w1.json')!;
    const { header, lines, last } = indexOf(files);
    const changed = lines.map((line) => (line[0] === old[0] ? old : line));
    const replaced = new Map(files).set('workflows/w1.json.age', before.get('workflows/w1.json.age')!);
    replaceNewest(withIndex(replaced, [header, ...changed, ...last]));

    await expectRefused('damaged', 'its index is not what flowkeep wrote');
  });

  it('a whole snapshot of last week under the id of the newest is found by every reader', async () => {
    await twoSnapshots();
    replaceNewest(filesAt(0));

    await expectRefused('damaged', 'its index is that of snapshot');
  });

  it('a plain snapshot in an encrypted store is nobody’s, and no backup takes anything over from it', async () => {
    const plain = emptyMemoryState();
    addWorkflow(n8n.state, { id: 'evil', name: 'Evil' });
    await takeBackup(n8n, { store: new MemoryStore('plain', plain) });
    n8n.state.workflows.delete('evil');
    await twoSnapshots();
    const { tree } = plain.snapshots[0]!;
    replaceNewest(new Map([...tree].map(([path, hash]) => [path, Buffer.from(plain.contents.get(hash)!)])));

    const outcome = await outcomeOf(vault(), '/workflows');
    expect(outcome.header.kinds.workflows).toMatchObject({ coverage: 'failed', items: 2 });
    expect([...(await latestFiles(owner())).keys()].join()).not.toContain('evil');
    replaceNewest(new Map([...tree].map(([path, hash]) => [path, Buffer.from(plain.contents.get(hash)!)])));
    await expectRefused('unauthenticated', 'it is not encrypted');
  });

  it.each([
    ['the flags', { flags: ['safety' as const] }],
    ['the id', { id: '20270101T000000Z-00000000', takenAt: '2027-01-01T00:00:00Z' }],
    ['the version of n8n', { n8nVersion: '9.9.9' }],
    ['the subject', { subject: 'prod: all is well' }],
  ])('a snapshot that is listed with another word in %s is found', async (_what, changes) => {
    await twoSnapshots();
    replaceNewest(filesAt(1), changes);

    expect(await verdictOf(owner(), state.snapshots.at(-1)!.info.id)).toMatchObject({ status: 'damaged', exitCode: 5 });
  });

  it('the counts in the open cannot be changed unnoticed', async () => {
    await twoSnapshots();
    const files = filesAt(1);
    const header = files.get('flowkeep.json')!.toString().replace('"items": 2', '"items": 3');
    replaceNewest(new Map(files).set('flowkeep.json', Buffer.from(header)));

    await expectRefused('damaged', 'flowkeep.json');
  });

  it('a file that the index does not list is found', async () => {
    await twoSnapshots();
    const files = filesAt(1);
    replaceNewest(new Map(files).set('workflows/w9.json.age', files.get('workflows/w1.json.age')!));
    await expectRefused('damaged', 'workflows/w9.json.age');
  });

  it('a file that is gone is found', async () => {
    await twoSnapshots();
    const fewer = filesAt(1);
    fewer.delete('tags.json.age');
    replaceNewest(fewer);
    await expectRefused('damaged', 'tags.json.age');
  });

  it('garbage in the place of a file is encrypted again by the next backup, although nothing changed', async () => {
    await twoSnapshots();
    const files = filesAt(1);
    replaceNewest(new Map(files).set('workflows/w2.json.age', Buffer.from('garbage')));
    await expectRefused('damaged', 'workflows/w2.json.age');

    const others = [...filesAt(-1)].filter(([path]) => path.endsWith('.age') && path !== 'workflows/w2.json.age');
    for (const [path, bytes] of others) expect([path, bytes]).toEqual([path, files.get(path)]);
  });

  it('garbage is not carried over with a kind that cannot be read: what was saved before it is', async () => {
    await twoSnapshots();
    const files = filesAt(1);
    replaceNewest(new Map(files).set('workflows/w2.json.age', Buffer.from('garbage')));

    const outcome = await outcomeOf(vault(), '/workflows');
    expect(outcome.header.kinds.workflows).toMatchObject({ coverage: 'failed', items: 2 });
    expect(await verdictOf(owner())).toMatchObject({ status: 'intact' });
    expect((await latestFiles(owner())).get('workflows/other.w2.json')).toContain('"Other"');
  });
});

describe('with one public key of two', () => {
  it('a snapshot that somebody encrypted to a recipient proves nothing, whatever seal its lines have', async () => {
    const second = (await newKeys()).recipient;
    const both = (options: Partial<EncryptedOptions> = {}) => owner({ second, ...options });
    await twoSnapshots(both());
    const files = filesAt(1);
    const encrypter = new Encrypter();
    encrypter.addRecipient(keys.recipient);
    const content = Buffer.from('{"id":"w1","name":"Lighthouse sync","nodes":[],"connections":{}}\n');
    const forged = Buffer.from(await encrypter.encrypt(content));
    const { header, lines, last } = indexOf(files);
    const replaced = new Map(files).set('workflows/w1.json.age', forged);
    const foreign = 'ab'.repeat(16);
    const withSeal = (seal: string): Line[] =>
      lines.map(([path = '', ...rest]) =>
        path === 'workflows/w1.json'
          ? [path, content.length, 'cd'.repeat(16), ...namesOf(forged), seal]
          : [path, ...rest.slice(0, 4), seal],
      );
    for (const seal of [foreign, header.seal as string]) {
      replaceNewest(withIndex(replaced, [header, ...withSeal(seal), ...last]));
      await expectRefused('damaged', 'its index is not what flowkeep wrote', both);
    }
    replaceNewest(withIndex(replaced, [{ ...header, seal: foreign }, ...withSeal(foreign), ...last]));
    await expectRefused('unauthenticated', 'its index has the seal of other keys', both);
    const old = withSeal(foreign).map(([path, size, tag, hash, , seal]) => [path, size, tag, hash, seal]);
    replaceNewest(withIndex(replaced, [{ encryption: 1, seal: header.seal }, ...old]));
    await expectRefused('unauthenticated', 'its index has no code', both);
  });
});

describe('a file that was encrypted for somebody else', () => {
  it('a file for another recipient is damage in a snapshot that the identity opens, and no wrong usage', async () => {
    await twoSnapshots();
    const encrypter = new Encrypter();
    encrypter.addRecipient((await newKeys()).recipient);
    const forged = Buffer.from(await encrypter.encrypt('{}\n'));
    const { header, lines, last } = indexOf(filesAt(1));
    for (const line of lines) if (line[0] === 'workflows/w1.json') line.splice(3, 2, ...namesOf(forged));
    const replaced = new Map(filesAt(1)).set('workflows/w1.json.age', forged);
    replaceNewest(withIndex(replaced, [header, ...lines, ...last]));

    await expectRefused('damaged', 'its index is not what flowkeep wrote');
  });
});

describe('what was saved with other settings', () => {
  it('a snapshot of an earlier flowkeep is told of, and saved once more with a code', async () => {
    await twoSnapshots();
    const { header, lines } = indexOf(filesAt(1));
    const old = [{ encryption: 1, seal: header.seal }, ...lines.map((line) => line.slice(0, 4))];
    const before = filesAt(1);
    replaceNewest(withIndex(before, old));
    // There is none before it that has a code.
    state.snapshots.shift();

    expect((await outcomeOf(vault())).status).toBe('saved');
    expect(state.snapshots.at(-1)!.info.subject).toMatch(/^prod: re-encrypted, 2 workflows/);
    for (const [path, bytes] of filesAt(-1)) if (path.endsWith('.age')) expect(bytes).not.toEqual(before.get(path));
    expect(await outcomeOf(vault())).toMatchObject({ status: 'unchanged' });
    expect(await verdictOf(owner(), { all: true })).toMatchObject({
      status: 'unauthenticated',
      unauthenticated: [{ snapshot: state.snapshots[0]!.info.id }],
    });
  });

  it('a kind that fails is not carried over from a snapshot that nothing proves, and the backup names it', async () => {
    await twoSnapshots();
    const { header, lines } = indexOf(filesAt(1));
    replaceNewest(
      withIndex(filesAt(1), [{ encryption: 1, seal: header.seal }, ...lines.map((line) => line.slice(0, 4))]),
    );
    state.snapshots.shift();

    const outcome = await outcomeOf(vault(), '/workflows');
    expect(outcome.header.kinds.workflows).toMatchObject({ coverage: 'failed', items: 0 });
    expect(outcome).toMatchObject({
      warnings: [
        expect.stringContaining('its index has no code') as string,
        expect.stringMatching(/^workflows could not be read.*nothing of them is in this snapshot/),
      ],
    });
  });

  it('a snapshot of other recipients is proven by the settings of before, and by nothing else', async () => {
    await twoSnapshots();
    const next = await newKeys();
    const changed = (options: Partial<EncryptedOptions> = {}) => vault({ recipient: next.recipient, ...options });
    expect(await verdictOf(changed())).toMatchObject({ status: 'unauthenticated', exitCode: 5 });

    const kept = changed({ previous: keys.recipient });
    expect(await verdictOf(kept, { all: true })).toMatchObject({ status: 'intact' });
    const outcome = await outcomeOf(kept, '/workflows');
    expect(outcome.header.kinds.workflows).toMatchObject({ coverage: 'failed', items: 2 });
    expect(await verdictOf(changed())).toMatchObject({ status: 'intact' });
    const saved = await changed({ identity: keys.identity }).latest('prod');
    expect(Buffer.from(await saved!.read(PATH)).toString()).toContain('"After"');
  });

  it('a snapshot in a store that is not encrypted any more is opened with the flag alone', async () => {
    await twoSnapshots();
    const bare = owner({ recipient: null });
    expect(await verdictOf(bare)).toMatchObject({ status: 'unauthenticated', exitCode: 5 });
    await expect(open(bare)).rejects.toMatchObject({ code: 'unverified', exitCode: 5 });

    const { snapshot, unverified } = await open(bare, true);
    expect(Buffer.from(await snapshot.read(PATH)).toString()).toContain('"After"');
    expect(unverified).toEqual([expect.stringContaining('has no `encrypt` in the configuration')]);
  });

  it('a verification that allows what nothing proves is no failure, and still one where something is damaged', async () => {
    await twoSnapshots();
    const stores = async (store: Store) => {
      const options = { instance: 'prod', selector: 'latest', share: 1, progress: noProgress } as const;
      return (await verify({ ...options, stores: [store], clock: systemClock, signal })).stores;
    };
    const bare = await stores(owner({ recipient: null }));
    expect([verifyOutcome({ stores: bare }).exitCode, verifyOutcome({ stores: bare }, true).exitCode]).toEqual([5, 0]);
    replaceNewest(new Map(filesAt(1)).set('tags.json.age', Buffer.from('garbage')));
    expect(verifyOutcome({ stores: await stores(owner()) }, true).exitCode).toBe(5);
  });
});

describe('who can forge', () => {
  it('a store says whether who knows its public keys could forge a snapshot', async () => {
    await outcomeOf(vault({ digestKey: 'a long random text' }));
    expect(await verdictOf(vault({ digestKey: 'a long random text' }))).not.toHaveProperty('weakness');
    expect(await verdictOf(vault())).toMatchObject({
      weakness: expect.stringContaining("authenticated by the recipients' public keys alone") as string,
    });
  });

  it('a store says that the public keys of before still prove snapshots, as long as they stand in its settings', async () => {
    const settings = { digestKey: 'a long random text', previous: (await newKeys()).recipient };
    await outcomeOf(vault(settings));
    const weakness = expect.stringMatching(/^authenticated by the public keys of encrypt\.previous/) as string;
    expect(await verdictOf(vault(settings))).toMatchObject({ weakness });
    const both = vault({ previous: settings.previous }).weakness;
    expect(both).toMatch(/^authenticated by the recipients' public keys alone.*; authenticated by the public keys of/);
  });

  it('a document that was not written with the keys of the store is told from one that was', async () => {
    const name = 'prod/identity.json';
    const version = await vault().writeDocument(name, Buffer.from('{}\n'), null);
    const read = await vault().readDocument(name);
    expect([read?.version, Buffer.from(read!.content).toString(), read?.doubt]).toEqual([version, '{}\n', undefined]);

    const inner = new MemoryStore('vault', state);
    const stored = (await inner.readDocument(name))!;
    const forgeries = [
      Buffer.from('{"sources":{}}\n'),
      Buffer.from(Buffer.from(stored.content).toString().replace('{}', '{"sources":{}}')),
    ];
    for (const bytes of forgeries) {
      const current = (await inner.readDocument(name))!.version;
      await inner.writeDocument(name, bytes, current);
      expect((await vault().readDocument(name))?.doubt).toBeTypeOf('string');
    }
    await inner.writeDocument('prod/other.json', stored.content, null);
    expect((await vault().readDocument('prod/other.json'))?.doubt).toBe('it is not what flowkeep wrote');
  });
});
