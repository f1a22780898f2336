import type { JsonObject } from '../../lib/json/json.ts';
import { hasMembers } from '../../kinds/fields.ts';
import { rewriteReferences } from '../../kinds/workflows/workflow-references.ts';
import { isElsewhere, placeOf, willExist, type PlanContext, type PlannedPlace, type Planned } from './context.ts';
import { diffDraft, sameVersion } from './compare/diff.ts';
import { knowsPlaces } from '../model/items.ts';
import type { WorkflowItem } from '../model/model.ts';
import { liveVersion } from '../model/references.ts';
import type { Change, Note } from './types.ts';
import type { DraftField, LiveWork, WorkflowWork } from './work.ts';
import { referenceNotes } from './workflow-notes.ts';

/** Members of a draft in the order in which the plan lists them. */
const ALL_FIELDS: readonly DraftField[] = [
  'name',
  'description',
  'nodes',
  'connections',
  'nodeGroups',
  'settings',
  'pinData',
  'staticData',
];

/** Plans a workflow: draft, place, tags, live version and archive state, each apart. */
export function planWorkflow(context: PlanContext, id: string, targetId: string | null): Planned {
  const wanted = context.source.workflows.get(id)!;
  const there = targetId === null ? undefined : context.live.workflows.get(targetId);
  const place = placeOf(context, wanted.projectId, wanted.folderId);
  const notes = referenceNotes(context, wanted);
  if (!there) return planMissing(context, wanted, place, notes);
  const draft = [
    ...diffDraft(rewritten(context, wanted.draft), there.draft, context.capabilities.settings),
    ...missingState(context, wanted, there),
  ];
  const move = movesOf(context, wanted, there, place);
  const tags = sameTags(context, wanted, there) ? null : tagsOf(context, wanted);
  const live = planLive(context, wanted, there);
  const archive = planArchive(
    context,
    wanted,
    there,
    draft.length > 0 || move.project || move.folder || live.do === 'publish',
  );
  const changes: Change[] = [
    ...draft,
    ...(tags ? [{ field: 'tags' } as const] : []),
    ...(move.folder ? [{ field: 'folder' } as const] : []),
    ...(move.project ? [{ field: 'project' } as const] : []),
    ...describeLive(live, there),
    ...describeArchive(archive),
  ];
  const work: WorkflowWork = {
    kind: 'workflows',
    draft: draft.map((change) => change.field as DraftField),
    projectId: place.projectId,
    folderId: place.folderId,
    move,
    tags,
    live,
    archive,
  };
  return { changes, notes, dependsOn: move.project || move.folder ? place.dependsOn : [], work };
}

/** Static data is not compared, but what an interrupted restore created may not have got it yet. */
function missingState({ unfinished }: PlanContext, wanted: WorkflowItem, there: WorkflowItem): Change[] {
  const isMissing = hasMembers(wanted.staticData) && !hasMembers(there.staticData);
  return isMissing && unfinished.has(there.id) ? [{ field: 'staticData' }] : [];
}

function planMissing(context: PlanContext, wanted: WorkflowItem, place: PlannedPlace, notes: readonly Note[]): Planned {
  const fields = ALL_FIELDS.filter((field) =>
    field === 'staticData' ? wanted.staticData !== null : (wanted.draft[field] ?? null) !== null,
  );
  return {
    changes: [],
    notes: [...place.notes, ...notes],
    dependsOn: place.dependsOn,
    work: {
      kind: 'workflows',
      draft: fields,
      projectId: place.projectId,
      folderId: place.folderId,
      move: { project: false, folder: false },
      tags: wanted.tagIds.length > 0 ? tagsOf(context, wanted) : null,
      live: planLive(context, wanted, undefined),
      archive: wanted.archived ? 'archive' : 'none',
    },
  };
}

/** A version with the ids that its references have on the target, as far as they are known before applying. */
export function rewritten(context: PlanContext, version: JsonObject): JsonObject {
  return rewriteReferences(version, ({ kind, id, by }) => {
    const target = by === 'id' ? context.identities.match(kind, id)?.targetId : undefined;
    return target === null || target === id ? undefined : target;
  });
}

function movesOf(
  context: PlanContext,
  wanted: WorkflowItem,
  there: WorkflowItem,
  place: PlannedPlace,
): WorkflowWork['move'] {
  if (place.notes.length > 0) return { project: false, folder: false };
  const project = isElsewhere(context, wanted.projectId, there.projectId);
  if (!knowsPlaces(context.source) || !knowsPlaces(context.live)) return { project, folder: false };
  const folder = wanted.folderId === null ? null : context.identities.resolve('folders', wanted.folderId);
  return { project, folder: folder !== there.folderId };
}

function sameTags(context: PlanContext, wanted: WorkflowItem, there: WorkflowItem): boolean {
  const ids = tagsOf(context, wanted).map((id) => context.identities.resolve('tags', id));
  return ids.length === there.tagIds.length && ids.every((id) => typeof id === 'string' && there.tagIds.includes(id));
}

function tagsOf(context: PlanContext, wanted: WorkflowItem): string[] {
  return wanted.tagIds.filter((id) => willExist(context, 'tags', id));
}

/** What becomes of the live version. Whether publishing can work at all is settled once the whole plan is known. */
function planLive(context: PlanContext, wanted: WorkflowItem, there: WorkflowItem | undefined): LiveWork {
  const { publish } = context.options;
  const version = liveVersion(wanted);
  const now = there ? liveVersion(there) : null;
  if (publish === 'none' || (publish === 'preserve' && now === null)) return { do: 'keep' };
  if (version === null) return now !== null && publish === 'match-source' ? { do: 'unpublish' } : { do: 'keep' };
  if (now !== null && sameVersion(rewritten(context, version), now)) return { do: 'keep' };
  return { do: 'publish', version: wanted.published ? 'published' : 'draft' };
}

/** With `--publish preserve`, a live workflow is not archived: that would end its being live. */
function planArchive(
  context: PlanContext,
  wanted: WorkflowItem,
  there: WorkflowItem,
  written: boolean,
): WorkflowWork['archive'] {
  if (wanted.archived && there.archived) return written ? 'around' : 'none';
  if (there.archived) return 'unarchive';
  const kept = there.active && context.options.publish !== 'match-source';
  return wanted.archived && !kept ? 'archive' : 'none';
}

function describeLive(live: LiveWork, there: WorkflowItem): Change[] {
  if (live.do === 'keep') return [];
  const from = there.active ? 'live' : 'not live';
  return [{ field: 'live', from, to: live.do === 'unpublish' ? 'not live' : 'live' }];
}

function describeArchive(archive: WorkflowWork['archive']): Change[] {
  if (archive === 'none' || archive === 'around') return [];
  return [{ field: 'archived', to: archive === 'archive' ? 'archived' : 'not archived' }];
}
