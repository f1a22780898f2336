import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupOutcome } from '../../../../src/jobs/outcome.ts';
import type { BackupReport } from '../../../../src/jobs/backup/backup-types.ts';
import { selectSnapshot } from '../../../../src/jobs/snapshots/select-snapshot.ts';
import { clientFor, takeBackup } from '../../../support/backup.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { addTag } from '../../../support/stand-in/tags.ts';
import { addVariable } from '../../../support/stand-in/variables.ts';
import { addWorkflow } from '../../../support/stand-in/workflow-actions.ts';

let prod: StandIn;
let other: StandIn;
let store: MemoryStore;
beforeEach(async () => {
  [prod, other] = await Promise.all([startStandIn({ seed: 'prod' }), startStandIn({ seed: 'other' })]);
  store = new MemoryStore();
});
afterEach(() => Promise.all([prod.stop(), other.stop()]));

function fill(n8n: StandIn, count: number, name = 'w'): void {
  for (let index = 0; index < count; index++)
    addWorkflow(n8n.state, { id: `${name}x${index}`, name: `${name} ${index}` });
}

const flags = async (): Promise<string[][]> => (await store.list('prod')).map((info) => [...info.flags]);
const latest = async (): Promise<string> => selectSnapshot(await store.list('prod'), 'latest').id;
const idOf = ({ stores: [outcome] }: BackupReport): string =>
  outcome?.status === 'failed' || outcome === undefined ? 'failed' : outcome.snapshot.id;

describe('a server that lost nearly everything', () => {
  it('a server that lost nearly everything is saved as unconfirmed, and latest means the snapshot before', async () => {
    fill(prod, 6);
    const full = idOf(await takeBackup(prod, { store }));
    prod.state.workflows.clear();
    const lost = await takeBackup(prod, { store });
    expect(backupOutcome(lost)).toMatchObject({ exitCode: 3, error: { code: 'unconfirmed' } });
    expect(await flags()).toEqual([['shrunk', 'unconfirmed'], []]);
    expect(await latest()).toBe(full);

    const again = await takeBackup(prod, { store });
    expect(again.stores[0]).toMatchObject({ status: 'unchanged', unconfirmed: { lost: 6, of: 6, before: full } });
    expect(backupOutcome(again).exitCode).toBe(3);

    addTag(prod.state, { name: 'new' });
    expect(backupOutcome(await takeBackup(prod, { store })).exitCode).toBe(3);
    expect(await latest()).toBe(full);
  });

  it('a loss that somebody confirms is what latest means, once and for all', async () => {
    fill(prod, 6);
    await takeBackup(prod, { store });
    prod.state.workflows.clear();
    await takeBackup(prod, { store });
    const confirmed = await takeBackup(prod, { store, confirm: true });
    expect(backupOutcome(confirmed).exitCode).toBe(0);
    expect((await store.list('prod'))[0]).toMatchObject({ flags: ['confirmed'], subject: 'prod: confirmed as it is' });
    expect(await latest()).toBe(idOf(confirmed));
    for (const confirm of [false, true]) {
      const after = await takeBackup(prod, { store, confirm });
      expect(after.stores[0]).toMatchObject({ status: 'unchanged' });
      expect(backupOutcome(after).exitCode).toBe(0);
    }
  });

  it('a loss is over when most is back', async () => {
    fill(prod, 6);
    await takeBackup(prod, { store });
    const saved = new Map(prod.state.workflows);
    prod.state.workflows.clear();
    await takeBackup(prod, { store });
    for (const [id, workflow] of saved) prod.state.workflows.set(id, workflow);
    const back = await takeBackup(prod, { store });
    expect([backupOutcome(back).exitCode, back.stores[0]?.status]).toEqual([0, 'saved']);
    expect(await flags()).toEqual([[], ['shrunk', 'unconfirmed'], []]);
    expect((await takeBackup(prod, { store })).stores[0]?.status).toBe('unchanged');
    fill(prod, 1, 'new');
    expect(backupOutcome(await takeBackup(prod, { store })).exitCode).toBe(0);
    expect((await flags())[0]).toEqual([]);
  });

  it('an unconfirmed loss that comes back in part is flagged against the state before it', async () => {
    fill(prod, 10);
    await takeBackup(prod, { store });
    prod.state.workflows.clear();
    await takeBackup(prod, { store });
    fill(prod, 3);
    expect(backupOutcome(await takeBackup(prod, { store })).exitCode).toBe(0);
    expect((await flags())[0]).toEqual(['shrunk']);
  });
});

