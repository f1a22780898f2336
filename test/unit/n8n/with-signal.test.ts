import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InterruptedError } from '../../../src/lib/errors.ts';
import { withSignal } from '../../../src/n8n/with-signal.ts';
import { clientFor } from '../../support/restore/run.ts';
import { startStandIn, type StandIn } from '../../support/stand-in/start.ts';

let n8n: StandIn;
beforeEach(async () => {
  n8n = await startStandIn({ licensed: true, seed: 'one' });
});
afterEach(() => n8n.stop());

describe('a client that is bound to a signal', () => {
  it('sends no request after the signal aborted', async () => {
    const run = new AbortController();
    const client = withSignal(clientFor(n8n), run.signal);
    await client.get('/tags');
    run.abort();
    await expect(client.post('/tags', { name: 'late' })).rejects.toBeInstanceOf(InterruptedError);
    expect(client.stats.requests).toBe(1);
  });

  it('a client that is bound to a signal leaves a request with a signal of its own to that signal', async () => {
    const run = new AbortController();
    const client = withSignal(clientFor(n8n), run.signal);
    run.abort();
    const own = new AbortController().signal;
    await expect(client.get('/tags', { signal: own })).resolves.toBeDefined();
  });
});
