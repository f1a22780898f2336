import { errorInfo } from '../lib/errors.ts';
import type { DaemonState } from './state.ts';
import type { DaemonInstance } from './types.ts';

/** How long an answer of the stores counts: probes come every few seconds, and each look costs requests. */
const STORES_FRESH_MS = 60_000;
const STORES_TIMEOUT_MS = 10_000;

export interface Readiness {
  readonly ready: boolean;
  /** One sentence each, by instance. */
  readonly problems: readonly string[];
}

/** Whether backups can be expected to work: the stores answer, and no backup is overdue. */
export class ReadinessCheck {
  readonly #state: DaemonState;
  #stores: {
    readonly at: number;
    readonly instances: readonly DaemonInstance[];
    readonly problems: Promise<string[]>;
  } | null = null;

  constructor(state: DaemonState) {
    this.#state = state;
  }

  async check(instances: readonly DaemonInstance[]): Promise<Readiness> {
    const overdue = instances
      .filter(({ name }) => this.#state.isOverdue(name))
      .map(({ name }) => `${name}: the backup is overdue`);
    const problems = [...overdue, ...(await this.#checkStores(instances))];
    return { ready: problems.length === 0, problems };
  }

  #checkStores(instances: readonly DaemonInstance[]): Promise<string[]> {
    const known = this.#stores;
    const now = performance.now();
    if (known && known.instances === instances && now - known.at < STORES_FRESH_MS) return known.problems;
    const problems = lookAtStores(instances);
    this.#stores = { at: now, instances, problems };
    return problems;
  }
}

async function lookAtStores(instances: readonly DaemonInstance[]): Promise<string[]> {
  const found = await Promise.all(
    instances.map(async (instance) => {
      try {
        await instance.checkStores(AbortSignal.timeout(STORES_TIMEOUT_MS));
        return [];
      } catch (error) {
        // The message may name buckets and folders: what anybody may read is the code alone.
        return [`${instance.name}: a store cannot be used (${errorInfo(error).code})`];
      }
    }),
  );
  return found.flat();
}
