import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { N8nClient } from '../../../../src/n8n/http/types.ts';
import type { UnaskedStore } from '../../../../src/jobs/snapshots/unasked.ts';
import { StoreError } from '../../../../src/store/errors.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import { clientFor, runRestore, saveSnapshot } from '../../../support/restore/run.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';

/** Without packages a table comes back under a new id: nothing but the memory of that run says which one it is. */
let source: StandIn;
let copy: StandIn;
let client: N8nClient;
let near: MemoryStore;
let far: MemoryStore;

const IDENTITY = 'copy/identity.json';
const unasked: UnaskedStore[] = [{ store: 'near', error: new StoreError('unreachable', 'near is down') }];

beforeEach(async () => {
  source = await startStandIn({ licensed: true, seed: 'one' });
  copy = await startStandIn({ licensed: true, packages: false, seed: 'two' });
  client = clientFor(copy);
  near = new MemoryStore('near');
  far = new MemoryStore('far');
  source.addGeneratedTable({ name: 'Orders', rows: 2 });
  for (const store of [near, far]) await saveSnapshot(clientFor(source), store);
});
afterEach(async () => {
  await source.stop();
  await copy.stop();
});

async function tables(): Promise<string[]> {
  const { data } = (await client.get('/data-tables')) as { data: { name: string }[] };
  return data.map(({ name }) => name).sort();
}

/** The table under another name: by its name it is not found any more. */
async function rename(): Promise<void> {
  const { data } = (await client.get('/data-tables')) as { data: { id: string }[] };
  await client.patch(`/data-tables/${data[0]!.id}`, { name: 'Orders of today' });
}

describe('what restores remember, over two stores', () => {
  it('the other store gets it, and knows the items while the first one is down', async () => {
    await runRestore(client, near, { otherStores: [far] });
    expect((await far.readDocument(IDENTITY))?.content).toEqual((await near.readDocument(IDENTITY))?.content);
    await rename();
    await runRestore(client, far, { unasked });
    expect(await tables()).toEqual(['Orders']);
  });

  it('what only the other store remembers counts, and is taken over', async () => {
    await runRestore(client, near);
    await rename();
    expect(await far.readDocument(IDENTITY)).toBeNull();
    const report = await runRestore(client, far, { otherStores: [near] });
    expect(await tables()).toEqual(['Orders']);
    expect(report.exitCode).toBe(0);
    expect((await far.readDocument(IDENTITY))?.content).toEqual((await near.readDocument(IDENTITY))?.content);
  });

  it('a restore stops where the store that is down may know the items, and goes on with --store', async () => {
    await runRestore(client, near);
    await rename();
    await expect(runRestore(client, far, { unasked })).rejects.toMatchObject({
      code: 'restore-memory',
      message: expect.stringMatching(/data tables of the snapshot may be on the target.*\n.*near is down/) as string,
      remedy: expect.stringContaining('--store far') as string,
    });
    expect(await tables()).toEqual(['Orders of today']);
    const warn = vi.fn();
    const { logger } = { logger: { debug: warn, info: warn, warn, error: warn } };
    expect(await runRestore(client, far, { unasked, dryRun: true, logger })).toMatchObject({ status: 'planned' });
    expect(warn).toHaveBeenCalledWith({ code: 'restore-memory' }, expect.stringContaining('would stop'));
    await runRestore(client, far);
    expect(await tables()).toEqual(['Orders', 'Orders of today']);
  });

  it('on a target that has nothing else, nothing can be there twice: it does not stop', async () => {
    expect(await runRestore(client, far, { unasked })).toMatchObject({ status: 'applied', exitCode: 0 });
    expect(await tables()).toEqual(['Orders']);
  });

  it('a restore that was interrupted with the other store is finished with this one', async () => {
    const journal = { flowkeepRestoreJournal: 1, startedAt: '', snapshot: 'x', before: {}, stubs: [] };
    const content = Buffer.from(JSON.stringify({ ...journal, temporaryCredentials: [] }));
    await near.writeDocument('copy/restore-journal.json', content, null);
    await runRestore(client, far, { otherStores: [near] });
    expect(await near.readDocument('copy/restore-journal.json')).toBeNull();
    expect(await far.readDocument('copy/restore-journal.json')).toBeNull();
  });
});
