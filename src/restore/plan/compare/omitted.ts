import type { Json, JsonObject } from '../../../lib/json/json.ts';
import { isJsonObject } from '../../../lib/json/json.ts';
import type { Kind, SecretKind } from '../../../kinds/kinds.ts';
import { sameContent } from '../../../kinds/workflows/workflows.ts';
import { formOf, type Omitted, type TextForm } from '../../../snapshot/format/header.ts';
import { fillGaps, type Filled, type OpenPlace } from '../../../snapshot/treat/fill.ts';
import { Identities, type IdentityInput } from '../select/identity.ts';
import { keyOf } from '../../model/items.ts';
import type { ProjectItem, SnapshotModel, VariableItem, WorkflowItem } from '../../model/model.ts';
import { liveVersion } from '../../model/references.ts';
import type { ActionKey, Note, Withheld } from '../types.ts';
import { isWithheld } from '../withheld.ts';
import { fillTables } from './omitted-rows.ts';

/** What the snapshot's store omitted of an item. */
export interface OmittedOfItem {
  /** What a person has to see to. */
  readonly notes: readonly Note[];
  readonly withheld: Withheld;
}

/** By the action of the item. */
export type OmittedByItem = ReadonlyMap<ActionKey, OmittedOfItem>;

/**
 * The snapshot with what its store omitted (secrets, pinned data, values of variables) taken from the target, where
 * that has the item: so a restore never writes a marker over a secret, and what was omitted never counts as a
 * difference. What was taken is counted, since it could not be compared; what the target does not have is left open
 * and reported.
 */
export async function fillOmitted(input: IdentityInput): Promise<{ source: SnapshotModel; omitted: OmittedByItem }> {
  const identities = new Identities(input);
  const { source, live } = input;
  const omitted = new Map<ActionKey, OmittedOfItem>();
  const tell = (kind: Kind, id: string, notes: readonly Note[], withheld: Withheld): void => {
    if (notes.length > 0 || isWithheld(withheld)) omitted.set(keyOf(kind, id), { notes, withheld });
  };
  const fillAll = <T extends { readonly id: string }>(
    kind: Kind,
    items: ReadonlyMap<string, T>,
    there: ReadonlyMap<string, T>,
    fill: (item: T, there: T | undefined, how: How) => T,
  ): Map<string, T> => {
    const header = source.header.kinds[kind];
    const lacks = (what: Omitted): boolean => header?.withheld?.includes(what) ?? false;
    return new Map(
      [...items].map(([id, item]) => {
        const target = identities.match(kind, id)?.targetId;
        const other = typeof target === 'string' ? there.get(target) : undefined;
        return [id, fill(item, other, { form: formOf(header), lacks, tell: (...told) => tell(kind, id, ...told) })];
      }),
    );
  };
  const filled = {
    workflows: fillAll('workflows', source.workflows, live.workflows, fillWorkflow),
    variables: fillAll('variables', source.variables, live.variables, fillVariable),
    projects: fillAll('projects', source.projects, live.projects, fillProject),
    'data-tables': await fillTables(source, live, identities, tell),
  } satisfies Pick<SnapshotModel, SecretKind>;
  return { source: { ...source, ...filled }, omitted };
}

/** How the items of a kind were saved, and who is told what was filled. */
interface How {
  readonly form: TextForm;
  readonly lacks: (what: Omitted) => boolean;
  readonly tell: (notes: readonly Note[], withheld: Withheld) => void;
}

function fillWorkflow(item: WorkflowItem, there: WorkflowItem | undefined, { form, lacks, tell }: How): WorkflowItem {
  const own = fillGaps(item.draft, there?.draft, form);
  const state = fillGaps(item.staticData, there?.staticData, form, ['staticData']);
  const live = fillLive(item, there, own.filled, form);
  const open = [...own.open, ...live.open, ...state.open.map(inStaticData)];
  const pins = there?.draft.pinData;
  const dropped = lacks('pinData') && !Object.hasOwn(own.filled, 'pinData');
  tell([...open.map(noteOf), ...typedNotes([...own.typed, ...state.typed])], {
    texts: own.taken + state.taken + live.taken,
    kept: keptIn(open),
    others: there && dropped ? ['pinned data'] : [],
  });
  const draft = dropped && pins !== undefined ? { ...own.filled, pinData: pins } : own.filled;
  return { ...item, draft, published: live.published, staticData: state.filled };
}

