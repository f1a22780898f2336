import type * as z from 'zod';
import type { configSchema } from './schema/schema.ts';
import type { StoreConfig } from './stores/registry.ts';

export type { AlertConfig } from './schema/schema.ts';
export type { EncryptConfig } from './schema/schema-encrypt.ts';
export type { PolicyConfig } from './schema/store-fields.ts';
export type { StoreConfig };

/** What the schema makes of a document. */
export type ParsedConfig = z.output<ReturnType<typeof configSchema>>;

/**
 * The effective configuration: every default filled in, every secret resolved, every path absolute, durations in
 * milliseconds. The schema says what each setting means.
 */
export interface Config extends Omit<ParsedConfig, 'instances' | 'stores'> {
  /** At least one; names are unique, also when compared without regard to case. */
  readonly instances: readonly InstanceConfig[];
  /** At least one. */
  readonly stores: readonly StoreConfig[];
  readonly origin: ConfigOrigin;
}

/** `name` is safe as a folder: it is the top folder of the instance's snapshots. Each of `stores` exists. */
export type InstanceConfig = ParsedConfig['instances'][string] & {
  readonly name: string;
  readonly stores: readonly string[];
};

export type DaemonConfig = ParsedConfig['daemon'];

/** Where the configuration came from, for `config print` and messages. */
export interface ConfigOrigin {
  /** Absolute path of the file, or null where the environment alone was read. */
  readonly file: string | null;
  /** Environment variables that supplied a setting, by name. */
  readonly used: readonly string[];
  /** Environment variables of settings that the file decides, so that they had no effect. */
  readonly unused: readonly string[];
}
