import { stringify } from 'yaml';
import { Secret } from '../lib/secrets/secret.ts';
import { formatDuration } from './duration.ts';
import { storeTypes } from './stores/registry.ts';
import type { Config, DaemonConfig, InstanceConfig, StoreConfig } from './types.ts';
import { withoutUserinfo } from './urls.ts';

/**
 * The effective configuration as YAML, in the form of a config file: every default filled in, each secret as
 * `[secret]`, URLs without userinfo. Comments at the top say where it came from.
 */
export function printConfig(config: Config): string {
  const document = {
    instances: Object.fromEntries(config.instances.map((instance) => [instance.name, instanceSection(instance)])),
    stores: Object.fromEntries(config.stores.map((store) => [store.name, storeSection(store)])),
    http: config.http,
    daemon: daemonSection(config.daemon),
    alerts: config.alerts,
  };
  const body = stringify(masked(document), { lineWidth: 0, aliasDuplicateObjects: false });
  return `${originComments(config).join('\n')}\n${body}`;
}

function originComments({ origin }: Config): string[] {
  const { file, used, unused } = origin;
  const variables = used.length === 0 ? 'no variable' : used.join(', ');
  return [
    file === null ? `# from the environment: ${variables}` : `# from ${file}`,
    ...(file === null || used.length === 0 ? [] : [`# the environment adds: ${variables}`]),
    ...(unused.length === 0 ? [] : [`# without effect, since the file decides: ${unused.join(', ')}`]),
  ];
}

function instanceSection({ name: _name, url, timeout, ...rest }: InstanceConfig): object {
  return { url: withoutUserinfo(url), ...rest, timeout: formatDuration(timeout) };
}

function storeSection({ name: _name, ...store }: StoreConfig): object {
  return storeTypes[store.type].print(store);
}

function daemonSection({ jitter, grace, ...rest }: DaemonConfig): object {
  return { ...rest, jitter: formatJitter(jitter), grace: formatDuration(grace) };
}

function formatJitter(jitter: DaemonConfig['jitter']): string {
  if (jitter === null || jitter === 0) return 'off';
  return jitter === 'auto' ? jitter : formatDuration(jitter);
}

/** The same value with plain text in place of each secret: YAML would print the inside of an object. */
function masked(value: unknown): unknown {
  if (value instanceof Secret) return String(value);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, masked(member)]));
}
