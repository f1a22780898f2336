import type { Json, JsonObject } from '../../../lib/json/json.ts';
import { isJsonObject } from '../../../lib/json/json.ts';
import type { Kind, SecretKind } from '../../../kinds/kinds.ts';
import { sameContent } from '../../../kinds/workflows/workflows.ts';
import { fillGaps, type OpenPlace } from '../../../snapshot/treat/fill.ts';
import { Identities, type IdentityInput } from '../select/identity.ts';
import { keyOf } from '../../model/items.ts';
import type { ProjectItem, SnapshotModel, VariableItem, WorkflowItem } from '../../model/model.ts';
import { liveVersion } from '../../model/references.ts';
import type { ActionKey, ByHand, Note } from '../types.ts';
import { fillTables } from './omitted-rows.ts';

/**
 * The snapshot with what its store omitted (secrets, pinned data, values of variables) taken from the target, where
 * that has the item: so a restore never writes a marker over a secret, and what was omitted never counts as a
 * difference. What the target does not have is left open and reported.
 */
export async function fillOmitted(input: IdentityInput): Promise<{ source: SnapshotModel; byHand: ByHand }> {
  const identities = new Identities(input);
  const { source, live } = input;
  const byHand = new Map<ActionKey, Note[]>();
  const tell = (kind: Kind, id: string, notes: readonly Note[]): void => {
    if (notes.length > 0) byHand.set(keyOf(kind, id), [...(byHand.get(keyOf(kind, id)) ?? []), ...notes]);
  };
  const fillAll = <T extends { readonly id: string }>(
    kind: Kind,
    items: ReadonlyMap<string, T>,
    there: ReadonlyMap<string, T>,
    fill: (item: T, there: T | undefined, tell: (notes: readonly Note[]) => void) => T,
  ): Map<string, T> =>
    new Map(
      [...items].map(([id, item]) => {
        const target = identities.match(kind, id)?.targetId;
        const other = typeof target === 'string' ? there.get(target) : undefined;
        return [id, fill(item, other, (notes) => tell(kind, id, notes))];
      }),
    );
  const noPins = source.header.kinds.workflows?.withheld?.includes('pinData') ?? false;
  const workflows = fillAll('workflows', source.workflows, live.workflows, (item, there, told) =>
    fillWorkflow(item, there, noPins, told),
  );
  const filled = {
    workflows,
    variables: fillAll('variables', source.variables, live.variables, fillVariable),
    projects: fillAll('projects', source.projects, live.projects, fillProject),
    'data-tables': await fillTables(source, live, identities, tell),
  } satisfies Pick<SnapshotModel, SecretKind>;
  return { source: { ...source, ...filled }, byHand };
}

type Tell = (notes: readonly Note[]) => void;

function fillWorkflow(item: WorkflowItem, there: WorkflowItem | undefined, noPins: boolean, tell: Tell): WorkflowItem {
  const own = fillGaps(item.draft, there?.draft);
  const state = fillGaps(item.staticData, there?.staticData);
  const live = fillLive(item, there, own.filled);
  tell([...own.open, ...live.open, ...state.open.map(inStaticData)].map(noteOf));
  const pins = there?.draft.pinData;
  const dropped = noPins && !Object.hasOwn(own.filled, 'pinData');
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
): { published: JsonObject | null; open: readonly OpenPlace[] } {
  const version = item.published ?? (draft === item.draft ? null : liveVersion(item));
  if (version === null) return { published: null, open: [] };
  const { nodes, connections, nodeGroups, ...rest } = version;
  const content = withoutUndefined({ nodes, connections, nodeGroups });
  const running = there && (liveVersion(there) ?? there.draft);
  const { filled, open } = fillGaps(content, running);
  const published = item.published ? { ...rest, ...filled } : { id: item.id, ...filled };
  return sameContent(published, draft) ? { published: null, open: [] } : { published, open: open.map(inLiveVersion) };
}

function withoutUndefined(object: Record<string, Json | undefined>): JsonObject {
  return Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function fillVariable(item: VariableItem, there: VariableItem | undefined, tell: Tell): VariableItem {
  if (item.value === null) {
    if (there) return { ...item, value: there.value };
    tell([{ code: 'by-hand', message: 'needs its value: the snapshot was saved without' }]);
    return item;
  }
  const { filled, open } = fillGaps(item.value, there?.value ?? undefined);
  tell(open.map((place) => noteOf({ ...place, field: 'value' })));
  return { ...item, value: filled };
}

function fillProject(item: ProjectItem, there: ProjectItem | undefined, tell: Tell): ProjectItem {
  const { filled, open } = fillGaps(item.details, there?.details);
  tell(open.map(noteOf));
  return isJsonObject(filled) ? { ...item, details: filled } : item;
}

function inStaticData(place: OpenPlace): OpenPlace {
  return { ...place, field: place.field === '' ? 'static data' : `static data: ${place.field}` };
}

function inLiveVersion(place: OpenPlace): OpenPlace {
  return { ...place, field: `${place.field} (live version)` };
}

function noteOf({ node, field, rule, why }: OpenPlace): Note {
  const where = node === null ? field : `node ${JSON.stringify(node)}: ${field}`;
  const message =
    why === 'missing'
      ? `${where} needs its secret entered manually (redacted: ${rule})`
      : `${where} is not changed on the target: its secret (${rule}) cannot be put into the text of the snapshot`;
  return { code: 'by-hand', message };
}
