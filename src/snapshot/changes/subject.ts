import { canonicalJson } from '../../lib/json/json.ts';
import { inOneLine } from '../../lib/printable.ts';
import { counted, isList, KINDS, plural, singular, type Kind } from '../../kinds/kinds.ts';
import type { Change, ItemChange } from './changes.ts';
import type { SnapshotHeader } from '../format/header.ts';

/** Longest subject line, in characters: what `git log --oneline` and web pages show without cutting. */
const SUBJECT_LENGTH = 100;
/** Most lines of the body: a first snapshot of thousands of items needs no list of them. */
const BODY_LINES = 200;

/**
 * One line that says what changed, for people: "prod: 2 workflows changed, 1 added: Invoice sync, Lead router".
 * The first snapshot of an instance says what it holds instead.
 */
export function writeSubject(
  before: SnapshotHeader | null,
  after: SnapshotHeader,
  changes: readonly ItemChange[],
  options: SubjectOptions = {},
): string {
  const what = before ? describeChanges(before, after, changes, options) : describeContents(after);
  return cut(`${after.instance}: ${what}`, SUBJECT_LENGTH);
}

/** The subject of a snapshot that is saved whole although little of it changed. `how`: "re-encrypted" */
export function writeWholeSubject(after: SnapshotHeader, how: string): string {
  const counts = countsOf(after);
  return cut(`${after.instance}: ${[how, ...counts].join(', ')}`, SUBJECT_LENGTH);
}

export interface SubjectOptions {
  /** Leaves out what the items are called: a subject is readable where they are not. */
  readonly withoutNames?: boolean;
  /** What the subject says where neither an item nor the header differs (`describeOtherFiles`). */
  readonly otherwise?: string;
}

/** What differs in an item, in words, by `detailKey`. */
export type ChangeDetails = ReadonlyMap<string, string>;

const NO_DETAILS: ChangeDetails = new Map();

/** Names a change among those of a snapshot. */
export function detailKey({ kind, key }: Pick<ItemChange, 'kind' | 'key'>): string {
  return `${kind}/${key}`;
}

/** The lines below the subject: each change, with what differs where that is known, and what could not be read. */
export function writeBody(
  before: SnapshotHeader | null,
  after: SnapshotHeader,
  changes: readonly ItemChange[],
  details: ChangeDetails = NO_DETAILS,
): string {
  const lines = before ? changes.map((change) => describeChange(change, details)) : [];
  const shown = lines.slice(0, BODY_LINES);
  if (lines.length > shown.length) shown.push(`and ${lines.length - shown.length} more`);
  for (const kind of KINDS) {
    const header = after.kinds[kind];
    if (!header?.reason) continue;
    const carried = header.carriedFrom ? `, carried over from ${header.carriedFrom}` : '';
    shown.push(`${kind} ${header.coverage}${carried}: ${inOneLine(header.reason.message)}`);
  }
  return shown.join('\n');
}

function describeContents(header: SnapshotHeader): string {
  const counts = countsOf(header);
  return counts.length === 0 ? 'first snapshot, nothing in it' : `first snapshot with ${counts.join(', ')}`;
}

function countsOf(header: SnapshotHeader): string[] {
  return KINDS.flatMap((kind) => {
    const items = header.kinds[kind]?.items ?? 0;
    return items > 0 ? [counted(kind, items)] : [];
  });
}

function describeChanges(
  before: SnapshotHeader,
  after: SnapshotHeader,
  changes: readonly ItemChange[],
  { withoutNames = false, otherwise = 'nothing changed' }: SubjectOptions,
): string {
  const phrases = KINDS.flatMap((kind) => describeKind(kind, changes));
  if (phrases.length === 0) return describeHeaderChange(before, after) ?? otherwise;
  if (withoutNames) return phrases.join('; ');
  const names = changes.filter((change) => !isList(change.kind)).map((change) => inOneLine(change.name));
  return `${phrases.join('; ')}${names.length > 0 ? `: ${names.join(', ')}` : ''}`;
}

/** "2 workflows changed, 1 added", or "variables changed" for a kind that is one file. */
function describeKind(kind: Kind, changes: readonly ItemChange[]): string[] {
  const own = changes.filter((change) => change.kind === kind);
  if (own.length === 0) return [];
  if (isList(kind)) return [`${plural(kind)} ${own[0]!.change}`];
  const counts = (['changed', 'added', 'removed'] as const satisfies readonly Change[]).flatMap((change) => {
    const count = own.filter((each) => each.change === change).length;
    return count > 0 ? [{ change, count }] : [];
  });
  const [first, ...rest] = counts;
  return [[`${counted(kind, first!.count)} ${first!.change}`, ...rest.map((r) => `${r.count} ${r.change}`)].join(', ')];
}

function describeHeaderChange(before: SnapshotHeader, after: SnapshotHeader): string | null {
  if (before.n8nVersion !== after.n8nVersion && after.n8nVersion !== null) {
    return `n8n is now ${after.n8nVersion}${before.n8nVersion === null ? '' : `, was ${before.n8nVersion}`}`;
  }
  const covered = KINDS.filter((kind) => before.kinds[kind]?.coverage !== after.kinds[kind]?.coverage);
  if (covered.length > 0) {
    return covered.map((kind) => `${kind} ${after.kinds[kind]?.coverage ?? 'no longer read'}`).join(', ');
  }
  const told = KINDS.filter(
    (kind) => canonicalJson(before.kinds[kind] ?? null) !== canonicalJson(after.kinds[kind] ?? null),
  );
  return told.length === 0 ? null : `coverage details of ${told.join(', ')} changed`;
}

/** Longest line of the body, in characters. */
const LINE_LENGTH = 300;

function describeChange(change: ItemChange, details: ChangeDetails): string {
  const detail = details.get(detailKey(change));
  const line = `${change.change} ${describeItem(change)}`;
  return cut(detail === undefined ? line : `${line}: ${inOneLine(detail)}`, LINE_LENGTH);
}

function describeItem(change: ItemChange): string {
  return isList(change.kind)
    ? plural(change.kind)
    : `${singular(change.kind)} ${inOneLine(change.name)} (${change.key})`;
}

function cut(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}
