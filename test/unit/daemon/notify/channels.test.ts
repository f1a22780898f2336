import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Channel, OpenAlert } from '../../../../src/daemon/notify/channel.ts';
import type { Notice } from '../../../../src/daemon/notify/events.ts';
import { Notifier } from '../../../../src/daemon/notify/notifier.ts';
import { CHANNELS, openAlerts } from '../../../../src/daemon/notify/registry.ts';
import type { FinishedRun } from '../../../../src/daemon/run.ts';
import { Secret } from '../../../../src/lib/secrets/secret.ts';
import { systemClock } from '../../../../src/lib/time.ts';
import { Receiver } from '../../../support/daemon/receiver.ts';
import { logTo, makeReport, type Line } from '../support.ts';

const run: FinishedRun = {
  ...{ instance: 'prod', job: 'backup', status: 'success', exitCode: 0, startedAt: 0, durationMs: 1234 },
  backup: makeReport(),
};
const failedRun: FinishedRun = {
  ...{ ...run, status: 'failed', exitCode: 1 },
  error: { code: 'n8n-unreachable', message: 'n8n does not answer', remedy: 'Start it.' },
};
const instance = 'prod';
const started: Notice = { event: 'started', instance };
const ended: Notice = { event: 'ended', instance, run };
const endedBadly: Notice = { event: 'ended', instance, run: failedRun };
const failed: Notice = { event: 'failed', instance, run: failedRun, error: failedRun.error! };
const shrunk: Notice = { event: 'shrunk', instance, run, kinds: ['workflows'] };
const all: Notice[] = [started, ended, endedBadly, failed, { event: 'recovered', instance, run }, shrunk];

const clock = { ...systemClock, sleep: async () => {} };

/** Sends notices and waits until each was sent or given up. */
async function notify(
  alerts: readonly OpenAlert[],
  notices: readonly Notice[],
  options: { readonly lines?: Line[]; readonly timeoutMs?: number } = {},
): Promise<void> {
  const { lines = [], ...rest } = options;
  const notifier = new Notifier({
    clock,
    logger: logTo(lines),
    signal: new AbortController().signal,
    ...rest,
  });
  notifier.notify(alerts, notices);
  await notifier.flush();
}

const alertsOf = (alerts: Parameters<typeof openAlerts>[0]['alerts'], name = instance): OpenAlert[] =>
  openAlerts({ alerts, instances: [] })(name);
const urlOf = (receiver: Receiver, path: string): Secret => new Secret(receiver.url(path));

describe('the registry', () => {
  it('the registry has every file of channels/, by its name', () => {
    const files = readdirSync(new URL('../../../../src/daemon/notify/channels/', import.meta.url));
    expect(Object.keys(CHANNELS).sort()).toEqual(files.map((file) => file.replace(/\.ts$/, '')).sort());
  });

  it('the registry opens the short forms `webhook` and `ping` as what they are short for', async () => {
    await using receiver = await Receiver.start();
    const hook = urlOf(receiver, '/hook');
    const ping = urlOf(receiver, '/ping');
    const open = openAlerts({
      alerts: { webhook: hook },
      instances: [{ name: 'prod', ping }, { name: 'other' }],
    });
    expect(open('prod').map(({ type }) => type)).toEqual(['webhook', 'ping']);
    expect(open('other').map(({ type }) => type)).toEqual(['webhook']);
    await notify(open('prod'), all);
    const short = receiver.received.splice(0);
    await notify(
      alertsOf([
        { type: 'webhook', url: hook },
        { type: 'ping', url: ping },
      ]),
      all,
    );
    expect(receiver.received.toSorted(byText)).toEqual(short.toSorted(byText));
  });
});

const byText = (a: object, b: object): number => JSON.stringify(a).localeCompare(JSON.stringify(b));

describe('what a channel is told of', () => {
  it('what a channel is reported can be chosen by event', async () => {
    await using receiver = await Receiver.start();
    await notify(alertsOf([{ type: 'webhook', url: urlOf(receiver, '/hook'), events: ['shrunk'] }]), all);
    expect(receiver.received.map(({ body }) => (JSON.parse(body) as { event: string }).event)).toEqual(['shrunk']);
  });

  it('what a channel is reported can be chosen by instance', async () => {
    await using receiver = await Receiver.start();
    const only = { type: 'webhook', url: urlOf(receiver, '/hook'), instances: ['staging'] };
    await notify(alertsOf([only], 'prod'), all);
    expect(receiver.received).toEqual([]);
    await notify(alertsOf([only], 'staging'), [failed]);
    expect(receiver.received).toHaveLength(1);
  });
});

