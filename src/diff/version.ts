import type { JsonObject } from '../lib/json/json.ts';
import { Pauses } from '../lib/pauses.ts';
import type { Budget } from './budget.ts';
import { matchNodes } from './workflow/match-nodes.ts';
import { diffNode, isLayout } from './workflow/nodes.ts';
import type { NodeDiff, VersionDiff } from './types.ts';
import { diffWires } from './workflow/wires.ts';

const CHANGE_ORDER = ['added', 'changed', 'removed'];

/** Nodes between two pauses: those of an instance's usual workflow. */
const NODES_AT_ONCE = 16;

/** What differs between two versions of a workflow: nodes and the wires between them. */
export async function diffVersion(before: JsonObject, after: JsonObject, budget: Budget): Promise<VersionDiff> {
  const pauses = new Pauses(NODES_AT_ONCE);
  const pairs = matchNodes(before, after);
  const nodes: NodeDiff[] = [];
  for (const pair of pairs) {
    const node = diffNode(pair, budget);
    if (node) nodes.push(node);
    await pauses.after();
  }
  return { nodes: nodes.sort(byChange), ...(await diffWires(before, after, pairs, budget)) };
}

function byChange(a: NodeDiff, b: NodeDiff): number {
  return CHANGE_ORDER.indexOf(a.change) - CHANGE_ORDER.indexOf(b.change);
}

/** Whether nothing differs. */
export function isEmptyVersion(version: VersionDiff): boolean {
  return version.nodes.length === 0 && hasSameWires(version);
}

/** Whether nothing but the layout differs. */
export function isLayoutOnly(version: VersionDiff): boolean {
  return hasSameWires(version) && version.nodes.every((node) => node.layoutOnly);
}

function hasSameWires({ wires, moreWires, reordered }: VersionDiff): boolean {
  return wires.length + reordered.length === 0 && moreWires === undefined;
}

/** Without what only moves things about. */
export function withoutLayout(version: VersionDiff): VersionDiff {
  return {
    ...version,
    nodes: version.nodes
      .filter((node) => !node.layoutOnly)
      .map((node) => ({
        ...node,
        changes: node.changes.filter((change) => !isLayout(change)),
      })),
  };
}