describe('two servers under one name', () => {
  it('two servers under one name: the second is refused, and the first goes on', async () => {
    fill(prod, 2, 'a');
    fill(other, 2, 'b');
    await takeBackup(prod, { store });
    await expect(takeBackup(other, { store })).rejects.toMatchObject({ code: 'other-server', exitCode: 1 });
    expect(await flags()).toHaveLength(1);
    fill(prod, 1, 'c');
    expect(backupOutcome(await takeBackup(prod, { store })).exitCode).toBe(0);
  });

  it('two servers under one name: one that has nothing yet is never what latest means', async () => {
    fill(prod, 1);
    const full = idOf(await takeBackup(prod, { store }));
    expect(backupOutcome(await takeBackup(other, { store })).exitCode).toBe(3);
    expect(await latest()).toBe(full);
  });

  it('two servers under one name: what a new server cannot give, and is carried over, is not its own', async () => {
    await using licensed = await startStandIn({ seed: 'licensed', licensed: true });
    fill(licensed, 2);
    addVariable(licensed.state, { key: 'API_URL', value: 'x', projectId: null });
    const full = idOf(await takeBackup(licensed, { store }));
    expect(backupOutcome(await takeBackup(other, { store })).exitCode).toBe(3);
    expect(await latest()).toBe(full);
  });

  it('two servers under one name: a moved server is one question, in every store, and the old one is refused', async () => {
    fill(prod, 4);
    fill(other, 4);
    const second = new MemoryStore('second');
    const stores = [store, second];
    await takeBackup(prod, { stores });
    // Saved by the old one as its own, the same state of the new one is nothing new; what it adds is.
    fill(other, 1, 'new');
    await expect(takeBackup(other, { stores })).rejects.toMatchObject({ code: 'other-server' });
    expect(backupOutcome(await takeBackup(other, { store, confirm: true })).exitCode).toBe(0);
    expect(backupOutcome(await takeBackup(other, { stores })).exitCode).toBe(0);
    fill(other, 1, 'newer');
    expect(backupOutcome(await takeBackup(other, { stores })).exitCode).toBe(0);
    await expect(takeBackup(prod, { stores })).rejects.toMatchObject({ code: 'other-server' });
  });

  it('two servers under one name: without the right to list users, the ids in common tell', async () => {
    const keys = prod.createKey(['workflow:list', 'workflow:read']);
    const client = (n8n: StandIn, apiKey: string) => clientFor({ url: n8n.url, apiKey });
    fill(prod, 3, 'a');
    fill(other, 3, 'b');
    await takeBackup(prod, { store, client: client(prod, keys) });
    const foreign = client(other, other.createKey(['workflow:list', 'workflow:read']));
    await expect(takeBackup(other, { store, client: foreign })).rejects.toMatchObject({ code: 'other-server' });
  });
});

describe('which server a snapshot is of', () => {
  it('which server a snapshot is of is in its header, and no reason to save one', async () => {
    fill(prod, 2);
    await takeBackup(prod, { store });
    const read = await store.latest('prod');
    const header = JSON.parse(Buffer.from(await read!.read('flowkeep.json')).toString()) as Record<string, unknown>;
    expect(header['server']).toEqual({
      owner: prod.state.owner.id,
      instanceId: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    const keys = prod.createKey('all');
    const blind = clientFor({ url: prod.url, apiKey: keys });
    prod.fault({ path: '/users', action: { status: 403, body: { message: 'Forbidden' } } });
    expect((await takeBackup(prod, { store, client: blind })).stores[0]).toMatchObject({ status: 'unchanged' });
  });
});
