// Alerts: which events are worth one, what it says, and the channels that send it. A failed alert never fails
// a run.

import PQueue from 'p-queue';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Clock } from '../../lib/time.ts';
import type { Channel, OpenAlert } from './channel.ts';
import type { Notice } from './events.ts';

/** How long one attempt may take, in milliseconds. */
const TIMEOUT_MS = 10_000;
/** Pauses before the second and the third attempt, in milliseconds. */
const PAUSES_MS = [1_000, 3_000];
/** Notices that wait while a receiver is slow; older ones than that would tell nothing new. */
const MAX_WAITING = 100;

export interface NotifierOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Gives up what is still to be sent. */
  readonly signal: AbortSignal;
  /** Default: ten seconds. */
  readonly timeoutMs?: number;
}

/** Tells people and monitors what happens. Nothing here throws or is waited for: a backup never depends on an alert. */
export class Notifier {
  readonly #options: NotifierOptions;
  /** One at a time for each channel: a start never arrives behind its end, and a slow channel holds up no other. */
  readonly #queues = new Map<OpenAlert, PQueue>();

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Tells the channels of an instance what they want to know. */
  notify(alerts: readonly OpenAlert[], notices: readonly Notice[]): void {
    for (const notice of notices)
      for (const alert of alerts) if (alert.events.includes(notice.event)) this.#post(alert, notice);
  }

  /** Settles when everything was sent, or given up. */
  async flush(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.onIdle()));
  }

  #post(alert: OpenAlert, notice: Notice): void {
    const queue = this.#queueOf(alert);
    if (queue.size >= MAX_WAITING) {
      const fields = { alert: alert.type };
      this.#options.logger.warn(fields, 'too many alerts are pending; this one is dropped');
      return;
    }
    void queue.add(() => this.#deliver(alert, notice));
  }

  #queueOf(alert: OpenAlert): PQueue {
    const known = this.#queues.get(alert);
    if (known) return known;
    const queue = new PQueue({ concurrency: 1 });
    // A reload of the configuration opens channels again.
    queue.on('idle', () => this.#queues.delete(alert));
    this.#queues.set(alert, queue);
    return queue;
  }

  /** Tries three times at most. What fails is logged as a warning and fails nothing else. */
  async #deliver({ type, channel }: OpenAlert, notice: Notice): Promise<void> {
    const { clock, logger, signal, timeoutMs = TIMEOUT_MS } = this.#options;
    for (let attempt = 0; ; attempt++) {
      const problem = await attemptOnce(channel, notice, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
      if (problem === null) return;
      const pause = PAUSES_MS[attempt];
      if (pause === undefined || signal.aborted) {
        logger.warn(
          { alert: type, host: channel.host, problem },
          'an alert could not be sent; nothing else is affected',
        );
        return;
      }
      await clock.sleep(pause, signal).catch(() => undefined);
    }
  }
}

/** @returns what went wrong; null where it was taken */
async function attemptOnce(channel: Channel, notice: Notice, signal: AbortSignal): Promise<string | null> {
  // A channel that does not heed its signal must not hold up the notices behind it.
  const aborted = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => aborted.reject(signal.reason as Error));
  try {
    signal.throwIfAborted();
    const sent = (async () => channel.send(notice, signal))();
    await Promise.race([sent, aborted.promise]);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
