import { STORE_TYPE_NAMES, storeTypes, storeUrlForms, type StoreTypeName } from '../stores/registry.ts';
import { setting, variablesOf, type EnvSetting } from './env-values.ts';

/**
 * Every variable that stands for a setting of the one instance, the one store or the daemon: this table drives
 * the loader and the page docs/configuration.md. A test checks that no setting of the schema is without its variable.
 */
export const ENV_SETTINGS = {
  instance: [
    setting('N8N_URL', 'url'),
    setting('N8N_API_KEY', 'apiKey', 'secret'),
    setting('FLOWKEEP_RATE_LIMIT_CONCURRENCY', 'rateLimit.concurrency', 'number'),
    setting('FLOWKEEP_RATE_LIMIT_REQUESTS_PER_SECOND', 'rateLimit.requestsPerSecond', 'number'),
    setting('FLOWKEEP_TIMEOUT', 'timeout'),
    setting('FLOWKEEP_KINDS', 'kinds', 'list'),
    setting('FLOWKEEP_SCHEDULE', 'schedules.backup'),
    setting('FLOWKEEP_SCHEDULE_VERIFY', 'schedules.verify'),
    setting('FLOWKEEP_SCHEDULE_PRUNE', 'schedules.prune'),
    setting('FLOWKEEP_SCHEDULE_PULL', 'schedules.pull'),
    setting('FLOWKEEP_TIMEZONE', 'timezone'),
    setting('FLOWKEEP_PULL_FORCE', 'pull.force', 'boolean'),
    setting('FLOWKEEP_PULL_AUTO_PUBLISH', 'pull.autoPublish'),
    setting('FLOWKEEP_PING_URL', 'ping', 'secret'),
  ],
  /** Of a store of any type. */
  store: [
    setting('FLOWKEEP_SECRETS', 'secrets'),
    setting('FLOWKEEP_SECRET_EXCEPTIONS', 'secretExceptions', 'json'),
    setting('FLOWKEEP_PIN_DATA', 'pinData'),
    setting('FLOWKEEP_VARIABLE_VALUES', 'variableValues'),
    setting('FLOWKEEP_ENCRYPT_RECIPIENTS', 'encrypt.recipients', 'list'),
    setting('FLOWKEEP_ENCRYPT_RECIPIENTS_FILE', 'encrypt.recipientsFile', 'path'),
    setting('FLOWKEEP_ENCRYPT_DIGEST_KEY', 'encrypt.digestKey', 'secret'),
    setting('FLOWKEEP_ENCRYPT_PREVIOUS_RECIPIENTS', 'encrypt.previous.recipients', 'list'),
    setting('FLOWKEEP_ENCRYPT_PREVIOUS_RECIPIENTS_FILE', 'encrypt.previous.recipientsFile', 'path'),
    setting('FLOWKEEP_ENCRYPT_PREVIOUS_DIGEST_KEY', 'encrypt.previous.digestKey', 'secret'),
  ],
  ...storeVariables(),
  http: [
    setting('FLOWKEEP_HTTP_PORT', 'port', 'port'),
    setting('FLOWKEEP_HTTP_HOST', 'host'),
    setting('FLOWKEEP_HTTP_HOSTS', 'hosts', 'list'),
    setting('FLOWKEEP_HTTP_TOKEN', 'token', 'secret'),
  ],
  daemon: [
    setting('FLOWKEEP_DAEMON_CONCURRENCY', 'concurrency', 'number'),
    setting('FLOWKEEP_DAEMON_JITTER', 'jitter'),
    setting('FLOWKEEP_DAEMON_GRACE', 'grace'),
  ],
  alerts: [setting('FLOWKEEP_WEBHOOK_URL', 'webhook', 'secret')],
} satisfies Record<string, readonly EnvSetting[]>;

/** Variables that stand for no single setting, and what they mean. */
export const OTHER_VARIABLES = {
  FLOWKEEP_CONFIG: 'Path of the config file, unless `--config` is given.',
  FLOWKEEP_INSTANCE: 'Name of the instance; by default `default`.',
  FLOWKEEP_STORE: `The store as one URL: ${storeUrlForms((form) => `\`${form}\``)}.`,
  FLOWKEEP_IDENTITY_FILE:
    'File with the age identity that opens encrypted snapshots, unless `--identity` is given. A ' +
    'daemon needs none: docs/encryption.md.',
  FLOWKEEP_SHARDS:
    'Number of shards that the instances of a config are divided into; together with ' +
    'JOB_COMPLETION_INDEX, which Kubernetes sets in an Indexed Job, the same as `backup --shard ' +
    'INDEX/SHARDS`.',
} as const;

/** Every variable that flowkeep reads by itself. */
export function knownVariables(): string[] {
  return [...Object.keys(OTHER_VARIABLES), ...Object.values(ENV_SETTINGS).flat().flatMap(variablesOf)];
}

function storeVariables(): Record<StoreTypeName, readonly EnvSetting[]> {
  const entries = STORE_TYPE_NAMES.map((name) => [name, storeTypes[name].variables] as const);
  return Object.fromEntries(entries) as Record<StoreTypeName, readonly EnvSetting[]>;
}
