import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/store/errors.ts';
import { makeInstance, makeReport, startTestDaemon, TOKEN, type TestDaemon } from './support.ts';

let daemon: TestDaemon | undefined;
afterEach(async () => {
  await daemon?.[Symbol.asyncDispose]();
  daemon = undefined;
});

const withToken = { token: TOKEN };

describe('what everybody may ask', () => {
  it('everybody may ask for health, status and metrics, without a token', async () => {
    daemon = await startTestDaemon({});
    expect(await (await daemon.get('/healthz')).json()).toEqual({ status: 'ok' });
    expect(await (await daemon.get('/v1/status')).json()).toMatchObject({
      version: '1.2.3',
      instances: [{ name: 'prod', running: null, overdue: false, snapshot: null }],
    });
    const metrics = await daemon.get('/metrics');
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(await metrics.text()).toContain('flowkeep_build_info{version="1.2.3"} 1');
  });

  it('readiness is 503 with the reason where a store cannot be used, without its address', async () => {
    const checkStores = () => Promise.reject(new StoreError('denied', 'bucket secret-bucket says no'));
    daemon = await startTestDaemon({ instances: [makeInstance({ checkStores })] });
    const answer = await daemon.get('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      status: 'not ready',
      problems: ['prod: a store cannot be used (store-denied)'],
    });
  });

  it('readiness is 503 where the backup is overdue', async () => {
    const newest = async () => ({
      id: 'x',
      takenAt: Date.now() - 3 * 3_600_000,
      ...{ header: makeReport().header, holders: ['repo'] },
    });
    const run = { backup: () => Promise.reject(new Error('n8n is down')) };
    const instance = makeInstance({ newest, run, schedules: { backup: '0 * * * *' } });
    daemon = await startTestDaemon({ instances: [instance] });
    await expect.poll(async () => (await daemon!.get('/readyz')).status).toBe(503);
    expect(await daemon.metric('flowkeep_backup_overdue{instance="prod"}')).toBe(1);
  });
});

