import type { JsonObject } from '../lib/json/json.ts';
import { matchNodes } from './workflow/match-nodes.ts';
import { diffNode } from './workflow/nodes.ts';
import type { NodeDiff, VersionDiff } from './types.ts';
import { diffWires } from './workflow/wires.ts';

const CHANGE_ORDER = ['added', 'changed', 'removed'];

/** What differs between two versions of a workflow: nodes and the wires between them. */
export function diffVersion(before: JsonObject, after: JsonObject): VersionDiff {
  const pairs = matchNodes(before, after);
  const nodes = pairs.map(diffNode).filter((node) => node !== null);
  return { nodes: nodes.sort(byChange), ...diffWires(before, after, pairs) };
}

function byChange(a: NodeDiff, b: NodeDiff): number {
  return CHANGE_ORDER.indexOf(a.change) - CHANGE_ORDER.indexOf(b.change);
}

/** Whether nothing differs. */
export function isEmptyVersion(version: VersionDiff): boolean {
  return version.nodes.length + version.wires.length + version.reordered.length === 0;
}

/** Whether nothing but the layout differs. */
export function isLayoutOnly(version: VersionDiff): boolean {
  return version.wires.length + version.reordered.length === 0 && version.nodes.every((node) => node.layoutOnly);
}

/** Without what only moves things about. */
export function withoutLayout(version: VersionDiff): VersionDiff {
  return {
    ...version,
    nodes: version.nodes
      .filter((node) => !node.layoutOnly)
      .map((node) => ({
        ...node,
        changes: node.changes.filter((change) => change.what !== 'moved' && change.what !== 'resized'),
      })),
  };
}
