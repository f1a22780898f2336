import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../../../src/lib/secrets/secret.ts';
import type { N8nClient } from '../../../../../src/n8n/http/types.ts';
import type { RequestLimit } from '../../../../support/stand-in/rate-limits.ts';
import { startStandIn, type StandIn } from '../../../../support/stand-in/start.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';
import { testClient } from '../../support/client.ts';

const MINUTE_MS = 60_000;
const PLENTY: RequestLimit = { perEndpoint: 1000, global: 1000 };

let n8n: StandIn;
let clock: VirtualClock;
let client: N8nClient;

beforeEach(async () => {
  n8n = await startStandIn({ licensed: true });
  clock = new VirtualClock();
  client = testClient(n8n.url, {
    apiKey: new Secret(n8n.apiKey),
    clock,
    rateLimit: { concurrency: 2, requestsPerSecond: 10_000 },
  });
});

afterEach(async () => {
  await client.close();
  await n8n.stop();
});

/** What was sent to a path, as statuses. */
function statuses(method: string, path: string): number[] {
  return n8n.requests.filter((seen) => seen.method === method && seen.path === path).map(({ status }) => status);
}

/** Lets simulated time pass until the work is done. @returns the minutes that this took */
async function minutesUntil(work: Promise<unknown>): Promise<number> {
  const began = clock.now();
  const state = { done: false };
  const watched = work.finally(() => (state.done = true));
  while (!state.done) await clock.advance(MINUTE_MS);
  await watched;
  return (clock.now() - began) / MINUTE_MS;
}

/** Resolves when the client knows that it was refused. */
async function refusal(): Promise<void> {
  while (client.stats.retries === 0) await new Promise((resolve) => setImmediate(resolve));
}

describe('limits of n8n', () => {
  it('limits of n8n hold the endpoint that is busy, and no other, whose requests need no simulated time', async () => {
    n8n.limitRequests({ reads: { perEndpoint: 3, global: 1000 }, writes: PLENTY }, () => clock.now());
    const busy = Promise.all(Array.from({ length: 200 }, () => client.get('/tags')));
    await refusal();
    const began = clock.now();
    await Promise.all(['/workflows', '/credentials', '/variables', '/projects'].map((path) => client.get(path)));
    await client.post('/tags', { name: 'written meanwhile' });
    expect(clock.now()).toBe(began);
    expect(statuses('GET', '/tags').filter((status) => status === 200)).toHaveLength(3);
    n8n.limitRequests({ reads: PLENTY, writes: PLENTY }, () => clock.now());
    expect(await minutesUntil(busy)).toBeGreaterThanOrEqual(1);
    expect(statuses('GET', '/tags').filter((status) => status === 200)).toHaveLength(200);
  });

  it('limits of n8n for writes do not hold reads', async () => {
    n8n.limitRequests({ reads: PLENTY, writes: { perEndpoint: 100, global: 1 } }, () => clock.now());
    const writes = Promise.all([
      client.post('/tags', { name: 'a' }),
      client.post('/projects', { name: 'a' }),
      client.post('/variables', { key: 'a', value: 'a' }),
    ]);
    await refusal();
    const began = clock.now();
    await Promise.all([client.get('/tags'), client.get('/variables')]);
    expect(clock.now()).toBe(began);
    await minutesUntil(writes);
  });

  it('limits of n8n for all reads hold all of them, once two endpoints were refused by one counter', async () => {
    n8n.limitRequests({ reads: { perEndpoint: 100, global: 2 }, writes: PLENTY }, () => clock.now());
    await Promise.all([client.get('/tags'), client.get('/tags')]);
    const refused = Promise.all([client.get('/workflows'), client.get('/variables')]);
    await refusal();
    const later = client.get('/credentials');
    await client.post('/tags', { name: 'written meanwhile' });
    expect(statuses('GET', '/credentials')).toEqual([]);
    await minutesUntil(Promise.all([refused, later]));
    expect(statuses('GET', '/credentials')).toEqual([200]);
  });

  it('a proxy that refuses holds the whole instance', async () => {
    n8n.fault({ path: '/tags', action: { status: 429, headers: { 'retry-after': '60' } } });
    const refused = client.get('/tags');
    await refusal();
    const others = Promise.all([client.get('/workflows'), client.post('/tags', { name: 'a' })]);
    await clock.advance(MINUTE_MS - 1);
    expect(n8n.requests).toHaveLength(1);
    await minutesUntil(Promise.all([refused, others]));
    expect(n8n.requests).toHaveLength(4);
  });
});
