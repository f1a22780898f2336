/** How the text of a variable becomes the value of a setting. `port` also takes `off`. */
export type EnvType = 'text' | 'path' | 'number' | 'boolean' | 'list' | 'port' | 'secret';

export interface EnvSetting {
  /** A secret has a second variable, with `_FILE` appended, that names a file. */
  readonly variable: string;
  /** Where the value goes, within its section. */
  readonly path: readonly string[];
  readonly type: EnvType;
}

const setting = (variable: string, path: string, type: EnvType = 'text'): EnvSetting => ({
  variable,
  path: path.split('.'),
  type,
});

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
  /** Of a store of either type. */
  store: [
    setting('FLOWKEEP_SECRETS', 'secrets'),
    setting('FLOWKEEP_PIN_DATA', 'pinData'),
    setting('FLOWKEEP_VARIABLE_VALUES', 'variableValues'),
    setting('FLOWKEEP_ENCRYPT_RECIPIENTS', 'encrypt.recipients', 'list'),
    setting('FLOWKEEP_ENCRYPT_RECIPIENTS_FILE', 'encrypt.recipientsFile', 'path'),
    setting('FLOWKEEP_ENCRYPT_DIGEST_KEY', 'encrypt.digestKey', 'secret'),
  ],
  git: [
    setting('FLOWKEEP_GIT_PATH', 'path', 'path'),
    setting('FLOWKEEP_GIT_REMOTE', 'remote'),
    setting('FLOWKEEP_GIT_BRANCH', 'branch'),
    setting('FLOWKEEP_GIT_TIMEOUT', 'timeout'),
    setting('FLOWKEEP_GIT_TOKEN', 'auth', 'secret'),
    setting('FLOWKEEP_GIT_USERNAME', 'auth.username'),
    setting('FLOWKEEP_GIT_SSH_KEY_FILE', 'ssh.keyFile', 'path'),
    setting('FLOWKEEP_GIT_SSH_KNOWN_HOSTS_FILE', 'ssh.knownHostsFile', 'path'),
  ],
  s3: [
    setting('FLOWKEEP_S3_BUCKET', 'bucket'),
    setting('FLOWKEEP_S3_PREFIX', 'prefix'),
    setting('FLOWKEEP_S3_REGION', 'region'),
    setting('FLOWKEEP_S3_ENDPOINT', 'endpoint'),
    setting('FLOWKEEP_S3_TIMEOUT', 'timeout'),
    setting('FLOWKEEP_S3_FORCE_PATH_STYLE', 'forcePathStyle', 'boolean'),
    setting('FLOWKEEP_S3_ACCESS_KEY_ID', 'accessKeyId', 'secret'),
    setting('FLOWKEEP_S3_SECRET_ACCESS_KEY', 'secretAccessKey', 'secret'),
    setting('FLOWKEEP_S3_SSE', 'sse'),
    setting('FLOWKEEP_S3_KMS_KEY_ID', 'kmsKeyId'),
    setting('FLOWKEEP_S3_STORAGE_CLASS', 'storageClass'),
    setting('FLOWKEEP_S3_CHECKSUMS', 'checksums'),
    setting('FLOWKEEP_RETENTION_KEEP_LAST', 'retention.keepLast', 'number'),
    setting('FLOWKEEP_RETENTION_KEEP_HOURLY', 'retention.keepHourly', 'number'),
    setting('FLOWKEEP_RETENTION_KEEP_DAILY', 'retention.keepDaily', 'number'),
    setting('FLOWKEEP_RETENTION_KEEP_WEEKLY', 'retention.keepWeekly', 'number'),
    setting('FLOWKEEP_RETENTION_KEEP_MONTHLY', 'retention.keepMonthly', 'number'),
    setting('FLOWKEEP_RETENTION_KEEP_YEARLY', 'retention.keepYearly', 'number'),
    setting('FLOWKEEP_RETENTION_KEEP_WITHIN', 'retention.keepWithin'),
  ],
  http: [
    setting('FLOWKEEP_HTTP_PORT', 'port', 'port'),
    setting('FLOWKEEP_HTTP_HOST', 'host'),
    setting('FLOWKEEP_HTTP_TOKEN', 'token', 'secret'),
  ],
  daemon: [
    setting('FLOWKEEP_DAEMON_CONCURRENCY', 'concurrency', 'number'),
    setting('FLOWKEEP_DAEMON_JITTER', 'jitter'),
    setting('FLOWKEEP_DAEMON_GRACE', 'grace'),
  ],
  alerts: [setting('FLOWKEEP_WEBHOOK_URL', 'webhook', 'secret')],
} as const satisfies Record<string, readonly EnvSetting[]>;

/** Variables that stand for no single setting, and what they mean. */
export const OTHER_VARIABLES = {
  FLOWKEEP_CONFIG: 'Path of the config file, unless `--config` is given.',
  FLOWKEEP_INSTANCE: 'Name of the instance; by default `default`.',
  FLOWKEEP_STORE:
    'The store as one URL: `git:./folder`, `git+https://…`, `git+ssh://…`, `git+file://…`, or `s3://bucket/prefix?region=…&endpoint=…`.',
  FLOWKEEP_IDENTITY_FILE:
    'File with the age identity that opens encrypted snapshots, unless `--identity` is given. A daemon needs none: docs/encryption.md.',
  FLOWKEEP_SHARDS:
    'Number of shards that the instances of a config are divided into; together with JOB_COMPLETION_INDEX, which Kubernetes sets in an Indexed Job, the same as `backup --shard INDEX/SHARDS`.',
} as const;

/** Every variable that flowkeep reads by itself. */
export function knownVariables(): string[] {
  const settings: readonly EnvSetting[] = Object.values(ENV_SETTINGS).flat();
  return [...Object.keys(OTHER_VARIABLES), ...settings.flatMap(variablesOf)];
}

/** The variables of one setting: its own, and for a secret the one that names a file. */
export function variablesOf({ variable, type }: EnvSetting): string[] {
  return type === 'secret' ? [variable, `${variable}_FILE`] : [variable];
}
