import type { Logger } from '../../lib/logger.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Secret } from '../../lib/secrets/secret.ts';
import type { Clock } from '../../lib/time.ts';

const TIMEOUT_MS = 10_000;
/** Pauses before the second and the third attempt, in milliseconds. */
const PAUSES_MS = [1_000, 3_000];

export interface Message {
  /** `ping` or `webhook`, for logs. */
  readonly what: string;
  readonly url: Secret;
  /** Makes the address from the secret URL: a path or query is added to it. */
  readonly address?: (url: URL) => URL;
  readonly method: 'GET' | 'POST';
  readonly body?: { readonly type: string; readonly text: string };
}

export interface SendOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Sends a message, three times at most. It never throws: an alert that fails is logged as a warning and fails nothing
 * else. The URL is a secret, so that the log shows its host alone.
 */
export async function send(message: Message, { clock, logger, signal }: SendOptions): Promise<void> {
  const base = new URL(message.url.reveal());
  const target = message.address?.(base) ?? base;
  for (let attempt = 0; ; attempt++) {
    const problem = await attemptOnce(message, target, signal);
    if (problem === null) return;
    const pause = PAUSES_MS[attempt];
    if (pause === undefined || signal.aborted) {
      logger.warn(
        { alert: message.what, host: base.host, problem },
        'an alert could not be sent; nothing else is affected',
      );
      return;
    }
    await clock.sleep(pause, signal).catch(() => undefined);
  }
}

/** @returns what went wrong, without the URL; null where it was taken */
async function attemptOnce(message: Message, target: URL, signal: AbortSignal): Promise<string | null> {
  const { method, body } = message;
  try {
    const response = await fetch(target, {
      method,
      // A redirect would show the secret path to another host.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      ...(body === undefined ? {} : { body: body.text, headers: { 'content-type': body.type } }),
    });
    await response.body?.cancel();
    return response.ok ? null : `HTTP ${response.status}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return messageOf(cause).replaceAll(target.href, '[secret]');
  }
}
