import { isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import { compareText } from '../../kinds/fields.ts';
import { nodeName, type NodePair } from './match-nodes.ts';
import type { Wire, WireDiff } from '../types.ts';

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
export function diffWires(
  before: JsonObject,
  after: JsonObject,
  pairs: readonly NodePair[],
): { wires: WireDiff[]; reordered: string[] } {
  const renamed = new Map(
    pairs.flatMap(({ from, to }) => (from && to ? [[nodeName(from), nodeName(to)] as const] : [])),
  );
  const gone = new Set(pairs.flatMap(({ from, to }) => (from && !to ? [nodeName(from)] : [])));
  // The name of a removed node may be that of a new one: its wires are other wires.
  const nowCalled = (name: string): string => (gone.has(name) ? `\0${name}` : (renamed.get(name) ?? name));
  const old = wiresOf(before).map((wire) => ({
    wire,
    key: wireKey({ ...wire, from: nowCalled(wire.from), to: nowCalled(wire.to) }),
  }));
  const now = wiresOf(after).map((wire) => ({ wire, key: wireKey(wire) }));
  const oldKeys = new Set(old.map(({ key }) => key));
  const nowKeys = new Set(now.map(({ key }) => key));
  return {
    wires: [
      ...now.filter(({ key }) => !oldKeys.has(key)).map(({ wire }) => ({ ...wire, change: 'added' as const })),
      ...old.filter(({ key }) => !nowKeys.has(key)).map(({ wire }) => ({ ...wire, change: 'removed' as const })),
    ],
    reordered: reorderedOutputs(
      old.filter(({ key }) => nowKeys.has(key)).map(({ key }) => key),
      now.filter(({ key }) => oldKeys.has(key)).map(({ key }) => key),
    ),
  };
}

type WireKey = string;

function wireKey(wire: Wire): WireKey {
  return JSON.stringify([wire.from, wire.type, wire.output, wire.to, wire.input]);
}

/** Names of nodes with an output whose kept wires come in another order: old workflows run them in that order. */
function reorderedOutputs(before: readonly WireKey[], after: readonly WireKey[]): string[] {
  const [old, now] = [byOutput(before), byOutput(after)];
  const names = new Set<string>();
  for (const [output, keys] of now) {
    if (keys.join('\n') !== (old.get(output) ?? []).join('\n')) names.add((JSON.parse(output) as [string])[0]);
  }
  return [...names].sort(compareText);
}

function byOutput(keys: readonly WireKey[]): Map<string, WireKey[]> {
  const outputs = new Map<string, WireKey[]>();
  for (const key of keys) {
    const output = JSON.stringify((JSON.parse(key) as unknown[]).slice(0, 3));
    outputs.set(output, [...(outputs.get(output) ?? []), key]);
  }
  return outputs;
}
