import type { Kind } from '../../kinds/kinds.ts';
import { withDependencies, type ScopedItem } from './select/with-dependencies.ts';
import type { RowFacts } from './compare/compare-rows.ts';
import { Identities } from './select/identity.ts';
import { isComplete, itemsOf, keyOf } from '../model/items.ts';
import { newIdentity } from './select/new-identity.ts';
import type { Place, SnapshotModel, UserItem } from '../model/model.ts';
import type { References } from '../model/references.ts';
import { selectItems, type Selection } from './select/select.ts';
import type { OmittedByItem } from './compare/omitted.ts';
import type { ActionKey, Capabilities, Change, IdPair, Note, OtherServer, RestoreOptions } from './types.ts';
import type { Work } from './work.ts';

/** All that a plan follows from. Rows are compared beforehand (plan.ts), since that takes reading them. */
export interface PlanInput {
  readonly source: SnapshotModel;
  /** Those of `source`. A restore plans twice, before and to compare after, and finds them once. */
  readonly references: References;
  /** The target as it is now. */
  readonly live: SnapshotModel;
  /** `digest` names the target's state (targetDigest in plan-file.ts). */
  readonly target: { readonly instance: string; readonly url: string; readonly digest: string };
  readonly options: RestoreOptions;
  readonly capabilities: Capabilities;
  /** The mapping that earlier restores into this target saved. */
  readonly saved: readonly IdPair[];
  /** What an interrupted restore created without having saved its mapping. */
  readonly adopted: readonly IdPair[];
  /** Ids of the target's workflows that an interrupted restore created: they may lack what it was still to write. */
  readonly unfinished: ReadonlySet<string>;
  /** Ids of the snapshot's credentials whose data `--credentials-file` has. */
  readonly filledCredentials: ReadonlySet<string>;
  /** The users of the target, or null where they were not read: where they could not be, or no project has members. */
  readonly users: readonly UserItem[] | null;
  /** What the snapshot's store omitted (compare/omitted.ts). */
  readonly omitted?: OmittedByItem;
  /** Why the snapshot is not taken for what flowkeep saved. */
  readonly unverified?: readonly string[];
  /** The target is not the server that the snapshot is of, and has something that the restore may change. */
  readonly otherServer?: OtherServer;
}

/** What the planner of a kind says of one item; plan.ts makes an action of it. */
export interface Planned {
  /** What differs from the item on the target; empty if there is no such item, or if nothing differs. */
  readonly changes: readonly Change[];
  readonly notes: readonly Note[];
  readonly dependsOn: readonly ActionKey[];
  readonly work: Work;
  /** It cannot be done. */
  readonly blocked?: { readonly reason: string; readonly remedy: string };
  /** An option is needed that was not given. */
  readonly skipped?: string;
}

/** What the planners of all kinds look at. */
export interface PlanContext extends PlanInput {
  readonly selection: Selection;
  readonly scope: ReadonlyMap<ActionKey, ScopedItem>;
  readonly identities: Identities;
  readonly rows: ReadonlyMap<string, RowFacts>;
  /** The ids of a kind that are, or will be, others on the target. */
  changedIds(kind: Kind): ReadonlySet<string>;
}

/**
 * Finds out what a restore is about: chosen items with all that they need, and which is which on the target.
 * @throws UsageError where `--only` names nothing, or several things
 */
export function makeContext(input: PlanInput, rows: PlanContext['rows']): PlanContext {
  const { source, references, options } = input;
  const selection = selectItems(source, options.only, options.inviteUsers);
  const changed = new Map<Kind, ReadonlySet<string>>();
  const context: PlanContext = {
    ...input,
    rows,
    selection,
    scope: withDependencies(source, selection, references, options.deps),
    identities: new Identities(input),
    changedIds: (kind) => {
      const ids = changed.get(kind) ?? findChangedIds(context, kind);
      changed.set(kind, ids);
      return ids;
    },
  };
  return context;
}

function findChangedIds(context: PlanContext, kind: Kind): ReadonlySet<string> {
  const ids = [...itemsOf(context.source, kind).keys()].filter((id) => {
    const match = context.identities.match(kind, id);
    if (match) return match.targetId !== id;
    return isCreated(context, kind, id) && newIdentity(context, kind, id).as === 'new-id';
  });
  return new Set(ids);
}

/** Whether the plan makes an item that the target lacks. */
export function isCreated(context: PlanContext, kind: Kind, id: string): boolean {
  if (!context.scope.has(keyOf(kind, id)) || context.identities.match(kind, id)) return false;
  return isComplete(context.live, kind);
}

/** Whether an item of the snapshot will be on the target after the restore. */
export function willExist(context: PlanContext, kind: Kind, id: string): boolean {
  return context.identities.resolve(kind, id) !== undefined || isCreated(context, kind, id);
}

/** The place of an item: ids of the snapshot, as far as that place will exist. */
export interface PlannedPlace extends Place {
  readonly notes: readonly Note[];
  readonly dependsOn: readonly ActionKey[];
}

/** The place of an item, or the nearest to it that the target has. */
export function placeOf(context: PlanContext, projectId: string | null, folderId: string | null): PlannedPlace {
  const project = projectId === null ? undefined : context.source.projects.get(projectId);
  if (projectId !== null && !hasProject(context, projectId)) {
    const name = project && !project.personal ? project.name : null;
    const notes: Note[] =
      name === null && folderId === null
        ? []
        : [elsewhere(name === null ? 'its folder' : `project ${JSON.stringify(name)}`, 'the personal project')];
    return { projectId: null, folderId: null, notes, dependsOn: [] };
  }
  const dependsOn: ActionKey[] = [];
  if (projectId !== null && isCreated(context, 'projects', projectId)) dependsOn.push(keyOf('projects', projectId));
  if (folderId === null) return { projectId, folderId, notes: [], dependsOn };
  if (!willExist(context, 'folders', folderId)) {
    const name = context.source.folders.get(folderId)?.name ?? folderId;
    const note = elsewhere(`folder ${JSON.stringify(name)}`, 'the root of its project');
    return { projectId, folderId: null, notes: [note], dependsOn };
  }
  if (isCreated(context, 'folders', folderId)) dependsOn.push(keyOf('folders', folderId));
  return { projectId, folderId, notes: [], dependsOn };
}

function hasProject(context: PlanContext, projectId: string): boolean {
  const match = context.identities.match('projects', projectId);
  if (match) return true;
  return (
    typeof context.identities.resolve('projects', projectId) === 'string' || isCreated(context, 'projects', projectId)
  );
}

function elsewhere(what: string, where: string): Note {
  return {
    code: 'placed-elsewhere',
    message: `${what} does not exist on the target; placing it in ${where}`,
  };
}

/** The id on the target of the project that something goes into; null: personal; undefined: made by this plan. */
export function targetProject(context: PlanContext, projectId: string | null): string | null | undefined {
  return projectId === null ? null : context.identities.resolve('projects', projectId);
}

/** Whether the content of project `now` of the target has to move to `wanted` (a project of the snapshot). */
export function isElsewhere(context: PlanContext, wanted: string | null, now: string | null): boolean {
  if (wanted === null) return false; // not told, or not to be had: where it lies is good enough
  const target = targetProject(context, wanted);
  if (target === undefined) return true;
  if (target !== null) return now !== null && now !== target;
  // The caller's own project has no known id: the content of a team's project is certainly not in it.
  const project = now === null ? undefined : context.live.projects.get(now);
  return project !== undefined && !project.personal;
}