describe('webhook', () => {
  it('posts a JSON document with a text and the fields of the run', async () => {
    await using receiver = await Receiver.start();
    await notify(alertsOf([{ type: 'webhook', url: urlOf(receiver, '/hook?key=1') }]), [failed, shrunk]);
    expect(receiver.received.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array<string>(2).fill('POST /hook?key=1'),
    );
    expect(receiver.received.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      {
        text: 'flowkeep: backup of prod failed: n8n does not answer\n→ Start it.',
        ...{ event: 'failed', error: failedRun.error, instance: 'prod', job: 'backup', status: 'failed' },
        ...{ exitCode: 1, durationMs: 1234, startedAt: '1970-01-01T00:00:00.000Z' },
        snapshot: '20260101T000000Z-00000000',
      },
      expect.objectContaining({
        ...{ event: 'shrunk', kinds: ['workflows'] },
        text: expect.stringContaining('workflows lost over half of their items') as string,
      }),
    ]);
  });
});

describe('ping', () => {
  const paths = async (path: string): Promise<string[]> => {
    await using receiver = await Receiver.start();
    await notify(alertsOf([{ type: 'ping', url: urlOf(receiver, path) }]), [started, ended, endedBadly]);
    return receiver.received.map(({ method, path: at, body }) => `${method} ${at} ${body}`);
  };

  it('ping tells healthchecks.io of start, success and failure', async () => {
    expect(await paths('/abc/')).toEqual(['POST /abc/start ', 'POST /abc/ ok', 'POST /abc/fail n8n does not answer']);
  });

  it('ping pushes the state to Uptime Kuma', async () => {
    expect(await paths('/api/push/abc')).toEqual([
      'GET /api/push/abc?status=up&msg=ok&ping=1234 ',
      'GET /api/push/abc?status=down&msg=n8n+does+not+answer&ping=1234 ',
    ]);
  });
});

describe('a channel that does not work', () => {
  const alert = (channel: Channel): OpenAlert => ({ type: 'toy', events: ['failed'], channel });
  const throws = alert({
    host: 'a',
    send: () => {
      throw new Error('out of order');
    },
  });
  const hangs = alert({ host: 'b', send: () => new Promise(() => undefined) });

  it('a channel that does not work is tried three times, and logged without its address', async () => {
    await using receiver = await Receiver.start();
    receiver.answer = 500;
    const lines: Line[] = [];
    const hook = alertsOf([{ type: 'webhook', url: urlOf(receiver, '/planted') }]);
    await notify([throws, ...hook], [failed], { lines });
    expect(receiver.received).toHaveLength(3);
    expect(lines.map(({ fields }) => fields)).toEqual([
      { alert: 'toy', host: 'a', problem: 'out of order' },
      { alert: 'webhook', host: new URL(receiver.url('/')).host, problem: 'HTTP 500' },
    ]);
    expect(JSON.stringify(lines)).not.toContain('/planted');
  });

  it('a channel that does not work is given up after its time, even if it does not heed the signal', async () => {
    const lines: Line[] = [];
    await notify([hangs], [failed], { lines, timeoutMs: 1 });
    expect(lines.map(({ fields }) => fields)).toEqual([
      { alert: 'toy', host: 'b', problem: expect.stringContaining('timeout') as string },
    ]);
  });

  it('a channel that does not work holds up no other, and is given up when the daemon ends', async () => {
    await using receiver = await Receiver.start();
    const stop = new AbortController();
    const lines: Line[] = [];
    const notifier = new Notifier({ clock, logger: logTo(lines), signal: stop.signal });
    const hook = alertsOf([{ type: 'webhook', url: urlOf(receiver, '/hook') }]);
    notifier.notify([hangs, ...hook], [failed, failed]);
    await expect.poll(() => receiver.received.length).toBe(2);
    expect(lines).toEqual([]);
    stop.abort();
    await notifier.flush();
    expect(lines).toHaveLength(2);
  });

  it('a channel that does not work does not pile up notices without end', async () => {
    const lines: Line[] = [];
    const stop = new AbortController();
    const notifier = new Notifier({ clock, logger: logTo(lines), signal: stop.signal });
    notifier.notify([hangs], Array<Notice>(103).fill(failed));
    expect(lines.map(({ message }) => message)).toEqual(
      Array<string>(2).fill('too many alerts are pending; this one is dropped'),
    );
    stop.abort();
    await notifier.flush();
  });
});
