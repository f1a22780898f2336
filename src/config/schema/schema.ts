// What a configuration may hold: types, defaults, limits and descriptions. The JSON Schema and the tables of
// docs/configuration.md are generated from it, so a setting is described here and nowhere else.

import * as z from 'zod';
import { DEFAULT_KINDS, KINDS } from '../../kinds/definitions.ts';
import * as field from './fields.ts';
import { NAME_PATTERN } from './names.ts';
import { secretField, secretUrlField, type ResolveContext } from '../secrets.ts';
import { storeSchema } from '../stores/registry.ts';

/**
 * The configuration as written, and what each setting means: documentation and JSON Schema come from these very
 * descriptions. Unknown keys are refused everywhere. Names and references between sections are checked apart
 * (cross-checks.ts).
 */
export function configSchema(context: ResolveContext, alert: AlertSchema) {
  return z.strictObject({
    instances: named(instanceSchema(context)).describe('The n8n instances to back up, by name.'),
    stores: named(storeSchema(context)).describe('Where snapshots are kept, by name.'),
    http: httpSchema(context).describe("The daemon's HTTP endpoints."),
    daemon: daemonSchema.prefault({}).describe('How the daemon works.'),
    alerts: alertsSchema(context, alert).prefault({}).describe('Alerts.'),
  });
}

function named<Value extends z.ZodType>(value: Value) {
  return z.record(z.string().meta({ pattern: NAME_PATTERN }), value);
}

function instanceSchema(context: ResolveContext) {
  return z.strictObject({
    url: field.serverUrl.describe('Where n8n answers, such as https://n8n.example.com.'),
    apiKey: secretField(context).describe("n8n's API key."),
    stores: z
      .array(z.string())
      .min(1)
      .exactOptional()
      .describe('Names of the stores that each snapshot is saved to; without it, all.'),
    rateLimit: rateLimitSchema
      .prefault({})
      .describe('Limits for requests to n8n; 429 and X-RateLimit slow them down further.'),
    timeout: field.duration
      .prefault('30s')
      .describe('Idle timeout of requests to n8n; ten times as long for packages.'),
    kinds: z
      .array(z.enum(KINDS))
      .min(1)
      .default([...DEFAULT_KINDS])
      .describe('What to back up. `users` holds personal data and is off unless named.'),
    schedules: schedulesSchema.prefault({}).describe('Schedules of the daemon.'),
    timezone: field.timezone.default('UTC').describe('Time zone that the schedules follow.'),
    pull: pullSchema.prefault({}).describe("How a schedule runs n8n's source-control pull."),
    ping: secretUrlField(context)
      .exactOptional()
      .describe('URL to ping at each start, success and failure of a backup; a secret.'),
  });
}

const rateLimitSchema = z.strictObject({
  concurrency: z.int().min(1).max(64).default(4).describe('Requests in flight at the same time.'),
  requestsPerSecond: z.number().positive().max(1000).default(50).describe('Requests started within a second.'),
});

const pullSchema = z.strictObject({
  force: z
    .boolean()
    .default(false)
    .describe('Pull even if items would be overwritten or deleted; a safety snapshot is taken first.'),
  autoPublish: z
    .enum(['none', 'all', 'published'])
    .default('none')
    .describe('Which pulled workflows n8n publishes: none, all, or those that were published before.'),
});

const schedule = field.cron.nullable().default(null);
const schedulesSchema = z.strictObject({
  backup: schedule.describe('Cron expression of backups.'),
  verify: schedule.describe('Cron expression of verifying what is stored.'),
  prune: schedule.describe('Cron expression of applying the retention policy.'),
  pull: schedule.describe("Cron expression of n8n's source-control pull."),
});

function httpSchema(context: ResolveContext) {
  return z.strictObject({
    port: z.int().min(1).max(65535).nullable().default(8080).describe('Port of health, metrics and API; null: none.'),
    host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; 0.0.0.0 in a container.'),
    hosts: z
      .array(field.hostName)
      .default([])
      .describe(
        'Names under which the daemon answers without a token, such as flowkeep.example.com behind a proxy; addresses ' +
          'and names without a dot need no entry.',
      ),
    token: secretField(context)
      .exactOptional()
      .describe('Bearer token of the POST routes; without it they do not exist.'),
  });
}

const daemonSchema = z.strictObject({
  concurrency: z.int().min(1).max(64).default(2).describe('Instances that are worked on at the same time.'),
  jitter: field.jitter
    .nullable()
    .prefault('auto')
    .describe(
      'How late a scheduled run may begin, such as 30s: each instance has a delay of its own. auto: a tenth of the ' +
        'time between two runs, at most 5m; off: none.',
    ),
  grace: field.duration
    .prefault('25s')
    .describe('How long the daemon may take to stop after SIGTERM; Kubernetes allows 30s.'),
});

/** One channel; the daemon knows its types and what else each has. */
export interface AlertConfig {
  readonly type: string;
  readonly events: readonly string[];
  /** Names of instances; without them, all. */
  readonly instances?: readonly string[] | undefined;
  readonly [setting: string]: unknown;
}

/** The schema of one entry of `alerts`. */
export type AlertSchema = (context: ResolveContext) => z.ZodType<AlertConfig>;

/** A list of channels, or the short form of one webhook. */
function alertsSchema(context: ResolveContext, alert: AlertSchema) {
  return z.union([
    z.strictObject({
      webhook: secretUrlField(context)
        .exactOptional()
        .describe('Webhook URL for failures, shrunk kinds, lost access and recovery; a secret.'),
    }),
    z.array(alert(context)),
  ]);
}
