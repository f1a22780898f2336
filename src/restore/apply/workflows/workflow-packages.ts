import { inBatches } from '../../package/batches.ts';
import { packPackage } from '../../package/import.ts';
import { packageWorkflow, type PackagedWorkflow } from '../../package/workflow.ts';
import type { CreateAction } from '../../plan/types.ts';
import type { ActionOf } from '../actions.ts';
import type { WorkflowVersions } from './workflow-versions.ts';

export type WorkflowCreation = ActionOf<'workflows', CreateAction>;

/** The workflows of one package, by the action that each of them is for. */
export type WorkflowBatch = ReadonlyMap<WorkflowCreation, PackagedWorkflow>;

/** Bytes of workflows before compression, far below the 16 MB of an upload. */
const PACKAGE_BYTES = 4 * 2 ** 20;

/** Workflows as packages hold them, in batches that n8n takes at once. Each batch is made when it is asked for. */
export function workflowPackages(
  versions: WorkflowVersions,
  creations: readonly WorkflowCreation[],
): Generator<WorkflowBatch> {
  const workflows = creations.values().map((action) => [action, packaged(versions, action)] as const);
  return inBatches(workflows, PACKAGE_BYTES);
}

/** The package of a batch. */
export async function pack(
  versions: WorkflowVersions,
  batch: WorkflowBatch,
): Promise<{ batch: WorkflowBatch; bytes: Uint8Array }> {
  const workflows = [...batch.values()];
  const tags = versions.tagsWith(new Set(workflows.flatMap(({ tagIds }) => tagIds)));
  return { batch, bytes: await packPackage({ workflows, tags }) };
}

/** Some workflows of a batch. */
export function partOf(batch: WorkflowBatch, creations: readonly WorkflowCreation[]): WorkflowBatch {
  const wanted = new Set(creations);
  return new Map([...batch].filter(([action]) => wanted.has(action)));
}

function packaged(versions: WorkflowVersions, action: WorkflowCreation): PackagedWorkflow {
  const { settings } = versions.draft(action);
  const head = { id: action.sourceId, name: action.name, settings, tagIds: versions.tagIds(action) };
  return packageWorkflow(head, versions.first(action));
}
