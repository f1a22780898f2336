import { isJsonObject, type Json, type JsonObject } from '../../lib/json/json.ts';
import { compareText, omit, textMember, textOf } from '../../kinds/fields.ts';
import type { Budget } from '../budget.ts';
import { nodeId, nodeName, type NodePair } from './match-nodes.ts';
import type { NodeChange, NodeDiff, Position } from '../types.ts';
import { diffValues, sameJson } from '../text/values.ts';

export const STICKY_NOTE = 'n8n-nodes-base.stickyNote';
/** Members of a node that are compared by themselves; any other is a setting of the node. */
const OWN = ['id', 'name', 'type', 'typeVersion', 'position', 'disabled', 'parameters', 'credentials'];
const nodeType = textMember('type');

/** What differs between two nodes, or null where nothing does. */
export function diffNode({ from, to }: NodePair, budget: Budget): NodeDiff | null {
  const node = to ?? from;
  if (!node) return null;
  const head = { id: nodeId(node), name: nodeName(node), type: nodeType(node) };
  if (!from || !to) return { ...head, change: to ? 'added' : 'removed', changes: [], layoutOnly: false };
  const changes = nodeChanges(from, to, budget);
  if (changes.length === 0) return null;
  return { ...head, change: 'changed', changes, layoutOnly: changes.every(isLayout) };
}

/** Whether a change only moves things about on the canvas. */
export function isLayout(change: NodeChange): boolean {
  return change.what === 'moved' || change.what === 'resized';
}

function nodeChanges(from: JsonObject, to: JsonObject, budget: Budget): NodeChange[] {
  const changes: NodeChange[] = [];
  if (nodeName(from) !== nodeName(to)) changes.push({ what: 'renamed', from: nodeName(from), to: nodeName(to) });
  if (isDisabled(from) !== isDisabled(to)) changes.push({ what: isDisabled(to) ? 'disabled' : 'enabled' });
  for (const [what, member] of [
    ['type', 'type'],
    ['version', 'typeVersion'],
  ] as const) {
    const [before, after] = [from[member] ?? null, to[member] ?? null];
    if (!sameJson(before, after)) changes.push({ what, from: before, to: after });
  }
  const sticky = nodeType(from) === STICKY_NOTE && nodeType(to) === STICKY_NOTE;
  changes.push(...credentialChanges(from, to));
  for (const change of diffValues(parametersOf(from, sticky), parametersOf(to, sticky), budget))
    changes.push({ what: 'parameter', ...change });
  for (const change of diffValues(omit(from, OWN), omit(to, OWN), budget)) changes.push({ what: 'setting', ...change });
  changes.push(...layoutChanges(from, to, sticky));
  return changes;
}

function isDisabled(node: JsonObject): boolean {
  return node.disabled === true;
}

function parametersOf(node: JsonObject, sticky: boolean): JsonObject {
  const parameters = isJsonObject(node.parameters) ? node.parameters : {};
  return sticky ? omit(parameters, ['width', 'height']) : parameters;
}

/** Credentials are compared by id: the name beside it is n8n's copy and follows the credential. */
function credentialChanges(from: JsonObject, to: JsonObject): NodeChange[] {
  const [before, after] = [membersOf(from.credentials), membersOf(to.credentials)];
  const types = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compareText);
  return types.flatMap((type): NodeChange[] => {
    const [a, b] = [before[type], after[type]];
    if (sameJson(credentialId(a), credentialId(b))) return [];
    return [
      {
        what: 'credential',
        type,
        ...(a === undefined ? {} : { from: credentialName(a) }),
        ...(b === undefined ? {} : { to: credentialName(b) }),
      },
    ];
  });
}

function membersOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function credentialId(value: Json | undefined): Json | undefined {
  return isJsonObject(value) ? (value.id ?? value.name ?? null) : value;
}

/** `Stripe (abc)`; very old workflows have the bare name. */
function credentialName(value: Json): string {
  if (typeof value === 'string') return value;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const [id, name] = [textOf(value.id), textOf(value.name)];
  return name === '' ? id : `${name}${id === '' ? '' : ` (${id})`}`;
}

function layoutChanges(from: JsonObject, to: JsonObject, sticky: boolean): NodeChange[] {
  const changes: NodeChange[] = [];
  if (!sameJson(from.position, to.position))
    changes.push({ what: 'moved', from: positionOf(from), to: positionOf(to) });
  if (sticky && sizeOf(from) !== sizeOf(to)) changes.push({ what: 'resized', from: sizeOf(from), to: sizeOf(to) });
  return changes;
}

/** Where a node stands on the canvas; [0, 0] where it does not say. */
export function positionOf(node: JsonObject): Position {
  const [x, y] = Array.isArray(node.position) ? node.position : [];
  return [typeof x === 'number' ? x : 0, typeof y === 'number' ? y : 0];
}

function sizeOf(node: JsonObject): string {
  const { width, height } = membersOf(node.parameters);
  const text = (value: Json | undefined): string => (value === undefined ? 'default' : JSON.stringify(value));
  return `${text(width)} × ${text(height)}`;
}
