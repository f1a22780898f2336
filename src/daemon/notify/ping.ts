import type { Secret } from '../../lib/secrets/secret.ts';
import type { FinishedRun } from '../types.ts';
import type { Message } from './send.ts';

/** Characters of an error that are sent along. */
const MAX_TEXT = 1_000;

/** A dead-man's switch: silence is the alarm. */
export function startPing(url: Secret): Message | null {
  // Uptime Kuma knows no start: a push counts as up.
  if (isKuma(url)) return null;
  return { what: 'ping', url, method: 'POST', address: (base) => withPath(base, '/start') };
}

/** null where there is nothing to say: another run does the work, or the daemon ends. */
export function endPing(url: Secret, run: FinishedRun): Message | null {
  if (run.status === 'locked' || run.status === 'interrupted') return null;
  const isUp = run.status === 'success';
  const text = (run.error?.message ?? 'ok').slice(0, MAX_TEXT);
  if (isKuma(url)) {
    const address = (base: URL): URL => withKumaStatus(base, isUp, text, run.durationMs);
    return { what: 'ping', url, method: 'GET', address };
  }
  return {
    what: 'ping',
    url,
    method: 'POST',
    address: (base) => (isUp ? base : withPath(base, '/fail')),
    body: { type: 'text/plain; charset=utf-8', text },
  };
}

/** Uptime Kuma's push monitors: `/api/push/TOKEN?status=up&msg=OK&ping=`. */
function isKuma(url: Secret): boolean {
  return new URL(url.reveal()).pathname.includes('/api/push/');
}

function withKumaStatus(base: URL, isUp: boolean, text: string, durationMs: number): URL {
  const url = new URL(base);
  url.searchParams.set('status', isUp ? 'up' : 'down');
  url.searchParams.set('msg', text);
  url.searchParams.set('ping', String(durationMs));
  return url;
}

function withPath(base: URL, suffix: string): URL {
  const url = new URL(base);
  url.pathname = url.pathname.replace(/\/$/, '') + suffix;
  return url;
}
