import { secretUrlField } from '../../../config/secrets.ts';
import type { FinishedRun } from '../../run.ts';
import { defineChannel } from '../channel.ts';
import { RUN_EVENTS, type Notice } from '../events.ts';
import { request, type HttpRequest } from '../http-request.ts';

/** Characters of an error that are sent along. */
const MAX_TEXT = 1_000;

/** A dead-man's switch: silence is the alarm. */
export const ping = defineChannel({
  description: 'The start, success and failure of each backup, for healthchecks.io, Uptime Kuma and the like.',
  events: RUN_EVENTS,
  settings: (context) => ({ url: secretUrlField(context).describe('URL of the check; a secret.') }),
  open({ url: secret }) {
    return {
      host: new URL(secret.reveal()).host,
      async send(notice, signal) {
        const url = new URL(secret.reveal());
        // Uptime Kuma's push monitors: `/api/push/TOKEN?status=up&msg=OK&ping=`.
        const requestOf = url.pathname.includes('/api/push/') ? kumaRequest : healthchecksRequest;
        const made = requestOf(url, notice);
        if (made) await request(made, signal);
      },
    };
  },
});

type RunNotice = Notice<(typeof RUN_EVENTS)[number]>;

function healthchecksRequest(base: URL, notice: RunNotice): HttpRequest {
  if (notice.event === 'started') return { method: 'POST', url: withPath(base, '/start') };
  const { run } = notice;
  return {
    method: 'POST',
    url: run.status === 'success' ? base : withPath(base, '/fail'),
    body: { type: 'text/plain; charset=utf-8', text: textOf(run) },
  };
}

/** null: Uptime Kuma knows no start; a push counts as up. */
function kumaRequest(base: URL, notice: RunNotice): HttpRequest | null {
  if (notice.event === 'started') return null;
  const { run } = notice;
  const url = new URL(base);
  url.searchParams.set('status', run.status === 'success' ? 'up' : 'down');
  url.searchParams.set('msg', textOf(run));
  url.searchParams.set('ping', String(run.durationMs));
  return { method: 'GET', url };
}

function textOf({ error }: FinishedRun): string {
  return (error?.message ?? 'ok').slice(0, MAX_TEXT);
}

function withPath(base: URL, suffix: string): URL {
  const url = new URL(base);
  url.pathname = url.pathname.replace(/\/$/, '') + suffix;
  return url;
}
