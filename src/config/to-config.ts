import type * as z from 'zod';
import type { configSchema } from './schema/schema.ts';
import type { Config, ConfigOrigin, InstanceConfig, S3StoreConfig, StoreConfig } from './types.ts';

type Parsed = z.output<ReturnType<typeof configSchema>>;
type ParsedStore = Parsed['stores'][string];

/** The configuration as the rest of flowkeep uses it: lists of named things, and nothing left undefined. */
export function toConfig(parsed: Parsed, origin: ConfigOrigin): Config {
  const storeNames = Object.keys(parsed.stores);
  return {
    instances: Object.entries(parsed.instances).map(([name, instance]): InstanceConfig => ({
      name,
      ...defined(instance),
      stores: instance.stores ?? storeNames,
    })),
    stores: Object.entries(parsed.stores).map(([name, store]) => toStore(name, store)),
    http: defined(parsed.http),
    daemon: parsed.daemon,
    alerts: Array.isArray(parsed.alerts) ? parsed.alerts.map(defined) : defined(parsed.alerts),
    origin,
  };
}

function toStore(name: string, store: ParsedStore): StoreConfig {
  if (store.type === 'git') {
    const { auth, ssh, ...rest } = store;
    return defined({ name, ...rest, auth: auth && defined(auth), ssh: ssh && defined(ssh) });
  }
  const { retention, ...rest } = store;
  return defined({ name, ...rest, retention: retention && toRetention(retention) });
}

type ParsedRetention = NonNullable<Extract<ParsedStore, { type: 's3' }>['retention']>;

function toRetention({ keepWithin, ...counts }: ParsedRetention): S3StoreConfig['retention'] {
  return { ...counts, keepWithinMs: keepWithin ?? 0 };
}

/** Without the keys whose value is undefined, so that `key in object` tells the truth. */
function defined<Value extends object>(value: Value): Defined<Value> {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== undefined),
  ) as Defined<Value>;
}

/** Keys that may be undefined become optional ones. */
type Defined<Value> = {
  [Key in keyof Value as undefined extends Value[Key] ? never : Key]: Value[Key];
} & {
  [Key in keyof Value as undefined extends Value[Key] ? Key : never]?: Exclude<Value[Key], undefined>;
};
