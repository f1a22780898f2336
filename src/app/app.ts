// The composition root: it turns the configuration into wired parts. Logic that another room could hold must not
// enter.

import { openStore as openDriver } from '../config/stores/registry.ts';
import type { Config, InstanceConfig, StoreConfig, PolicyConfig } from '../config/types.ts';
import { UsageError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { Spool, type OpenSpool } from '../lib/spool.ts';
import { systemClock, type Clock } from '../lib/time.ts';
import type { N8nClient } from '../n8n/http/types.ts';
import type { Identities } from '../store/encrypted/identities.ts';
import type { Store } from '../store/store.ts';

export interface AppOptions {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  readonly version: string;
  /** An existing folder for temporary files: where spools lie. */
  readonly temporaryFolder: string;
  /** Absolute paths of the identity files that were given: what opens encrypted snapshots. */
  readonly identityFiles: readonly string[];
  readonly clock?: Clock;
}

/** The parts, wired from the configuration. Dispose it to end connections. */
export interface App extends AsyncDisposable {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly openSpool: OpenSpool;
  /** The instances with these names, or all. @throws UsageError for a name that is not configured */
  instances(names?: readonly string[]): InstanceConfig[];
  /**
   * The stores of an instance, or the one that is asked for. @throws UsageError where it is not one of the instance's
   */
  stores(instance: InstanceConfig, name?: string): Promise<Store[]>;
  /** What a store gets of what was read, by its settings. */
  readonly policyOf: (store: { readonly name: string }) => PolicyConfig;
  /** The client of an instance, one for all that is done with it: it keeps connections and the rate limit. */
  client(instance: InstanceConfig): Promise<N8nClient>;
}

/** Puts the parts together. Each is loaded when it is first needed. */
export function createApp(options: AppOptions): App {
  const { config, logger, clock = systemClock } = options;
  const openIdentities = new Map<string, Promise<Identities>>();
  // Read once: a pipe gives its text to the first reader alone.
  const identities = () => memoise(openIdentities, 'all', () => readIdentities(options));
  const openStores = new Map<string, Promise<Store>>();
  const clients = new Map<string, Promise<N8nClient>>();
  const openSpool: OpenSpool = () => new Spool(options.temporaryFolder);
  return {
    config,
    clock,
    logger,
    openSpool,
    instances: (names = []) => selectInstances(config, names),
    stores: (instance, name) => {
      const chosen = selectStores(config, instance, name);
      return Promise.all(
        chosen.map((store) =>
          memoise(openStores, store.name, () => openStore(store, options, { identities, openSpool })),
        ),
      );
    },
    policyOf: ({ name }) => policyOf(config, name),
    client: (instance) => memoise(clients, instance.name, () => makeClient(instance, options)),
    async [Symbol.asyncDispose]() {
      for (const client of await Promise.allSettled(clients.values())) {
        if (client.status === 'fulfilled') await client.value.close();
      }
      for (const store of await Promise.allSettled(openStores.values())) {
        if (store.status === 'fulfilled') await store.value[Symbol.asyncDispose]();
      }
    },
  };
}

function memoise<T>(cache: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known) return known;
  const made = make();
  cache.set(key, made);
  // What failed once must not fail for as long as a daemon runs.
  made.catch(() => cache.delete(key));
  return made;
}

function selectInstances(config: Config, names: readonly string[]): InstanceConfig[] {
  if (names.length === 0) return [...config.instances];
  return names.map((name) => {
    const found = config.instances.find((instance) => instance.name === name);
    if (found) return found;
    throw new UsageError(`there is no instance ${JSON.stringify(name)}`, configured('Instances', config.instances));
  });
}

function selectStores(config: Config, instance: InstanceConfig, name: string | undefined): StoreConfig[] {
  const own = config.stores.filter((store) => instance.stores.includes(store.name));
  if (name === undefined) return own;
  const found = own.find((store) => store.name === name);
  if (found) return [found];
  throw new UsageError(`instance ${instance.name} has no store ${JSON.stringify(name)}`, configured('Its stores', own));
}

function policyOf(config: Config, name: string): PolicyConfig {
  const store = config.stores.find((each) => each.name === name);
  if (!store) throw new UsageError(`there is no store ${JSON.stringify(name)}`);
  return store;
}

function configured(what: string, things: readonly { readonly name: string }[]): string {
  return `${what}: ${things.map((thing) => thing.name).join(', ')}`;
}

async function makeClient(instance: InstanceConfig, options: AppOptions): Promise<N8nClient> {
  const { createN8nClient } = await import('../n8n/http/client.ts');
  const { url, apiKey, rateLimit, timeout } = instance;
  const { logger, clock = systemClock, version } = options;
  return createN8nClient({ url, apiKey, rateLimit, timeout, logger, clock, userAgent: `flowkeep/${version}` });
}

async function readIdentities({ identityFiles }: AppOptions): Promise<Identities> {
  const { readIdentities: read } = await import('./encrypt-store.ts');
  return read(identityFiles);
}

async function openStore(
  store: StoreConfig,
  options: AppOptions,
  { identities, openSpool }: { identities: () => Promise<Identities>; openSpool: OpenSpool },
): Promise<Store> {
  const { encryptStore } = await import('./encrypt-store.ts');
  const { env, logger, clock = systemClock } = options;
  return encryptStore(await openDriver(store, { env, logger, clock }), {
    encrypt: store.encrypt,
    identities: await identities(),
    openSpool,
  });
}
