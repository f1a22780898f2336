import { backup } from '../../src/jobs/backup/backup.ts';
import { Secret } from '../../src/lib/secrets/secret.ts';
import { createN8nClient, type N8nClientOptions } from '../../src/n8n/http/client.ts';
import type { N8nClient } from '../../src/n8n/http/types.ts';
import { DEFAULT_KINDS } from '../../src/kinds/kinds.ts';
import { MemoryStore } from './memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { grepOutput } from './secrets/grep.ts';
import { greppedLogger } from './secrets/logger.ts';
import type { BackupRun, BackupReport } from '../../src/jobs/backup/backup-types.ts';
import { DEFAULT_POLICY } from '../../src/snapshot/treat/policy.ts';
import { testTools } from './tools.ts';

export interface Target {
  readonly url: string;
  readonly apiKey: string;
}

/** flowkeep's own client for a test server, without the wait between requests that a real instance deserves. */
export function clientFor(target: Target, options: Partial<N8nClientOptions> = {}): N8nClient {
  return createN8nClient({
    url: target.url,
    apiKey: new Secret(target.apiKey),
    rateLimit: { concurrency: 4, requestsPerSecond: 10_000 },
    logger: greppedLogger,
    ...options,
  });
}

/** Takes one snapshot of a test server, into memory unless other stores are given. */
export async function takeBackup(
  target: Target,
  options: Partial<BackupRun> & { readonly store?: Store; readonly client?: N8nClient } = {},
): Promise<BackupReport> {
  const client = options.client ?? clientFor(target);
  try {
    const report = await backup({
      instance: 'prod',
      kinds: DEFAULT_KINDS,
      stores: [options.store ?? new MemoryStore()],
      policyOf: () => DEFAULT_POLICY,
      ...testTools(),
      ...options,
      client,
    });
    grepOutput('the report of a backup', JSON.stringify(report));
    return report;
  } finally {
    await client.close();
  }
}

/** Every file of a store's newest snapshot, as text. */
export async function latestFiles(store: Store, instance = 'prod'): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const snapshot = await store.latest(instance);
  if (!snapshot) return files;
  for await (const [path, content] of snapshot.readMany(snapshot.files.keys())) {
    grepOutput(`${path} of a snapshot`, content);
    files.set(path, Buffer.from(content).toString('utf8'));
  }
  return files;
}