describe('what starts a run', () => {
  it('a route that starts a run does not exist without a token', async () => {
    daemon = await startTestDaemon({});
    expect((await daemon.post('/v1/backup')).status).toBe(404);
    expect((await daemon.post('/v1/pull')).status).toBe(404);
  });

  it('a route that starts a run is refused without the right token', async () => {
    daemon = await startTestDaemon(withToken);
    for (const token of [null, '', 'wrong', `${TOKEN}x`, TOKEN.slice(1)]) {
      const answer = await daemon.post('/v1/backup', undefined, token);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect(await daemon.metric('flowkeep_runs_total{instance="prod",job="backup",status="success"}')).toBeNaN();
  });

  it('a route that starts a run queues a backup, once', async () => {
    let begun = 0;
    let end = (): void => undefined;
    const backup = async () => {
      begun++;
      await new Promise<void>((resolve) => (end = resolve));
      return makeReport();
    };
    daemon = await startTestDaemon({ ...withToken, instances: [makeInstance({ run: { backup } })] });
    const states: unknown[] = [];
    for (let i = 0; i < 3; i++) states.push(await (await daemon.post('/v1/backup')).json());
    expect(states[0]).toEqual({ runs: [{ instance: 'prod', state: 'queued' }] });
    expect(states.slice(1)).toEqual([1, 2].map(() => ({ runs: [{ instance: 'prod', state: 'running' }] })));
    end();
    await expect
      .poll(() => daemon!.metric('flowkeep_runs_total{instance="prod",job="backup",status="success"}'))
      .toBe(1);
    expect(begun).toBe(1);
  });

  it('a route that starts a run hands a pull its settings', async () => {
    const asked: unknown[] = [];
    const pull = (request: object) => {
      asked.push(request);
      return Promise.reject(new Error('not connected'));
    };
    daemon = await startTestDaemon({ ...withToken, instances: [makeInstance({ run: { pull } })] });
    const body = { instance: 'prod', force: true, autoPublish: 'published' };
    expect((await daemon.post('/v1/pull', body)).status).toBe(202);
    await expect.poll(() => asked).toEqual([{ force: true, autoPublish: 'published' }]);
  });

  it.each([
    ['an unknown instance', { instance: 'other' }, 404],
    ['an unknown field', { instnace: 'prod' }, 202],
    ['a wrong type', { instance: ['prod', 'x'] }, 400],
    ['a wrong choice', { autoPublish: 'everything' }, 400],
    ['broken JSON', '{"instance":', 400],
    ['a body that is too large', { instance: 'x'.repeat(20_000) }, 413],
  ])('a route that starts a run answers %s', async (_what, body, status) => {
    daemon = await startTestDaemon(withToken);
    const answer = await daemon.post('/v1/pull', body);
    expect(answer.status).toBe(status);
    expect(await answer.text()).not.toMatch(/\bat .*\.[jt]s/);
  });

  it('a route that starts a run refuses headers that are too large', async () => {
    daemon = await startTestDaemon(withToken);
    const { port } = new URL(daemon.url('/'));
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.once('data', (chunk) => {
        socket.destroy();
        resolve(chunk.toString());
      });
      socket.write(`GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 431/);
  });
});

/** A request with these headers, as a browser or a scraper sends it; `fetch` does not let `Host` be set. */
async function statusWith(path: string, headers: Readonly<Record<string, string>>, method = 'GET'): Promise<number> {
  const { port, hostname } = new URL(daemon!.url(path));
  const sent = request({ host: hostname, port, path, method, headers });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode ?? 0;
}

const PATHS = ['/healthz', '/readyz', '/metrics', '/v1/status', '/nothing'];

describe('a web page that asks the daemon', () => {
  it.each(['rebound.example.com', 'rebound.example.com:8080', '127.0.0.1.example.com', 'a.local', 'a@b.c', '%%%'])(
    'a web page whose name was pointed at this machine (Host: %s) is refused everything',
    async (host) => {
      daemon = await startTestDaemon(withToken);
      for (const path of PATHS) expect(await statusWith(path, { host })).toBe(403);
      expect(await statusWith('/v1/backup', { host }, 'POST')).toBe(403);
      expect(await statusWith('/v1/status', { host, authorization: 'Bearer wrong' })).toBe(403);
    },
  );

  it('a web page of another site is refused, and somebody who follows its link is not', async () => {
    daemon = await startTestDaemon(withToken);
    for (const site of ['cross-site', 'same-site']) {
      for (const mode of ['cors', 'no-cors']) {
        const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': mode };
        for (const path of PATHS) expect(await statusWith(path, headers)).toBe(403);
      }
      expect(await statusWith('/v1/status', { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' })).toBe(200);
    }
    expect(await statusWith('/v1/status', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' })).toBe(200);
  });

  it('a web page of another site can neither frame nor embed an answer', async () => {
    daemon = await startTestDaemon({});
    const { headers } = await daemon.get('/v1/status');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the names of the daemon', () => {
  it.each(['127.0.0.1', '127.0.0.1:1', '[::1]:8080', '10.42.0.7:8080', 'localhost', 'LOCALHOST:80', 'a.localhost'])(
    'the daemon answers under %s, which is an address or this machine',
    async (host) => {
      daemon = await startTestDaemon({});
      expect(await statusWith('/v1/status', { host })).toBe(200);
    },
  );

  it('the daemon answers under the name of a service without a dot, as compose gives it to Prometheus', async () => {
    daemon = await startTestDaemon({});
    expect(await statusWith('/metrics', { host: 'flowkeep:8080' })).toBe(200);
  });

  it('the daemon answers under a name of http.hosts, and under no other', async () => {
    daemon = await startTestDaemon({ hosts: ['Flowkeep.example.com'] });
    for (const host of ['flowkeep.example.com', 'FLOWKEEP.example.com:443', 'flowkeep.example.com.'])
      expect(await statusWith('/v1/status', { host })).toBe(200);
    for (const host of ['example.com', 'a.flowkeep.example.com', 'flowkeep.example.org'])
      expect(await statusWith('/v1/status', { host })).toBe(403);
  });

  it('the daemon answers under any name to who has the token', async () => {
    daemon = await startTestDaemon(withToken);
    const headers = { host: 'proxy.example.com', authorization: `Bearer ${TOKEN}` };
    expect(await statusWith('/v1/status', headers)).toBe(200);
    expect(await statusWith('/v1/backup', headers, 'POST')).toBe(202);
  });
});
