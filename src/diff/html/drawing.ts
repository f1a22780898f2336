import { isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import { objectsIn, textOf } from '../../kinds/fields.ts';
import { matchNodes, nodeName } from '../workflow/match-nodes.ts';
import { positionOf, STICKY_NOTE } from '../workflow/nodes.ts';
import type { NodeDiff, VersionDiff, Wire } from '../types.ts';
import { NameNumbers } from '../workflow/name-numbers.ts';
import { wireKey, wiresOf } from '../workflow/wires.ts';
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
  const nodes = { removed: byName(diff, true), now: byName(diff, false), renamed: byOldName(diff) };
  const names = new NameNumbers();
  const wires = (change: 'added' | 'removed'): ChangedWires => ({
    change,
    names,
    keys: new Set(diff?.wires.filter((wire) => wire.change === change).map((wire) => wireKey(wire, names).key)),
  });
  return {
    before: before && draw(before, keys.from, (node) => changeBefore(node, nodes), wires('removed')),
    after: after && draw(after, keys.to, (node) => nodes.now.get(nodeName(node)), wires('added')),
  };
}

interface DiffsByName {
  readonly removed: ReadonlyMap<string, NodeDiff>;
  readonly now: ReadonlyMap<string, NodeDiff>;
  /** By the names that they had. */
  readonly renamed: ReadonlyMap<string, NodeDiff>;
}

/** The wires that only one version has. */
interface ChangedWires {
  readonly change: 'added' | 'removed';
  readonly names: NameNumbers;
  readonly keys: ReadonlySet<string>;
}

function byName(diff: VersionDiff | undefined, removed: boolean): Map<string, NodeDiff> {
  const own = diff?.nodes.filter((node) => (node.change === 'removed') === removed) ?? [];
  return new Map(own.map((node) => [node.name, node]));
}

/** What became of a node of the older version; a renamed one is listed under its new name. */
function changeBefore(node: JsonObject, { removed, now, renamed }: DiffsByName): NodeDiff | undefined {
  const name = nodeName(node);
  const same = now.get(name);
  return removed.get(name) ?? renamed.get(name) ?? (same?.change === 'changed' ? same : undefined);
}

function byOldName(diff: VersionDiff | undefined): Map<string, NodeDiff> {
  return new Map(
    (diff?.nodes ?? []).flatMap((node) =>
      node.changes.flatMap((change) => (change.what === 'renamed' ? [[change.from, node] as const] : [])),
    ),
  );
}

function draw(
  version: JsonObject,
  keys: ReadonlyMap<JsonObject, string>,
  diffOf: (node: JsonObject) => NodeDiff | undefined,
  changed: ChangedWires,
): Drawing {
  const nodes = objectsIn(version.nodes);
  const handles = new Handles(wiresOf(version), nodes);
  const keyOfName = new Map(nodes.map((node) => [nodeName(node), keys.get(node) ?? '']));
  return {
    nodes: nodes.map((node) => drawNode(node, keys.get(node) ?? '', handles, diffOf(node))),
    wires: handles.wires.flatMap((wire) => {
      const [from, to] = [keyOfName.get(wire.from), keyOfName.get(wire.to)];
      if (from === undefined || to === undefined) return [];
      const change = changed.keys.has(wireKey(wire, changed.names).key) ? changed.change : ('same' as const);
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
  /** Types of sub-nodes that each parent has. */
  readonly #subTypes = new Map<string, Set<string>>();
  readonly #subPlaces = new Map<string, ReadonlyMap<string, number>>();
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
    const types = this.#subTypes.get(to);
    if (types) types.add(type);
    else this.#subTypes.set(to, new Set([type]));
  }

  /** The place of each type among those that a parent has, in alphabetical order. */
  #placesOf(parent: string): ReadonlyMap<string, number> {
    const known = this.#subPlaces.get(parent);
    if (known) return known;
    const types = [...(this.#subTypes.get(parent) ?? [])].sort();
    const places = new Map(types.map((type, index) => [type, index]));
    this.#subPlaces.set(parent, places);
    return places;
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
    const places = this.#placesOf(to);
    return { output: [0, 1], input: [places.get(type) ?? 0, places.size] };
  }
}
