import { createN8nClient, type N8nClientOptions } from '../../../src/n8n/http/client.ts';
import type { N8nClient } from '../../../src/n8n/http/types.ts';
import { Secret } from '../../../src/lib/secrets/secret.ts';
import { backup } from '../../../src/jobs/backup/backup.ts';
import { restore } from '../../../src/jobs/restore/restore.ts';
import { DEFAULT_KINDS } from '../../../src/kinds/kinds.ts';
import { DEFAULT_OPTIONS, type RestoreOptions } from '../../../src/restore/plan/types.ts';
import { DEFAULT_POLICY, type StorePolicy } from '../../../src/snapshot/treat/policy.ts';
import { savedSnapshot } from '../../../src/jobs/snapshots/saved-snapshot.ts';
import type { Store, StoredSnapshot } from '../../../src/store/store.ts';
import { greppedLogger } from '../secrets/logger.ts';
import type { RestoreJobOptions, RestoreReport } from '../../../src/jobs/restore/restore-job.ts';
import { testTools } from '../tools.ts';

/** A client of a server of a test, with nothing between the requests. */
export function clientFor(
  server: { readonly url: string; readonly apiKey: string },
  signal?: AbortSignal,
  timeouts: NonNullable<N8nClientOptions['timeouts']> = {},
): N8nClient {
  return createN8nClient({
    url: server.url,
    apiKey: new Secret(server.apiKey),
    rateLimit: { concurrency: 4, requestsPerSecond: 10_000 },
    logger: greppedLogger,
    timeouts,
    ...(signal ? { signal } : {}),
  });
}

/** Saves a snapshot of instance `prod`. */
export async function saveSnapshot(
  client: N8nClient,
  store: Store,
  instance = 'prod',
  policy: StorePolicy = DEFAULT_POLICY,
  purpose: 'backup' | 'safety' = 'backup',
): Promise<void> {
  const policyOf = () => policy;
  await backup({ instance, kinds: DEFAULT_KINDS, client, stores: [store], policyOf, purpose, ...testTools() });
}

export interface RunOptions extends Partial<Omit<RestoreJobOptions, 'options' | 'target' | 'snapshot'>> {
  readonly snapshot?: StoredSnapshot;
  readonly options?: Partial<RestoreOptions>;
  /** The instance that is written to. Default: `copy`. */
  readonly into?: string;
}

/** Restores the latest snapshot of `prod`, with `--yes`. */
export async function runRestore(client: N8nClient, store: Store, run: RunOptions = {}): Promise<RestoreReport> {
  return restore(await jobFor(client, store, run));
}

/** What such a restore is asked to do. */
export async function jobFor(client: N8nClient, store: Store, run: RunOptions = {}): Promise<RestoreJobOptions> {
  const { options, into = 'copy', snapshot, ...rest } = run;
  const latest = snapshot ?? (await store.latest('prod'));
  if (!latest) throw new Error('there is no snapshot of prod');
  return {
    target: { instance: into, client },
    snapshot: await savedSnapshot(latest),
    unverified: [],
    store,
    policy: DEFAULT_POLICY,
    options: { ...DEFAULT_OPTIONS, ...options },
    dryRun: false,
    safetySnapshot: true,
    planFile: null,
    credentialsFile: null,
    confirm: async () => true,
    ...testTools(),
    ...rest,
  };
}

/** What is not as in the snapshot, one line for each item: empty after a good restore. */
export function troubles(report: RestoreReport): string[] {
  return report.items
    .filter(({ result }) => result === 'differs' || result === 'failed')
    .map(({ result, kind, name, reason, changes }) => {
      const fields = changes.map(({ field }) => field).join(',');
      return `${result} ${kind} ${name}: ${reason ?? ''} [${fields}]`;
    });
}
