import type { Kind } from '../kinds/definitions.ts';
import type { Secret } from '../lib/secrets/secret.ts';

/** The effective configuration: every default filled in, every secret resolved, every path absolute. */
export interface Config {
  /** At least one; names are unique, also when compared without regard to case. */
  readonly instances: readonly InstanceConfig[];
  /** At least one. */
  readonly stores: readonly StoreConfig[];
  readonly http: HttpConfig;
  readonly daemon: DaemonConfig;
  readonly alerts: AlertsConfig;
  readonly origin: ConfigOrigin;
}

/** Where the configuration came from, for `config print` and messages. */
export interface ConfigOrigin {
  /** Absolute path of the file, or null where the environment alone was read. */
  readonly file: string | null;
  /** Environment variables that supplied a setting, by name. */
  readonly used: readonly string[];
  /** Environment variables of settings that the file decides, so that they had no effect. */
  readonly unused: readonly string[];
}

export interface InstanceConfig {
  /** Safe as a folder name: it is the top folder of the instance's snapshots. */
  readonly name: string;
  /** http or https, without userinfo, query or fragment; the client tidies slashes and `/api/v1`. */
  readonly url: string;
  readonly apiKey: Secret;
  /** Names of the stores that each snapshot is saved to, at least one, each of which exists. */
  readonly stores: readonly string[];
  readonly rateLimit: RateLimitConfig;
  /** Milliseconds for which n8n may be silent; ten times that for packages. */
  readonly timeout: number;
  readonly kinds: readonly Kind[];
  readonly schedules: SchedulesConfig;
  /** IANA name, such as Europe/Berlin: the schedules follow it. */
  readonly timezone: string;
  readonly pull: PullConfig;
  /** Dead-man ping in the manner of healthchecks.io or Uptime Kuma. The URL is a secret. */
  readonly ping?: Secret;
}

/** For scheduled pulls, and the defaults of the command. */
export interface PullConfig {
  readonly force: boolean;
  readonly autoPublish: 'none' | 'all' | 'published';
}

export interface RateLimitConfig {
  /** Requests in flight at the same time. */
  readonly concurrency: number;
  readonly requestsPerSecond: number;
}

/** Cron expressions of five fields, or six with seconds first; null: never. */
export interface SchedulesConfig {
  readonly backup: string | null;
  readonly verify: string | null;
  readonly prune: string | null;
  readonly pull: string | null;
}

export type StoreConfig = GitStoreConfig | S3StoreConfig;

/** What a store gets of what was read. */
export interface PolicyConfig {
  /** What becomes of secrets that were typed into a workflow or a variable. */
  readonly secrets: 'warn' | 'redact' | 'block' | 'off';
  readonly pinData: 'keep' | 'drop';
  readonly variableValues: 'keep' | 'omit';
}

/** The recipients that a store encrypts its snapshots to. */
export interface EncryptConfig {
  /** Public keys of age, at least one, each once. */
  readonly recipients: readonly string[];
  readonly digestKey?: Secret | undefined;
}

/** What stores of each type have. */
interface CommonStoreConfig extends PolicyConfig {
  /** Without it nothing is encrypted. */
  readonly encrypt?: EncryptConfig;
}

/** Has a path, a remote, or both. */
export interface GitStoreConfig extends CommonStoreConfig {
  readonly type: 'git';
  readonly name: string;
  /** Absolute folder of the local repository; without it the store keeps a clone of the remote where it likes. */
  readonly path?: string;
  /** https, http, ssh or file URL, or `user@host:path`; never with a password. */
  readonly remote?: string;
  readonly branch: string;
  /** Milliseconds for which a transfer may stand still. */
  readonly timeout: number;
  /** For an http or https remote. */
  readonly auth?: GitAuthConfig;
  /** For an ssh remote. */
  readonly ssh?: GitSshConfig;
}

export interface GitAuthConfig {
  /** Without it the store sends a name that hosts accept beside a token. */
  readonly username?: string;
  readonly token: Secret;
}

export interface GitSshConfig {
  /** Absolute path of the private key; without it ssh looks where it usually does. */
  readonly keyFile?: string;
  /** Absolute path; without it ssh uses its own known_hosts. */
  readonly knownHostsFile?: string;
}

export interface S3StoreConfig extends CommonStoreConfig {
  readonly type: 's3';
  readonly name: string;
  readonly bucket: string;
  /** Without a leading or trailing slash; empty for the whole bucket. */
  readonly prefix: string;
  /** null: from the SDK's usual chain (AWS_REGION, profile). */
  readonly region: string | null;
  /** URL of an S3-compatible server; null: AWS. */
  readonly endpoint: string | null;
  /** Milliseconds for which a connection may stand still. */
  readonly timeout: number;
  readonly forcePathStyle: boolean;
  /** Both or neither; without them the SDK's usual chain (environment, files, container and web identity roles). */
  readonly accessKeyId?: Secret;
  readonly secretAccessKey?: Secret;
  /** Server-side encryption; null: what the bucket does by itself. */
  readonly sse: S3Encryption | null;
  /** Only with `sse` of aws:kms or aws:kms:dsse. */
  readonly kmsKeyId: string | null;
  readonly storageClass: string | null;
  /** `when-required` for servers that do not know the SDK's newer default checksums. */
  readonly checksums: S3Checksums;
  /** null: nothing is ever removed. */
  readonly retention: RetentionConfig | null;
}

export type S3Encryption = 'AES256' | 'aws:kms' | 'aws:kms:dsse';
export type S3Checksums = 'when-supported' | 'when-required';

/** How many snapshots of each period are kept; 0: the rule keeps none. At least one rule keeps some. */
export interface RetentionConfig {
  readonly keepLast: number;
  readonly keepHourly: number;
  readonly keepDaily: number;
  readonly keepWeekly: number;
  readonly keepMonthly: number;
  readonly keepYearly: number;
  /** Snapshots younger than this many milliseconds are kept; 0: no such rule. */
  readonly keepWithinMs: number;
}

export interface HttpConfig {
  /** null: the daemon serves no HTTP. */
  readonly port: number | null;
  /** Address to listen on. */
  readonly host: string;
  /** Bearer token of the POST routes; without it they do not exist. */
  readonly token?: Secret;
}

export interface DaemonConfig {
  /** Instances that are worked on at the same time. */
  readonly concurrency: number;
  /** Longest random delay before a scheduled run in milliseconds; null: none. */
  readonly jitter: number | null;
  /** Milliseconds that the daemon may take to end. */
  readonly grace: number;
}

/** The channels of the daemon: a list, or the short form of one webhook. */
export type AlertsConfig = readonly AlertConfig[] | { readonly webhook?: Secret };

/** One channel; the daemon knows its types and what else each has. */
export interface AlertConfig {
  readonly type: string;
  readonly events: readonly string[];
  /** Names of instances; without them, all. */
  readonly instances?: readonly string[] | undefined;
  readonly [setting: string]: unknown;
}
