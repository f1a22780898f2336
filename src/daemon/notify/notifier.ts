// Alerts: which events are worth one, what it says, and the channels that send it. A failed alert never fails
// a run.

import PQueue from 'p-queue';
import type { Secret } from '../../lib/secrets/secret.ts';
import type { InstanceState } from '../state.ts';
import type { DaemonInstance, FinishedRun, Job } from '../types.ts';
import { eventsOf } from './events.ts';
import { endPing, startPing } from './ping.ts';
import { send, type Message, type SendOptions } from './send.ts';
import { webhookMessage } from './webhook.ts';

/** Messages that wait while a receiver is slow; older ones than that would tell nothing new. */
const MAX_WAITING = 100;

/** Tells people and monitors what happens. Nothing here throws or is waited for: a backup never depends on an alert. */
export class Notifier {
  readonly #options: SendOptions;
  /** One at a time, so that a start never arrives behind its end. */
  readonly #queue = new PQueue({ concurrency: 1 });

  constructor(options: SendOptions) {
    this.#options = options;
  }

  started({ ping }: DaemonInstance, job: Job): void {
    if (job === 'backup' && ping) this.#post(startPing(ping));
  }

  /** @param before what was known before this run */
  finished(
    instance: DaemonInstance,
    webhook: Secret | undefined,
    run: FinishedRun,
    before: InstanceState,
  ): void {
    if (run.job === 'backup' && instance.ping) this.#post(endPing(instance.ping, run));
    if (!webhook) return;
    for (const event of eventsOf(run, before)) this.#post(webhookMessage(webhook, run, event));
  }

  /** Settles when everything was sent, or given up. */
  async flush(): Promise<void> {
    await this.#queue.onIdle();
  }

  #post(message: Message | null): void {
    if (message === null) return;
    if (this.#queue.size >= MAX_WAITING) {
      this.#options.logger.warn({ alert: message.what }, 'too many alerts are pending; this one is dropped');
      return;
    }
    void this.#queue.add(() => send(message, this.#options));
  }
}
