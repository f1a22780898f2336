import { isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import { objectsIn, textMember, textOf } from '../../kinds/fields.ts';
import { findReferences } from '../../kinds/workflows/workflow-references.ts';

/** What the page says of one workflow. */
export interface ReadmeEntry {
  readonly path: string;
  readonly id: string;
  readonly name: string;
  readonly state: 'published' | 'published, draft differs' | 'not published' | 'archived';
  readonly tags: readonly string[];
  readonly nodes: number;
  /** ISO time of the last edit; '' where n8n does not tell. */
  readonly lastEdit: string;
  /** Ids of the workflows that it calls, each once. */
  readonly calls: readonly string[];
}

/** @param hasPublished whether the snapshot has a live version beside the draft */
export function toEntry(path: string, draft: JsonObject, hasPublished: boolean): ReadmeEntry {
  return {
    path,
    id: textOf(draft.id),
    name: textOf(draft.name),
    state: stateOf(draft, hasPublished),
    tags: objectsIn(draft.tags).map(textMember('name')),
    nodes: objectsIn(draft.nodes).length,
    lastEdit: textOf(draft.updatedAt),
    calls: callsOf(draft),
  };
}

function stateOf(draft: JsonObject, hasPublished: boolean): ReadmeEntry['state'] {
  if (draft.isArchived === true) return 'archived';
  if (hasPublished) return 'published, draft differs';
  return draft.active === true ? 'published' : 'not published';
}

/** Only a node's own `workflowId` is a sure call; the other nodes, nearly all of them, need not be looked through. */
function callsOf(draft: JsonObject): string[] {
  const nodes = objectsIn(draft.nodes).filter(
    ({ parameters }) => isJsonObject(parameters) && Object.hasOwn(parameters, 'workflowId'),
  );
  if (nodes.length === 0) return [];
  const calls = findReferences({ nodes }).references.filter(
    (reference) =>
      reference.kind === 'workflows' &&
      reference.sure &&
      reference.by === 'id' &&
      (reference.role === 'call' || reference.role === 'use'),
  );
  return [...new Set(calls.map((reference) => reference.id))];
}
