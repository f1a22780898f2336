import type { App } from '../app/app.ts';
import type { InstanceConfig } from '../config/types.ts';
import type { PruneTarget } from '../jobs/prune/prune.ts';

/** Each store once, with those of the instances that save to it. */
export async function pruneTargets(
  app: App,
  instances: readonly InstanceConfig[],
  storeName: string | undefined,
): Promise<PruneTarget[]> {
  const targets = new Map<string, PruneTarget & { instances: { name: string; timezone: string }[] }>();
  for (const instance of instances) {
    for (const store of await app.stores(instance, storeName)) {
      const settings = app.config.stores.find((each) => each.name === store.name);
      const policy = settings && 'retention' in settings ? settings.retention : null;
      const target = targets.get(store.name) ?? { store, policy, instances: [] };
      target.instances.push({ name: instance.name, timezone: instance.timezone });
      targets.set(store.name, target);
    }
  }
  return [...targets.values()];
}
