import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupOutcome } from '../../../../src/jobs/outcome.ts';
import type { N8nClient } from '../../../../src/n8n/http/types.ts';
import { openVerified } from '../../../../src/jobs/snapshots/open-verified.ts';
import { shrinkageOf } from '../../../../src/jobs/snapshots/last-full.ts';
import { selectSnapshot } from '../../../../src/jobs/snapshots/select-snapshot.ts';
import { printPlan } from '../../../../src/restore/plan/output/print-plan.ts';
import type { Store } from '../../../../src/store/store.ts';
import { clientFor, takeBackup } from '../../../support/backup.ts';
import { encrypted, newKeys, type EncryptedOptions } from '../../../support/encryption.ts';
import { emptyMemoryState, MemoryStore } from '../../../support/memory-store.ts';
import { runRestore } from '../../../support/restore/run.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { addWorkflow } from '../../../support/stand-in/workflow-actions.ts';
import { testTools } from '../../../support/tools.ts';

let old: StandIn;
let fresh: StandIn;
let store: MemoryStore;
beforeEach(async () => {
  [old, fresh] = await Promise.all([startStandIn({ seed: 'old' }), startStandIn({ seed: 'fresh' })]);
  store = new MemoryStore();
});
afterEach(() => Promise.all([old.stop(), fresh.stop()]));

const READ_AND_IMPORT = ['workflow:list', 'workflow:read', 'workflow:create', 'workflow:import', 'workflow:export'];

function fill(n8n: StandIn, count: number, name = 'w'): void {
  for (let index = 0; index < count; index++) {
    addWorkflow(n8n.state, { id: `${name}x${index}`, name: `${name} ${index}` });
  }
}

async function restoreLatest(client: N8nClient, from: Store = store) {
  const { id } = selectSnapshot(await from.list('prod'), 'latest');
  return runRestore(client, from, { into: 'prod', snapshot: await from.open('prod', id) });
}

describe('a restore into another server', () => {
  it.each([
    ['a key that lists users', 6, 'all' as const],
    ['a key that does not', 6, READ_AND_IMPORT],
    ['a key that does not, and few items', 2, READ_AND_IMPORT],
  ])('a restore into another server is an answer that backups to every store know: %s', async (_, count, scopes) => {
    const second = new MemoryStore('second');
    const stores = [store, second];
    const clientOf = (n8n: StandIn) => clientFor({ url: n8n.url, apiKey: n8n.createKey(scopes) });
    fill(old, count);
    await takeBackup(old, { stores, client: clientOf(old) });
    await takeBackup(fresh, { stores, client: clientOf(fresh) });
    const restored = await restoreLatest(clientOf(fresh));
    expect(restored.plan.otherServer).toBeUndefined();
    expect(restored.items.map(({ result }) => result)).toEqual(Array.from({ length: count }, () => 'restored'));

    expect(backupOutcome(await takeBackup(fresh, { stores, client: clientOf(fresh) })).exitCode).toBe(0);
    fill(fresh, 1, 'new');
    const next = await takeBackup(fresh, { stores, client: clientOf(fresh) });
    expect(next.stores.map(({ status }) => status)).toEqual(['saved', 'saved']);
    fill(old, 1, 'other');
    await expect(takeBackup(old, { stores, client: clientOf(old) })).rejects.toMatchObject({ code: 'other-server' });
  });

  it('a restore into another server is known to a daemon that cannot read what it saved', async () => {
    const keys = await newKeys();
    const state = emptyMemoryState();
    const open = (own: EncryptedOptions) => encrypted(new MemoryStore('vault', state), own);
    const daemon = open({ recipient: keys.recipient });
    fill(old, 6);
    await takeBackup(old, { store: daemon });
    expect(backupOutcome(await takeBackup(fresh, { store: daemon })).exitCode).toBe(3);
    await restoreLatest(clientFor(fresh), open(keys));
    expect(backupOutcome(await takeBackup(fresh, { store: daemon })).exitCode).toBe(0);
    fill(fresh, 1, 'new');
    expect(backupOutcome(await takeBackup(fresh, { store: daemon })).exitCode).toBe(0);
    fill(old, 1, 'other');
    await expect(takeBackup(old, { store: daemon })).rejects.toMatchObject({ code: 'other-server' });
  });

  it('a restore into another server that is not empty says so at the top of the plan, once', async () => {
    fill(old, 3);
    fill(fresh, 2, 'own');
    await takeBackup(old, { store });
    const { plan } = await restoreLatest(clientFor(fresh));
    expect(plan.otherServer).toBe('foreign');
    expect(printPlan(plan)).toMatch(/^WARNING: .* is not the server that snapshot .* is of/);
    expect((await restoreLatest(clientFor(fresh))).plan.otherServer).toBeUndefined();
    expect((await runRestore(clientFor(fresh), store, { into: 'copy' })).plan.otherServer).toBeUndefined();
  });

  it('a restore into the old server makes that one the instance again', async () => {
    fill(old, 6);
    await takeBackup(old, { store });
    await restoreLatest(clientFor(fresh));
    old.state.workflows.delete('wx0');
    await restoreLatest(clientFor(old));
    fill(old, 1, 'new');
    expect(backupOutcome(await takeBackup(old, { store })).exitCode).toBe(0);
    fill(fresh, 1, 'other');
    await expect(takeBackup(fresh, { store })).rejects.toMatchObject({ code: 'other-server' });
  });
});

describe('the last full snapshot', () => {
  const shrinkage = async (selector: string) =>
    shrinkageOf(await openVerified([store], 'prod', selector, testTools()), selector, new AbortController().signal);

  it('the last full snapshot is named for a shrunk one, and for those after it that still lack as much', async () => {
    fill(old, 10);
    await takeBackup(old, { store });
    const [full] = await store.list('prod');
    for (let index = 0; index < 7; index++) old.state.workflows.delete(`wx${index}`);
    await takeBackup(old, { store });
    expect(await shrinkage('latest')).toEqual({ kinds: ['workflows'], full });
    const [shrunk] = await store.list('prod');
    expect(await shrinkage(shrunk!.id)).toBeNull();
    expect(await shrinkage(shrunk!.id.slice(0, -2))).toBeNull();
    expect(await shrinkage('latest~1')).toBeNull();

    addWorkflow(old.state, { id: 'one', name: 'one more' });
    await takeBackup(old, { store });
    expect(await shrinkage('latest')).toEqual({ kinds: ['workflows'], full });
    expect(await shrinkage('2999-01-01')).toEqual({ kinds: ['workflows'], full });

    await takeBackup(old, { store, confirm: true });
    fill(old, 1, 'after');
    await takeBackup(old, { store });
    expect(await shrinkage('latest')).toBeNull();
  });
});
