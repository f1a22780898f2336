import { isJsonObject, type JsonObject } from '../../../lib/json/json.ts';
import { hasMembers, objectsIn } from '../../../kinds/fields.ts';
import { rewriteReferences } from '../../../kinds/workflow-references.ts';
import type { WorkflowContent } from '../../package/workflow.ts';
import type { WorkflowItem } from '../../model/model.ts';
import type { ApplyContext } from '../context.ts';
import type { ActionOf } from '../actions.ts';
import { RefusedError } from '../attempt.ts';

/** A workflow's draft with the ids of the target in it. */
export interface Draft extends WorkflowContent {
  readonly settings: JsonObject;
  readonly description: string;
  readonly pinData: JsonObject | null;
  readonly staticData: JsonObject[string];
}

/** The draft as it shall be on the target. */
export function draftOf(context: ApplyContext, item: WorkflowItem): Draft {
  const draft = rewritten(context, item.draft);
  return {
    ...contentIn(draft),
    settings: isJsonObject(draft.settings) ? draft.settings : {},
    description: typeof draft.description === 'string' ? draft.description : '',
    pinData: isJsonObject(draft.pinData) && hasMembers(draft.pinData) ? draft.pinData : null,
    staticData: hasMembers(item.staticData) ? item.staticData : null,
  };
}

/**
 * What is written first: the version that shall be live, where that is another than the draft. It is published before
 * the draft is laid over it.
 */
export function firstContent(
  context: ApplyContext,
  item: WorkflowItem,
  action: ActionOf<'workflows'>,
): WorkflowContent {
  const { live } = action.work;
  const separate = live.do === 'publish' && live.version === 'published' && item.published;
  return contentIn(rewritten(context, separate || item.draft));
}

/** Whether the draft still has to be laid over the live version after that was published. */
export function hasSeparateDraft(item: WorkflowItem, action: ActionOf<'workflows'>): boolean {
  const { live } = action.work;
  return live.do === 'publish' && live.version === 'published' && item.published !== null;
}

/** The snapshot's workflow of an action. */
export function itemOf(context: ApplyContext, action: ActionOf<'workflows'>): WorkflowItem {
  const item = context.source.workflows.get(action.sourceId);
  if (!item) throw new RefusedError(`the snapshot does not hold workflow ${action.sourceId}`);
  return item;
}

function contentIn(version: JsonObject): WorkflowContent {
  return {
    nodes: objectsIn(version.nodes),
    connections: isJsonObject(version.connections) ? version.connections : {},
    nodeGroups: objectsIn(version.nodeGroups),
  };
}

function rewritten(context: ApplyContext, version: JsonObject): JsonObject {
  return rewriteReferences(version, ({ kind, id, by }) =>
    by === 'id' ? context.ids.changed(kind, id) : undefined,
  );
}
