import type * as z from 'zod';
import type { ResolveContext } from '../../config/secrets.ts';
import type { EventName, Notice } from './events.ts';

/** A type of channel: one file in channels/ and one line in registry.ts. docs/adding-a-channel.md */
export interface ChannelType<Name extends EventName = EventName, Shape extends z.ZodRawShape = z.ZodRawShape> {
  /** What it is, for docs/configuration.md and editors. */
  readonly description: string;
  /** The events that it can send: all of them, unless the setting `events` names some. */
  readonly events: readonly Name[];
  /** Its settings beside `type`, `events` and `instances`, each with a description. A secret is a `secretField`. */
  settings(context: ResolveContext): Shape;
  /** Makes a channel of checked settings. It sends nothing yet and never throws. */
  open(settings: z.output<z.ZodObject<Shape>>): Channel<Name>;
}

export interface Channel<Name extends EventName = EventName> {
  /** The host that it sends to, for logs: the rest of an address may be a secret. */
  readonly host: string;
  /**
   * Sends one notice, once. The notifier does the rest: it calls this for one notice after another, in their order,
   * aborts the signal after ten seconds, tries three times, and logs what fails. No backup waits for it.
   * @throws an error whose message says what went wrong, without an address or another secret
   */
  send(notice: Notice<Name>, signal: AbortSignal): Promise<void>;
}

/** A channel that is set up, and what it is told of. */
export interface OpenAlert {
  /** The name of its type, for logs. */
  readonly type: string;
  readonly events: readonly string[];
  readonly channel: Channel;
}

/** The definition as it is, with the types of its settings and events worked out. */
export function defineChannel<const Name extends EventName, Shape extends z.ZodRawShape>(
  definition: ChannelType<Name, Shape>,
): ChannelType<Name, Shape> {
  return definition;
}