/**
 * The live version gets its secrets from the target's live version, which may have others than its draft. What the
 * snapshot marks in both may be why the two were distinguished.
 */
function fillLive(
  item: WorkflowItem,
  there: WorkflowItem | undefined,
  draft: JsonObject,
  form: TextForm,
): { published: JsonObject | null; open: readonly OpenPlace[]; taken: number } {
  const version = item.published ?? (draft === item.draft ? null : liveVersion(item));
  if (version === null) return { published: null, open: [], taken: 0 };
  const { nodes, connections, nodeGroups, ...rest } = version;
  const content = withoutUndefined({ nodes, connections, nodeGroups });
  const running = there && (liveVersion(there) ?? there.draft);
  const { filled, open, taken } = fillGaps(content, running, form);
  const published = item.published ? { ...rest, ...filled } : { id: item.id, ...filled };
  return sameContent(published, draft)
    ? { published: null, open: [], taken: 0 }
    : { published, open: open.map(inLiveVersion), taken };
}

function withoutUndefined(object: Record<string, Json | undefined>): JsonObject {
  return Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function fillVariable(item: VariableItem, there: VariableItem | undefined, { form, lacks, tell }: How): VariableItem {
  if (item.value === null && lacks('values')) {
    const needed = byHand('needs its value: the snapshot was saved without');
    tell(there ? [] : [needed], { texts: 0, kept: 0, others: there ? ['the value'] : [] });
    return there ? { ...item, value: there.value } : item;
  }
  const { filled, open, taken, typed } = fillGaps(item.value ?? '', there?.value ?? undefined, form, [0, 'value']);
  const inValue = <P>(place: P): P & { field: string } => ({ ...place, field: 'value' });
  const notes = [...open.map(inValue).map(noteOf), ...typedNotes(typed.map(inValue))];
  tell(notes, { texts: taken, kept: keptIn(open), others: [] });
  return { ...item, value: filled };
}

function fillProject(item: ProjectItem, there: ProjectItem | undefined, { form, tell }: How): ProjectItem {
  const { name, details } = item;
  const { filled, open, taken, typed } = fillGaps<Json>(
    { name, ...details },
    there && { name: there.name, ...there.details },
    form,
    [0],
  );
  tell([...open.map(noteOf), ...typedNotes(typed)], { texts: taken, kept: keptIn(open), others: [] });
  if (!isJsonObject(filled) || typeof filled.name !== 'string') return item;
  const { name: known, ...others } = filled;
  return { ...item, name: known, details: others };
}

/** Texts that stay, all of them or in part, as the target has them. */
function keptIn(open: readonly OpenPlace[]): number {
  return open.filter(({ why }) => why === 'changed').length;
}

function inStaticData(place: OpenPlace): OpenPlace {
  return { ...place, field: place.field === '' ? 'static data' : `static data: ${place.field}` };
}

function inLiveVersion(place: OpenPlace): OpenPlace {
  return { ...place, field: `${place.field} (live version)` };
}

function noteOf({ node, field, rule, why, lines }: OpenPlace): Note {
  const where = whereOf({ node, field });
  if (why === 'missing') return byHand(`${where} needs its secret entered manually (redacted: ${rule})`);
  if (!lines)
    return byHand(
      `${where} is not changed on the target: its secret (${rule}) cannot be put into the text of the snapshot`,
    );
  const which = lines.length === 1 ? `line ${lines[0]!} stays as it is` : `lines ${lines.join(', ')} stay as they are`;
  return byHand(`${where}: ${which} on the target: the secret (${rule}) of the snapshot's line is not found there`);
}

function byHand(message: string): Note {
  return { code: 'by-hand', message };
}

/** Places that a note names; the rest are counted. */
const MAX_NAMED = 3;

/** What looks like a marker and is none: a restore without the secret wrote it there, or somebody typed it. */
function typedNotes(places: Filled<Json>['typed']): Note[] {
  if (places.length === 0) return [];
  const named = places.slice(0, MAX_NAMED).map(whereOf).join('; ');
  const more = places.length > MAX_NAMED ? `; and ${places.length - MAX_NAMED} more` : '';
  const message = `${named}${more}: has the words of a redacted secret as its text; if a secret belongs there, enter it`;
  return [{ code: 'typed-marker', message }];
}

function whereOf({ node, field }: { readonly node: string | null; readonly field: string }): string {
  return node === null ? field : `node ${JSON.stringify(node)}: ${field}`;
}
