import { secretUrlField } from '../../../config/secrets.ts';
import { defineChannel } from '../channel.ts';
import { describeAlert } from '../describe.ts';
import { ALERT_EVENTS, type AlertEvent, type Notice } from '../events.ts';
import { request } from '../http-request.ts';

/** A JSON document with a `text` that Slack, Mattermost and the like show, and fields for everything else. */
export const webhook = defineChannel({
  description: 'A JSON document by POST, whose `text` Slack, Mattermost and others show.',
  events: ALERT_EVENTS,
  settings: (context) => ({ url: secretUrlField(context).describe('URL to post to; a secret.') }),
  open({ url: secret }) {
    return {
      host: new URL(secret.reveal()).host,
      async send(notice, signal) {
        const url = new URL(secret.reveal());
        const body = { type: 'application/json', text: JSON.stringify(documentOf(notice)) };
        await request({ method: 'POST', url, body }, signal);
      },
    };
  },
});

function documentOf(notice: Notice<AlertEvent>): object {
  const { run, instance, ...alert } = notice;
  const { job, status, exitCode, startedAt, durationMs, backup } = run;
  const stored = backup?.stores.find((store) => store.status !== 'failed');
  return {
    text: escapeSlack(describeAlert(notice)),
    ...alert,
    ...{ instance, job, status, exitCode, durationMs },
    startedAt: new Date(startedAt).toISOString(),
    snapshot: stored?.snapshot.id ?? null,
  };
}

/** In Slack's text `<!channel>` would call everybody, whatever an error message quotes. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
