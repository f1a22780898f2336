import { isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import { pause } from '../../lib/pauses.ts';
import { compareText } from '../../kinds/fields.ts';
import type { Budget } from '../budget.ts';
import { nodeName, type NodePair } from './match-nodes.ts';
import { NameNumbers } from './name-numbers.ts';
import type { VersionDiff, Wire, WireDiff } from '../types.ts';

/** Every connection of a version, in n8n's order. Empty slots and anything that is no connection are passed over. */
export function wiresOf(version: JsonObject | null): Wire[] {
  const wires: Wire[] = [];
  for (const [from, outputs] of Object.entries(asObject(version?.connections))) {
    for (const [type, slots] of Object.entries(asObject(outputs))) {
      for (const [output, targets] of asList(slots).entries()) {
        for (const target of asList(targets)) {
          if (!isJsonObject(target) || typeof target.node !== 'string') continue;
          const input = typeof target.index === 'number' ? target.index : 0;
          wires.push({ from, type, output, to: target.node, input });
        }
      }
    }
  }
  return wires;
}

function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * The connections that only one version has. n8n names their ends by name, so those of a renamed node are looked up
 * under the name that it has in the other version: a rename rewires nothing.
 */
export async function diffWires(
  before: JsonObject,
  after: JsonObject,
  pairs: readonly NodePair[],
  budget: Budget,
): Promise<Pick<VersionDiff, 'wires' | 'moreWires' | 'reordered'>> {
  const names = new NameNumbers();
  const old = keyed(before, names, nowCalled(pairs, names));
  await pause();
  const now = keyed(after, names);
  await pause();
  const oldKeys = new Set(old.map(({ key }) => key));
  const nowKeys = new Set(now.map(({ key }) => key));
  const wires = [
    ...now.filter(({ key }) => !oldKeys.has(key)).map(({ wire }) => ({ ...wire, change: 'added' as const })),
    ...old.filter(({ key }) => !nowKeys.has(key)).map(({ wire }) => ({ ...wire, change: 'removed' as const })),
  ];
  await pause();
  const reordered = reorderedOutputs(
    old.filter(({ key }) => nowKeys.has(key)),
    now.filter(({ key }) => oldKeys.has(key)),
  );
  return { ...listed(wires, budget), reordered: [...reordered].map((from) => names.nameOf(from)).sort(compareText) };
}

/** A wire with what tells it and its output from others, the names of nodes standing as numbers. */
interface KeyedWire extends WireKey {
  readonly wire: Wire;
}

interface WireKey {
  readonly key: string;
  readonly output: string;
  readonly from: number;
}

/** Gives the number of a node's name in the newer version. */
type Renumber = (number: number) => number;

function nowCalled(pairs: readonly NodePair[], names: NameNumbers): Renumber {
  const now = new Map<number, number>();
  for (const { from, to } of pairs) if (from && to) now.set(names.of(nodeName(from)), names.of(nodeName(to)));
  // The name of a removed node may be that of a new one: its wires are other wires.
  for (const { from, to } of pairs) if (from && !to) now.set(names.of(nodeName(from)), -1 - names.of(nodeName(from)));
  return (number) => now.get(number) ?? number;
}

function keyed(version: JsonObject, names: NameNumbers, renumber?: Renumber): KeyedWire[] {
  return wiresOf(version).map((wire) => ({ wire, ...wireKey(wire, names, renumber) }));
}

/** What tells a wire, and the output that it begins at, from others. */
export function wireKey(wire: Wire, names: NameNumbers, renumber: Renumber = (number) => number): WireKey {
  const [from, to] = [renumber(names.of(wire.from, 0)), renumber(names.of(wire.to, 1))];
  const output = `${from} ${names.of(wire.type, 2)} ${wire.output}`;
  return { key: `${output} ${to} ${wire.input}`, output, from };
}

/** Names of a wire up to this length together cost nothing; longer ones take a step for each character. */
const FREE_NAMES = 1000;

/** The wires, as far as there are steps for writing out their names, and how many there are besides. */
function listed(wires: readonly WireDiff[], budget: Budget): Pick<VersionDiff, 'wires' | 'moreWires'> {
  const more = { added: 0, removed: 0 };
  const named = wires.filter(({ from, to, type, change }) => {
    const length = from.length + to.length + type.length;
    if (length <= FREE_NAMES) return true;
    const affordable = length <= budget.forOne;
    if (affordable) budget.spend(length);
    else more[change] += 1;
    return affordable;
  });
  if (named.length === wires.length) return { wires: named };
  budget.refuse();
  return { wires: named, moreWires: more };
}

/** Nodes with an output whose kept wires come in another order: old workflows run them in that order. */
function reorderedOutputs(before: readonly KeyedWire[], after: readonly KeyedWire[]): Set<number> {
  const [old, now] = [Map.groupBy(before, outputOf), Map.groupBy(after, outputOf)];
  const nodes = new Set<number>();
  for (const [output, wires] of now) {
    const others = old.get(output) ?? [];
    const same = wires.length === others.length && wires.every(({ key }, index) => key === others[index]!.key);
    if (!same) nodes.add(wires[0]!.from);
  }
  return nodes;
}

function outputOf({ output }: KeyedWire): string {
  return output;
}
