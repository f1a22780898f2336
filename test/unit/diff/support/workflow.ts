import type { Json, JsonObject } from '../../../../src/lib/json/json.ts';
import { Budget } from '../../../../src/diff/budget.ts';
import type { Names } from '../../../../src/diff/names.ts';
import type { WorkflowSide } from '../../../../src/diff/workflow/workflow.ts';
import { diffWorkflow } from '../../../../src/diff/workflow/workflow.ts';
import type { ItemDiff } from '../../../../src/diff/types.ts';

export const NO_NAMES: Names = { projects: new Map(), folders: new Map(), places: new Map() };

export function node(name: string, more: JsonObject = {}): JsonObject {
  return {
    id: `id-${name}`,
    name,
    type: 'n8n-nodes-base.set',
    typeVersion: 1,
    position: [0, 0],
    parameters: {},
    ...more,
  };
}

/** A workflow whose nodes are wired one after another, unless `connections` says otherwise. */
export function workflow(nodes: JsonObject[], more: JsonObject = {}): JsonObject {
  const connections: JsonObject = {};
  nodes.slice(0, -1).forEach((each, index) => {
    connections[each.name as string] = {
      main: [[{ node: nodes[index + 1]!.name as Json, type: 'main', index: 0 }]],
    };
  });
  return { id: 'w1', name: 'Invoice sync', active: false, settings: {}, nodes, connections, ...more };
}

export function side(draft: JsonObject, more: Partial<WorkflowSide> = {}): WorkflowSide {
  return { draft, published: null, names: NO_NAMES, ...more };
}

export function diffDrafts(from: JsonObject, to: JsonObject): Promise<ItemDiff | null> {
  return diffWorkflow(side(from), side(to), new Budget());
}

/** As diffDrafts, of drafts that differ. */
export async function changed(from: JsonObject, to: JsonObject): Promise<ItemDiff> {
  return (await diffDrafts(from, to))!;
}
