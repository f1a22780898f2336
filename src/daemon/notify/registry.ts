import * as z from 'zod';
import type { ResolveContext } from '../../config/secrets.ts';
import type { Secret } from '../../lib/secrets/secret.ts';
import type { ChannelType, OpenAlert } from './channel.ts';
import { ping } from './channels/ping.ts';
import { webhook } from './channels/webhook.ts';

/** Every type of channel, by the name that `type` gives it. */
export const CHANNELS: Readonly<Record<string, ChannelType>> = { ping, webhook };

/** One entry of the setting `alerts`, whichever type it is of. The loader of the configuration is given this. */
export function alertSchema(context: ResolveContext) {
  const entries = Object.entries(CHANNELS).map(([type, channel]) =>
    z.strictObject({
      type: z.literal(type).describe(channel.description),
      events: z
        .array(z.enum(channel.events))
        .min(1)
        .default([...channel.events])
        .describe('Events to send.'),
      instances: z
        .array(z.string())
        .min(1)
        .optional()
        .describe('Names of the instances whose events are sent; by default all.'),
      ...channel.settings(context),
    }),
  );
  return z.discriminatedUnion('type', entries as [(typeof entries)[number]]);
}

interface AlertSettings {
  readonly type: string;
  readonly events?: readonly string[];
  readonly instances?: readonly string[] | undefined;
  readonly [setting: string]: unknown;
}

interface AlertsConfig {
  readonly alerts: readonly AlertSettings[] | { readonly webhook?: Secret };
  readonly instances: readonly { readonly name: string; readonly ping?: Secret }[];
}

/**
 * Opens every channel of a configuration, and gives those of an instance by its name: the list `alerts` or its short
 * form `webhook`, and the instance's own `ping`.
 */
export function openAlerts({ alerts, instances }: AlertsConfig): (instance: string) => OpenAlert[] {
  const short = 'webhook' in alerts ? [{ type: 'webhook', url: alerts.webhook }] : [];
  const listed: readonly AlertSettings[] = Array.isArray(alerts) ? alerts : short;
  const pings = instances.flatMap(({ name, ping: url }) => (url ? [{ type: 'ping', instances: [name], url }] : []));
  const opened = [...listed, ...pings].map((each) => ({ ...each, open: openAlert(each) }));
  return (name) => opened.filter((each) => each.instances?.includes(name) ?? true).map(({ open }) => open);
}

/** @throws Error for a type that does not exist, which the schema refuses */
function openAlert({ type, events, instances: _instances, ...settings }: AlertSettings): OpenAlert {
  const channel = CHANNELS[type];
  if (!channel) throw new Error(`there is no channel of type ${type}`);
  return { type, events: events ?? channel.events, channel: channel.open(settings) };
}
