import { describe, expect, it } from 'vitest';
import { endpointOf } from '../../../../../src/n8n/http/throttle/endpoint.ts';
import { Throttle } from '../../../../../src/n8n/http/throttle/throttle.ts';
import { TestClock } from '../../support/clock.ts';

const endpoint = endpointOf('GET', '/tags');
const turn = { endpoint, signal: new AbortController().signal, attempt: 1 };

function throttle(clock: TestClock): Throttle {
  return new Throttle({ concurrency: 4, requestsPerSecond: 10_000 }, clock);
}

describe('Throttle', () => {
  it('Throttle runs no more at the same time than it may', async () => {
    const limited = new Throttle({ concurrency: 2, requestsPerSecond: 10_000 }, new TestClock());
    let running = 0;
    let most = 0;
    const task = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    await Promise.all(Array.from({ length: 10 }, () => limited.run(task, turn)));
    expect(most).toBe(2);
  });

  it('Throttle holds requests no longer where the clock is set back meanwhile', async () => {
    const clock = new TestClock();
    let backMs = 0;
    const paused = new Throttle(
      { concurrency: 4, requestsPerSecond: 10_000 },
      {
        now: () => clock.now() - backMs,
        sleep: (ms, signal) => clock.sleep(ms, signal),
        random: () => clock.random(),
      },
    );
    const began = clock.now();
    paused.refused(endpoint, 30_000, undefined);
    backMs = 400 * 86_400_000;
    await paused.run(() => Promise.resolve(), turn);
    expect(clock.now() - began).toBeLessThan(60_000);
  });

  it('Throttle holds every request while it is paused, and counts the pause once', async () => {
    const clock = new TestClock();
    const paused = throttle(clock);
    const began = clock.now();
    paused.refused(endpoint, 30_000, undefined);
    paused.refused(endpoint, 10_000, undefined);
    const times = await Promise.all(
      Array.from({ length: 3 }, () => paused.run(() => Promise.resolve(clock.now()), turn)),
    );
    expect(Math.min(...times) - began).toBeGreaterThanOrEqual(30_000);
    expect(paused.pausedMs).toBe(30_000);
  });

  it.each([
    ['much is left', { limit: '100', remaining: '50', reset: '30' }, 0],
    ['little is left: spread over the rest', { limit: '100', remaining: '9', reset: '30' }, 3000],
    ['nothing is left: until the reset', { limit: '100', remaining: '0', reset: '30' }, 30_000],
    ['the reset is a point in time', { limit: '100', remaining: '0', reset: '1768478430' }, 30_000],
    ['a header is no number', { limit: 'many', remaining: '0', reset: '30' }, 0],
    ['the reset is far away', { limit: '100', remaining: '0', reset: '86400' }, 60_000],
  ])('Throttle slows down by X-RateLimit headers where %s', (_case, values, ms) => {
    const clock = new TestClock();
    const observed = throttle(clock);
    observed.observe(
      endpoint,
      new Headers({
        date: new Date(clock.now()).toUTCString(),
        'x-ratelimit-limit': values.limit,
        'x-ratelimit-remaining': values.remaining,
        'x-ratelimit-reset': values.reset,
      }),
    );
    expect(observed.pausedMs).toBe(ms);
  });

  it('Throttle lets a later attempt go before requests that had none', async () => {
    const narrow = new Throttle({ concurrency: 1, requestsPerSecond: 10_000 }, new TestClock());
    const order: string[] = [];
    const task = (name: string) => (): Promise<void> => {
      order.push(name);
      return Promise.resolve();
    };
    const first = narrow.run(task('first'), turn);
    await Promise.all([first, narrow.run(task('new'), turn), narrow.run(task('again'), { ...turn, attempt: 2 })]);
    expect(order).toEqual(['first', 'again', 'new']);
  });

  it('Throttle ends a wait for its turn at once when it is aborted', async () => {
    const busy = new Throttle({ concurrency: 1, requestsPerSecond: 10_000 }, new TestClock());
    const release = Promise.withResolvers<void>();
    const first = busy.run(() => release.promise, turn);
    const controller = new AbortController();
    const second = busy.run(() => Promise.resolve('ran'), { ...turn, signal: controller.signal });
    controller.abort();
    await expect(second).rejects.toMatchObject({ code: 'interrupted' });
    release.resolve();
    await first;
  });
});
