import type { Logger } from '../../lib/logger.ts';
import type { Progress } from '../../lib/progress.ts';
import type { N8nClient } from '../../n8n/http/types.ts';
import type { Kind } from '../../kinds/kinds.ts';
import type { CredentialData } from '../target/credentials-file.ts';
import type { SnapshotModel } from '../model/model.ts';
import type { IdPair, Plan } from '../plan/types.ts';
import type { TargetIds } from './ids.ts';
import type { Outcomes } from './outcome.ts';

/** What a run needs to remember beyond the process, so that the next one can complete it. */
export interface RestoreMemory {
  /** Keeps what was created under a new id. Called as soon as it exists; resolves when it is safe. */
  remember(pairs: readonly IdPair[]): Promise<void>;
  /** Keeps the ids of things that are there for the time of the run alone, before they are created. */
  rememberTemporary(credentialIds: readonly string[]): Promise<void>;
  /** Credentials that a run before this one may have left behind, because it was killed. */
  readonly leftBehind: readonly string[];
}

export interface ApplyOptions {
  readonly plan: Plan;
  readonly source: SnapshotModel;
  readonly live: SnapshotModel;
  readonly client: N8nClient;
  readonly memory: RestoreMemory;
  /** From `--credentials-file`. */
  readonly credentials: CredentialData;
  readonly logger: Logger;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What the steps of one apply share. */
export interface ApplyContext extends ApplyOptions {
  readonly ids: TargetIds;
  readonly outcomes: Outcomes;
  /** Ids of the credentials that are there for the time of this run alone (ghosts.ts). */
  readonly temporaryCredentials: Set<string>;
}

/** Takes up an item that n8n gave a new id, and makes sure that it is not forgotten. */
export async function rememberCreated(
  context: ApplyContext,
  kind: Kind,
  from: string,
  to: string,
): Promise<void> {
  context.ids.created(kind, from, to);
  if (from !== to) await context.memory.remember([{ kind, from, to }]);
}
