import type { Json, JsonObject } from '../lib/json/json.ts';
import { omit } from '../kinds/fields.ts';
import { isList, type Kind } from '../kinds/kinds.ts';
import { formOf, type Omitted, type TextForm } from '../snapshot/format/header.ts';
import type { JsonPath } from '../snapshot/secrets/hit.ts';
import { gapsOf } from '../snapshot/treat/align.ts';
import { maskLike } from '../snapshot/treat/fill.ts';
import { escapedDocument, plainDocument } from '../snapshot/treat/plain-text.ts';
import type { SnapshotView } from '../snapshot/format/snapshot-view.ts';
import type { WorkflowSide } from './workflow/workflow.ts';

const MEMBERS: Readonly<Partial<Record<Omitted, string>>> = { pinData: 'pinData', values: 'value' };

/** Two sides, one of which may have been saved without what the other has: what either lacks is no difference. */
interface Sides {
  readonly from: SnapshotView;
  readonly to: SnapshotView;
}

/** Two states as they are compared. */
export interface Level<T> {
  readonly before: T;
  readonly after: T;
  /** Texts that say the same but for what was withheld of them, and members that a side leaves out. */
  readonly withheld: number;
}

/** Two states of an item as they are compared: redacted on one side is redacted on both. */
export function levelItems(sides: Sides, kind: Kind, before: JsonObject, after: JsonObject): Level<JsonObject> {
  const left = leftOut(sides, kind).filter((key) => !(Object.hasOwn(before, key) && Object.hasOwn(after, key)));
  const level = levelTexts(sides, kind, omit(before, left), omit(after, left), isList(kind) ? [0] : []);
  // Of what both sides leave out it is known that there was one where each item has one.
  const unknown = left.filter(
    (key) => key === MEMBERS.values || Object.hasOwn(before, key) || Object.hasOwn(after, key),
  );
  return { ...level, withheld: level.withheld + unknown.length };
}

/** The same for a workflow, draft and live version. */
export function levelWorkflows(sides: Sides, before: WorkflowSide, after: WorkflowSide): Level<WorkflowSide> {
  const draft = levelItems(sides, 'workflows', before.draft, after.draft);
  const [wasLive, isLive] = [before.published, after.published];
  const drafts = { before: { ...before, draft: draft.before }, after: { ...after, draft: draft.after } };
  if (!wasLive && !isLive) return { ...drafts, withheld: draft.withheld };
  const live = levelTexts(sides, 'workflows', wasLive ?? before.draft, isLive ?? after.draft);
  return {
    before: { ...drafts.before, published: wasLive && live.before },
    after: { ...drafts.after, published: isLive && live.after },
    withheld: draft.withheld + live.withheld,
  };
}

/**
 * Two documents in one form, the one that has its secrets with the markers of the other where both say the same around
 * them.
 * @param at where they stand in their files: `[0]` for an entry of a list
 */
export function levelTexts(
  sides: Sides,
  kind: Kind,
  before: JsonObject,
  after: JsonObject,
  at: JsonPath = [],
): Level<JsonObject> {
  const forms = formsOf(sides, kind);
  if (forms.from === 'plain' && forms.to === 'plain') return { before, after, withheld: 0 };
  // What an older version saved does not tell what was typed: then typed markers count as flowkeep's on both sides.
  const isSure = forms.from !== 'marked' && forms.to !== 'marked';
  const bring = (document: JsonObject, form: TextForm): JsonObject => {
    if (!isSure) return plainDocument(document, form, at);
    return form === 'plain' ? escapedDocument(document, at) : document;
  };
  const [was, is] = [bring(before, forms.from), bring(after, forms.to)];
  const old = forms.from === 'plain' ? maskLike(was, is, at) : was;
  const now = forms.to === 'plain' ? maskLike(is, was, at) : is;
  return { before: old, after: now, withheld: countWithheld(old, now, at) };
}

/** How the texts of a kind are saved on either side. */
export function formsOf({ from, to }: Sides, kind: Kind): { readonly from: TextForm; readonly to: TextForm } {
  return { from: formOf(from.header.kinds[kind]), to: formOf(to.header.kinds[kind]) };
}

function countWithheld(before: Json, after: Json, at: JsonPath): number {
  return [...gapsOf(before, after, at)].filter(({ stored, other }) => other?.text === stored).length;
}

/** Members that one of the sides does not keep. */
function leftOut({ from, to }: Sides, kind: Kind): string[] {
  const omitted = [from, to].flatMap(({ header }) => header.kinds[kind]?.withheld ?? []);
  return [...new Set(omitted)].flatMap((what) => MEMBERS[what] ?? []);
}
