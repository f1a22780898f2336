import { printable } from '../../lib/printable.ts';
import type { Secret } from '../../lib/secrets/secret.ts';
import type { FinishedRun } from '../types.ts';
import type { AlertEvent } from './events.ts';
import type { Message } from './send.ts';

/** A JSON document with a `text` that Slack, Mattermost and the like show, and fields for everything else. */
export function webhookMessage(url: Secret, run: FinishedRun, alert: AlertEvent): Message {
  const { instance, job, status, exitCode, startedAt, durationMs } = run;
  const document = {
    text: escapeSlack(describe(run, alert)),
    ...alert,
    ...{ instance, job, status, exitCode, durationMs },
    startedAt: new Date(startedAt).toISOString(),
    snapshot: snapshotOf(run),
  };
  return {
    what: 'webhook',
    url,
    method: 'POST',
    body: { type: 'application/json', text: JSON.stringify(document) },
  };
}

function describe({ instance, job }: FinishedRun, alert: AlertEvent): string {
  const subject = `flowkeep: ${job} of ${instance}`;
  switch (alert.event) {
    case 'failed': {
      const remedy = alert.error.remedy === undefined ? '' : `\n→ ${printable(alert.error.remedy)}`;
      return `${subject} failed: ${printable(alert.error.message)}${remedy}`;
    }
    case 'recovered':
      return `${subject} works again`;
    case 'shrunk':
      return `${subject}: ${alert.kinds.join(', ')} lost over half of their items since the snapshot before; the older snapshots are kept`;
    case 'unavailable':
      return `${subject}: ${alert.kinds.join(', ')} can no longer be read; what earlier snapshots hold of it is carried over`;
  }
}

function snapshotOf({ backup }: FinishedRun): string | null {
  for (const store of backup?.stores ?? []) if (store.status !== 'failed') return store.snapshot.id;
  return null;
}

/** In Slack's text `<!channel>` would call everybody, whatever an error message quotes. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
