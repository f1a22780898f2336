import { isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import { objectsIn, textOf } from '../../kinds/fields.ts';
import { matchNodes, nodeName } from '../workflow/match-nodes.ts';
import { positionOf, STICKY_NOTE } from '../workflow/nodes.ts';
import type { NodeDiff, VersionDiff, Wire } from '../types.ts';
import { wiresOf } from '../workflow/wires.ts';
import type { Drawing, DrawnNode, DrawnWire } from './page-data.ts';
import { nodeChangesShown, valuesShown } from './shown.ts';

/** Sizes on n8n's canvas, in its own units: a node, an agent with sub-nodes, a sub-node, a sticky note. */
const NODE = 96;
const PARENT_WIDTH = 256;
const SUB_NODE = 80;
const STICKY = { width: 240, height: 160 };
/** Room for one handle on a side of a node. */
const HANDLE = 32;

/** Both versions of a workflow as drawings whose nodes have the same keys. */
export function drawPair(
  before: JsonObject | null,
  after: JsonObject | null,
  diff: VersionDiff | undefined,
): { before: Drawing | null; after: Drawing | null } {
  const keys = { from: new Map<JsonObject, string>(), to: new Map<JsonObject, string>() };
  matchNodes(before, after).forEach(({ from, to }, index) => {
    if (from) keys.from.set(from, String(index));
    if (to) keys.to.set(to, String(index));
  });
  const nodes = { removed: byName(diff, true), now: byName(diff, false) };
  const wires = (change: 'added' | 'removed'): Set<string> =>
    new Set(diff?.wires.filter((wire) => wire.change === change).map(wireKey));
  return {
    before: before && draw(before, keys.from, (node) => changeBefore(node, nodes), wires('removed'), 'removed'),
    after: after && draw(after, keys.to, (node) => nodes.now.get(nodeName(node)), wires('added'), 'added'),
  };
}

interface DiffsByName {
  readonly removed: ReadonlyMap<string, NodeDiff>;
  readonly now: ReadonlyMap<string, NodeDiff>;
}

function byName(diff: VersionDiff | undefined, removed: boolean): Map<string, NodeDiff> {
  const own = diff?.nodes.filter((node) => (node.change === 'removed') === removed) ?? [];
  return new Map(own.map((node) => [node.name, node]));
}

/** What became of a node of the older version; a renamed one is listed under its new name. */
function changeBefore(node: JsonObject, { removed, now }: DiffsByName): NodeDiff | undefined {
  const name = nodeName(node);
  const renamed = [...now.values()].find((each) =>
    each.changes.some((change) => change.what === 'renamed' && change.from === name),
  );
  const same = now.get(name);
  return removed.get(name) ?? renamed ?? (same?.change === 'changed' ? same : undefined);
}

function wireKey({ from, type, output, to, input }: Wire): string {
  return JSON.stringify([from, type, output, to, input]);
}

function draw(
  version: JsonObject,
  keys: ReadonlyMap<JsonObject, string>,
  diffOf: (node: JsonObject) => NodeDiff | undefined,
  changedWires: ReadonlySet<string>,
  wireChange: 'added' | 'removed',
): Drawing {
  const nodes = objectsIn(version.nodes);
  const handles = new Handles(wiresOf(version), nodes);
  const keyOfName = new Map(nodes.map((node) => [nodeName(node), keys.get(node) ?? '']));
  return {
    nodes: nodes.map((node) => drawNode(node, keys.get(node) ?? '', handles, diffOf(node))),
    wires: handles.wires.flatMap((wire) => {
      const [from, to] = [keyOfName.get(wire.from), keyOfName.get(wire.to)];
      if (from === undefined || to === undefined) return [];
      const change = changedWires.has(wireKey(wire)) ? wireChange : ('same' as const);
      return [{ from, to, type: wire.type, change, ...handles.ends(wire) }];
    }),
  };
}

function drawNode(node: JsonObject, key: string, handles: Handles, diff: NodeDiff | undefined): DrawnNode {
  const [x, y] = positionOf(node);
  const name = nodeName(node);
  const parameters = isJsonObject(node.parameters) ? node.parameters : {};
  const shape = handles.shapeOf(node);
  return {
    key,
    name,
    type: textOf(node.type),
    shape,
    x,
    y,
    ...sizeOf(shape, parameters, handles.most(name)),
    disabled: node.disabled === true,
    change: diff === undefined ? 'same' : diff.layoutOnly ? 'moved' : diff.change,
    ...(shape === 'sticky'
      ? {
          text: textOf(parameters.content),
          colour: typeof parameters.color === 'number' ? parameters.color : 1,
        }
      : {}),
    changes: diff ? nodeChangesShown(diff) : [],
    values: valuesShown(node),
  };
}

function sizeOf(shape: DrawnNode['shape'], parameters: JsonObject, handles: number): { width: number; height: number } {
  if (shape === 'sub') return { width: SUB_NODE, height: SUB_NODE };
  if (shape === 'sticky') {
    const { width, height } = parameters;
    return {
      width: typeof width === 'number' ? width : STICKY.width,
      height: typeof height === 'number' ? height : STICKY.height,
    };
  }
  const height = Math.max(NODE, (handles + 1) * HANDLE - HANDLE / 2);
  return { width: shape === 'parent' ? PARENT_WIDTH : NODE, height };
}

/** How many outputs n8n's own nodes have, whether anything is connected to them or not. */
const OUTPUTS: Readonly<Partial<Record<string, number>>> = {
  'n8n-nodes-base.if': 2,
  'n8n-nodes-base.splitInBatches': 2,
};
const INPUTS: Readonly<Partial<Record<string, number>>> = { 'n8n-nodes-base.merge': 2 };

/**
 * Where wires leave and arrive: taken from the wires themselves, since a workflow does not list what its nodes have.
 */
class Handles {
  readonly wires: readonly Wire[];
  readonly #outputs = new Map<string, number>();
  readonly #inputs = new Map<string, number>();
  /** Types of sub-nodes that each parent has, sorted. */
  readonly #subTypes = new Map<string, string[]>();
  readonly #subNodes = new Set<string>();

  constructor(wires: readonly Wire[], nodes: readonly JsonObject[]) {
    this.wires = wires;
    for (const node of nodes) {
      const [name, type] = [nodeName(node), textOf(node.type)];
      this.#outputs.set(name, Object.hasOwn(OUTPUTS, type) ? (OUTPUTS[type] ?? 1) : 1);
      this.#inputs.set(name, Object.hasOwn(INPUTS, type) ? (INPUTS[type] ?? 1) : 1);
    }
    for (const wire of wires) this.#add(wire);
  }

  #add({ from, to, type, output, input }: Wire): void {
    if (type === 'main') {
      this.#outputs.set(from, Math.max(this.#outputs.get(from) ?? 1, output + 1));
      this.#inputs.set(to, Math.max(this.#inputs.get(to) ?? 1, input + 1));
      return;
    }
    this.#subNodes.add(from);
    this.#subTypes.set(to, [...new Set([...(this.#subTypes.get(to) ?? []), type])].sort());
  }

  shapeOf(node: JsonObject): DrawnNode['shape'] {
    const [name, type] = [nodeName(node), textOf(node.type)];
    if (type === STICKY_NOTE) return 'sticky';
    if (this.#subTypes.has(name)) return 'parent';
    if (this.#subNodes.has(name)) return 'sub';
    return /trigger$|\.(webhook|cron|start|interval)$/i.test(type) ? 'trigger' : 'node';
  }

  /** The larger number of handles on the left and right side. */
  most(name: string): number {
    return Math.max(this.#outputs.get(name) ?? 1, this.#inputs.get(name) ?? 1);
  }

  ends({ from, to, type, output, input }: Wire): Pick<DrawnWire, 'output' | 'input'> {
    if (type === 'main') {
      return { output: [output, this.#outputs.get(from) ?? 1], input: [input, this.#inputs.get(to) ?? 1] };
    }
    const types = this.#subTypes.get(to) ?? [type];
    return { output: [0, 1], input: [types.indexOf(type), types.length] };
  }
}
