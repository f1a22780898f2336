import { inBatches } from '../../package/batches.ts';
import { packPackage } from '../../package/import.ts';
import { packageWorkflow, type PackagedWorkflow } from '../../package/workflow.ts';
import type { CreateAction } from '../../plan/types.ts';
import type { ActionOf } from '../actions.ts';
import type { ApplyContext } from '../context.ts';
import { presentTags } from './workflow-tags.ts';

export type WorkflowCreation = ActionOf<'workflows', CreateAction>;

/** The workflows of one package, by the action that each of them is for. */
export type WorkflowBatch = ReadonlyMap<WorkflowCreation, PackagedWorkflow>;

/** Bytes of workflows before compression, far below the 16 MB of an upload. */
const PACKAGE_BYTES = 4 * 2 ** 20;

/** Workflows as packages hold them, in batches that n8n takes at once. Each batch is made when it is asked for. */
export function workflowPackages(
  context: ApplyContext,
  creations: readonly WorkflowCreation[],
): Generator<WorkflowBatch> {
  const workflows = creations.values().map((action) => [action, packaged(context, action)] as const);
  return inBatches(workflows, PACKAGE_BYTES);
}

/** The package of a batch. */
export async function pack(
  { ids, source }: ApplyContext,
  batch: WorkflowBatch,
): Promise<{ batch: WorkflowBatch; bytes: Uint8Array }> {
  const workflows = [...batch.values()];
  const wanted = new Set(workflows.flatMap(({ tagIds }) => tagIds));
  const tags = [...source.tags.values()].map(({ id, name }) => ({ id: ids.of('tags', id), name }));
  return { batch, bytes: await packPackage({ workflows, tags: tags.filter(({ id }) => wanted.has(id)) }) };
}

/** Some workflows of a batch. */
export function partOf(batch: WorkflowBatch, creations: readonly WorkflowCreation[]): WorkflowBatch {
  const wanted = new Set(creations);
  return new Map([...batch].filter(([action]) => wanted.has(action)));
}

function packaged(context: ApplyContext, action: WorkflowCreation): PackagedWorkflow {
  const { settings } = context.versions.draft(action);
  const tagIds = presentTags(context, action.work.tags ?? []);
  const head = { id: action.sourceId, name: action.name, settings, tagIds };
  return packageWorkflow(head, context.versions.first(action));
}
