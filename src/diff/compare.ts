// What differs between two snapshots. Pure comparison of views: nothing here reads n8n, writes a store or
// prints.

import { throwIfAborted } from '../lib/errors.ts';
import { KINDS, type Kind } from '../kinds/kinds.ts';
import { isHeld, omittedWords, type KindHeader } from '../snapshot/format/header.ts';
import { Budget } from './budget.ts';
import { byName, type CompareContext, type CompareKind, type OnWorkflow } from './compare-context.ts';
import { compareCredentials, compareList, FOLDER, PROJECT, VARIABLE } from './compare-items.ts';
import { compareTables } from './compare-tables.ts';
import { compareWorkflows } from './workflow/compare-workflows.ts';
import { formsOf } from './level.ts';
import { readNames } from './names.ts';
import type { Only } from '../kinds/only.ts';
import { OnlyFilter, type Wants } from './only.ts';
import type { SnapshotView } from '../snapshot/format/snapshot-view.ts';
import { countTexts } from './totals.ts';
import type { DiffSide as Side, KindDiff, SnapshotDiff, WithheldTexts } from './types.ts';
import { textsWithheld } from './words.ts';

export interface CompareOptions {
  /** What to compare; empty: everything. */
  readonly only?: readonly Only[];
  /** Of that, which items; default: all. The others cost nothing, and nothing is said of them. */
  readonly wants?: Wants;
  readonly onWorkflow?: OnWorkflow;
  /** Paths whose bytes are known to be the same on both sides. Default: of none it is known. */
  readonly unchanged?: ReadonlySet<string>;
  /** What the comparison may cost; default: what a person's look at the differences is worth. */
  readonly budget?: Budget;
  readonly signal?: AbortSignal;
}

/** How each kind is compared. */
const COMPARERS: Readonly<Record<Kind, CompareKind>> = {
  workflows: compareWorkflows,
  credentials: compareCredentials,
  variables: compareList(VARIABLE),
  tags: compareList(),
  projects: compareList(PROJECT),
  folders: compareList(FOLDER),
  'data-tables': compareTables,
  'community-packages': compareList(),
  users: compareList(),
};

/**
 * What differs between two states of one instance, item by item. Files with the same bytes are not read; of the
 * others a batch is in memory at a time. Times, versions and static data of workflows do not count.
 * @throws UsageError where `only` names an item that neither side has; FlowkeepError `snapshot-format`
 */
export async function compareSnapshots(
  from: SnapshotView,
  to: SnapshotView,
  options: CompareOptions = {},
): Promise<SnapshotDiff> {
  const { signal, onWorkflow, unchanged = new Set(), budget = new Budget() } = options;
  const only = new OnlyFilter(options.only ?? [], options.wants);
  const names = { from: await readNames(from, signal), to: await readNames(to, signal) };
  const withheld = new Map(KINDS.map((kind): [Kind, WithheldTexts[]] => [kind, []]));
  const onWithheld: CompareContext['onWithheld'] = ({ kind, ...item }) => void withheld.get(kind)?.push(item);
  const context: CompareContext = { from, to, unchanged, names, only, budget, signal, onWorkflow, onWithheld };
  const kinds: KindDiff[] = [];
  for (const kind of KINDS) {
    if (!only.wantsKind(kind) || !(from.header.kinds[kind] ?? to.header.kinds[kind])) continue;
    throwIfAborted(signal);
    const found = await compareKind(context, kind);
    kinds.push(withWithheld(context, found, withheld.get(kind) ?? []));
  }
  only.throwIfUnknown();
  return { from: sideOf(from), to: sideOf(to), kinds };
}

/** How a snapshot is named in a diff. */
export function sideOf({ id, takenAt, header }: SnapshotView): Side {
  return { id, takenAt, n8nVersion: header.n8nVersion };
}

async function compareKind(context: CompareContext, kind: Kind): Promise<KindDiff> {
  const [before, after] = [context.from.header.kinds[kind], context.to.header.kinds[kind]];
  const head = {
    kind,
    coverage: { from: before?.coverage ?? null, to: after?.coverage ?? null },
    notes: bothNotes(context, before, after),
  };
  const compared = before !== undefined && isHeld(before) && after?.coverage === 'complete';
  if (!compared) context.only.passOver(kind);
  const coarse = context.budget.coarse;
  const items = compared ? await COMPARERS[kind](context, kind) : [];
  const notes = [...head.notes, ...coarseNotes(context.budget.coarse - coarse)];
  return { ...head, compared, notes, items: items.sort(byName) };
}

/** What differs is said of every item; where in it, not of all. */
function coarseNotes(places: number): string[] {
  if (places === 0) return [];
  const what = places === 1 ? '1 place is' : `${places} places are`;
  return [`${what} too large to be compared in detail, and shown as changed as a whole`];
}

/** The same with what could not be compared of it, which the notes say, too. */
function withWithheld(context: CompareContext, found: KindDiff, items: readonly WithheldTexts[]): KindDiff {
  if (items.length === 0) return found;
  const withheld = [...items].sort(byName);
  const named = withheld.slice(0, WITHHELD_NAMED).map(({ name, texts }) => `${JSON.stringify(name)} (${texts})`);
  const more = withheld.length > named.length ? ` and ${withheld.length - named.length} more` : '';
  const { from, to } = formsOf(context, found.kind);
  const typed = from === 'marked' || to === 'marked' ? [MAY_BE_TYPED] : [];
  const note = `${textsWithheld(countTexts(withheld))}: ${named.join(', ')}${more}`;
  return { ...found, withheld, notes: [...found.notes, note, ...typed] };
}

/** Items that the note names; the rest are counted. */
const WITHHELD_NAMED = 5;
const MAY_BE_TYPED =
  'an older version of flowkeep saved this kind: a mark of a redacted secret in it may also have been typed by somebody';

/** What the reader must know of how completely the sides saw a kind; said once where it is the same for both. */
function bothNotes(
  { from, to }: CompareContext,
  before: KindHeader | undefined,
  after: KindHeader | undefined,
): string[] {
  const reason = before?.reason?.message;
  const neither = before?.carriedFrom === undefined && after?.carriedFrom === undefined;
  if (reason !== undefined && neither && reason === after?.reason?.message)
    return [`neither side could read this kind: ${reason}`];
  return [...sideNotes(from, before), ...sideNotes(to, after)];
}

/** What the reader must know of how completely a side saw a kind. */
function sideNotes({ id }: SnapshotView, kind: KindHeader | undefined): string[] {
  if (!kind) return [`${id} does not include this kind: it was not selected`];
  const omitted = omittedWords(kind);
  const lacks = omitted === null ? [] : [`${id} was saved without ${omitted}: these are not compared`];
  const notes = [...(kind.notes ?? []).map((note) => `${id}: ${note}`), ...lacks];
  if (kind.coverage === 'complete') return notes;
  const carried = kind.carriedFrom === undefined ? '' : `; shown as carried over from ${kind.carriedFrom}`;
  return [`${id} could not read this kind${carried}: ${kind.reason?.message ?? kind.coverage}`, ...notes];
}
