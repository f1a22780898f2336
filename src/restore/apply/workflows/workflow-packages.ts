import { inBatches } from '../../package/batches.ts';
import { packPackage } from '../../package/import.ts';
import { packageWorkflow, type PackagedWorkflow } from '../../package/workflow.ts';
import type { CreateAction } from '../../plan/types.ts';
import type { ActionOf } from '../actions.ts';
import type { ApplyContext } from '../context.ts';
import { draftOf, firstContent, itemOf } from './workflow-content.ts';
import { presentTags } from './workflow-tags.ts';

export type WorkflowCreation = ActionOf<'workflows', CreateAction>;

/** The workflows of one package, by the action that each of them is for. */
export type WorkflowBatch = ReadonlyMap<WorkflowCreation, PackagedWorkflow>;

/** Bytes of workflows before compression, far below the 16 MB of an upload. */
const PACKAGE_BYTES = 4 * 2 ** 20;

/** Workflows as packages hold them, in batches that n8n takes at once. Each batch is made when it is asked for. */
export function workflowPackages(
  context: ApplyContext,
  actions: readonly WorkflowCreation[],
): Generator<WorkflowBatch> {
  const workflows = actions.values().map((action) => [action, packaging(context, action)] as const);
  return inBatches(workflows, PACKAGE_BYTES);
}

/** The package of a batch. */
export async function pack(
  context: ApplyContext,
  batch: WorkflowBatch,
): Promise<{ batch: WorkflowBatch; bytes: Uint8Array }> {
  const workflows = [...batch.values()];
  return { batch, bytes: await packPackage({ workflows, tags: tagsOf(context, workflows) }) };
}

/** Some workflows of a batch. */
export function partOf(batch: WorkflowBatch, actions: readonly WorkflowCreation[]): WorkflowBatch {
  const wanted = new Set(actions);
  return new Map([...batch].filter(([action]) => wanted.has(action)));
}

function packaging(context: ApplyContext, action: WorkflowCreation): PackagedWorkflow {
  const item = itemOf(context, action);
  const { settings } = draftOf(context, item);
  const tagIds = presentTags(context, action.work.tags ?? []);
  return packageWorkflow(
    { id: action.sourceId, name: action.name, settings, tagIds },
    firstContent(context, item, action),
  );
}

function tagsOf(
  context: ApplyContext,
  workflows: readonly PackagedWorkflow[],
): { id: string; name: string }[] {
  const wanted = new Set(workflows.flatMap(({ tagIds }) => tagIds));
  const named = [...context.source.tags.values()].map(({ id, name }) => ({
    id: context.ids.idOf('tags', id),
    name,
  }));
  return named.filter(({ id }) => wanted.has(id));
}
