import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FlowkeepError } from '../../../../src/lib/errors.ts';
import { startRun } from '../../../../src/jobs/restore/restore-run.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import { clientFor, jobFor, saveSnapshot } from '../../../support/restore/run.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';

let n8n: StandIn;
beforeEach(async () => {
  n8n = await startStandIn({ licensed: true, seed: 'one' });
});
afterEach(() => n8n.stop());

describe('the run of a restore', () => {
  it('the run of a restore ends its requests and its reading of the store with the error of a lock that was lost', async () => {
    const client = clientFor(n8n);
    const store = new MemoryStore();
    await saveSnapshot(client, store);
    const lease = new AbortController();
    const job = await jobFor(client, store, {
      lock: async () => ({ signal: lease.signal, waited: false, async [Symbol.asyncDispose]() {} }),
    });
    const run = startRun(job);
    await using _lock = await run.lock();
    await run.target.client.get('/tags');
    const lost = new FlowkeepError('lock-lost', 'another run has taken over');
    lease.abort(lost);
    await expect(run.target.client.get('/tags')).rejects.toBe(lost);
    await expect(run.documents.readJournal()).rejects.toThrow();
    expect(run.signal.reason).toBe(lost);
  });
});
