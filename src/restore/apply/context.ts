import type { Progress } from '../../lib/progress.ts';
import type { N8nClient } from '../../n8n/http/types.ts';
import type { SnapshotModel } from '../model/model.ts';
import type { Plan } from '../plan/types.ts';
import type { CredentialData } from '../target/credentials-file.ts';
import type { Actions } from './actions.ts';
import type { TargetIds } from './ids.ts';
import type { RestoreMemory } from './memory.ts';
import type { WorkflowRequests } from './workflows/workflow-requests.ts';
import type { WorkflowVersions } from './workflows/workflow-versions.ts';

/** What is applied, and to what. */
export interface ApplyInput {
  readonly plan: Plan;
  readonly source: SnapshotModel;
  readonly live: SnapshotModel;
  /** The target. Its requests end when the run is stopped (with-signal.ts). */
  readonly client: N8nClient;
  readonly memory: RestoreMemory;
  /** From `--credentials-file`. */
  readonly credentials: CredentialData;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What the steps of one apply share. */
export interface ApplyContext extends ApplyInput {
  readonly actions: Actions;
  readonly ids: TargetIds;
  readonly versions: WorkflowVersions;
  readonly workflows: WorkflowRequests;
  /** Ids of the credentials that are there for the time of this run alone (temporary-credentials.ts). */
  readonly temporaryCredentials: Set<string>;
}
