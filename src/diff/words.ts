import { canonicalJsonLine, type Json } from '../lib/json/json.ts';
import type { FieldChange, ItemDiff, NodeChange, NodeDiff, VersionDiff, WireDiff } from './types.ts';
import { isLayout } from './workflow/nodes.ts';

/** `2 nodes changed`: a count with its noun. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** What is said of a value that was not compared in detail. */
export const COARSE_WORDS = 'too large to be compared in detail';

/** `12 more wires added`: those that a version diff counts without naming them. */
export function moreWiresWords({ moreWires }: VersionDiff): string[] {
  return (['added', 'removed'] as const).flatMap((change) => {
    const more = moreWires?.[change] ?? 0;
    return more === 0 ? [] : [`${count(more, 'more wire')} ${change}`];
  });
}

/** `2 texts could not be compared (withheld)` */
export function textsWithheld(texts: number): string {
  return `${count(texts, 'text')} could not be compared (withheld)`;
}

/** A wire as people say it: `Webhook → Set`, `IF [1] → Slack`, `OpenAI ⇢ Agent (ai_languageModel)`. */
export function wireWords({ from, output, to, input, type }: WireDiff): string {
  const ends =
    `${from}${output > 0 ? ` [${output}]` : ''} ${type === 'main' ? '→' : '⇢'} ` +
    `${to}${input > 0 ? ` [${input}]` : ''}`;
  return type === 'main' ? ends : `${ends} (${type})`;
}

/** What kind of change it is, in one or two words, without the values: `url`, `renamed`, `credential httpBasicAuth`. */
export function nodeChangeWords(change: NodeChange): string {
  switch (change.what) {
    case 'parameter':
      return change.path;
    case 'setting':
      return change.path;
    case 'credential':
      return `credential ${change.type}`;
    case 'renamed':
      return `renamed from ${change.from}`;
    case 'version':
      return `version ${valueWords(change.from)} → ${valueWords(change.to)}`;
    case 'type':
    case 'enabled':
    case 'disabled':
    case 'moved':
    case 'resized':
      return change.what;
  }
}

/** Most names in one phrase. */
const NAMED = 5;

/**
 * What differs in an item, in one line for a log: "1 node changed (HTTP Request: url), 1 wire added, published".
 * Layout is only named where nothing else differs.
 */
export function itemWords(item: ItemDiff): string {
  if (item.change !== 'changed') return item.holds ?? '';
  if (item.layoutOnly) return 'layout only';
  const phrases = [
    ...(item.draft ? versionWords(item.draft) : []),
    ...(item.live ? ['live version changed'] : []),
    ...fieldWords(item.fields.filter((field) => !field.layout)),
    ...(item.rows ? [rowWords(item.rows)] : []),
  ];
  return phrases.join(', ');
}

function versionWords({ nodes, wires, moreWires, reordered }: VersionDiff): string[] {
  const real = nodes.filter((node) => !node.layoutOnly);
  return [
    ...(['changed', 'added', 'removed'] as const).flatMap((change) => {
      const own = real.filter((node) => node.change === change);
      return own.length === 0 ? [] : [`${count(own.length, 'node')} ${change} (${some(own.map(nodeWords))})`];
    }),
    ...(['added', 'removed'] as const).flatMap((change) => {
      const own = wires.filter((wire) => wire.change === change).length + (moreWires?.[change] ?? 0);
      return own === 0 ? [] : [`${count(own, 'wire')} ${change}`];
    }),
    ...(reordered.length > 0 ? [`order of wires changed (${some(reordered)})`] : []),
  ];
}

function nodeWords(node: NodeDiff): string {
  const changes = node.changes.filter((change) => !isLayout(change));
  return changes.length === 0 ? node.name : `${node.name}: ${some(changes.map(nodeChangeWords))}`;
}

function some(words: readonly string[]): string {
  const shown = words.slice(0, NAMED).join(', ');
  return words.length > NAMED ? `${shown} and ${words.length - NAMED} more` : shown;
}

function fieldWords(fields: readonly FieldChange[]): string[] {
  return fields.length === 0 ? [] : [some(fields.map(fieldPhrase))];
}

/** One change of an item as a phrase: `published`, `tag Billing added`, `settings.timezone changed`. */
export function fieldPhrase(change: FieldChange): string {
  const { field, from, to } = change;
  if (field === 'live version') return livePhrase(from ?? null, to ?? null);
  if (field === 'archived') return to === true ? 'archived' : 'unarchived';
  if (field === 'name' || field === 'key') return `renamed from ${valueWords(from ?? null)}`;
  if (field === 'tag') return from === undefined ? `tag ${textOf(to)} added` : `tag ${textOf(from)} removed`;
  if (from === undefined) return `${field} added`;
  return to === undefined ? `${field} removed` : `${field} changed`;
}

/** `none`, `the draft` and `older than the draft` are what workflow.ts says of the live version. */
function livePhrase(from: Json, to: Json): string {
  if (from === 'none') return to === 'the draft' ? 'published' : 'published in an older version';
  if (to === 'none') return 'unpublished';
  return to === 'the draft' ? 'draft published' : 'draft not published yet';
}

function rowWords(rows: NonNullable<ItemDiff['rows']>): string {
  const parts = (['added', 'changed', 'removed'] as const).flatMap((change) =>
    rows[change] === 0 ? [] : [`${count(rows[change], 'row')} ${change}`],
  );
  return parts.join(', ');
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : valueWords(value ?? null);
}

/** A value on one line: a text without quotes where it cannot be mistaken for anything else. */
export function valueWords(value: Json): string {
  if (typeof value === 'string') return value === '' || value.trim() !== value ? JSON.stringify(value) : value;
  return canonicalJsonLine(value);
}
