import type { Kind } from '../../kinds/kinds.ts';
import type { PlanContext } from './context.ts';
import { isComplete, itemsOf, keyOf } from '../model/items.ts';
import type { FolderItem, Item, WorkflowItem } from '../model/model.ts';
import { KIND, KINDS, RESTORE_ORDER, singular } from '../../kinds/kinds.ts';
import { References } from '../model/references.ts';
import { calleesFirst, parentsFirst } from './sequence.ts';
import type { Action, BlockedAction, DeleteAction } from './types.ts';

/**
 * With `--prune`, the items of the target that the snapshot does not hold, in the reverse order of restoring. Only of
 * kinds and projects that were chosen as a whole, and that both sides could read completely: what was not seen is not
 * missing. What is still in use is kept, and the plan says what uses it.
 */
export function planDeletions(context: PlanContext, actions: readonly Action[]): (DeleteAction | BlockedAction)[] {
  if (!context.options.prune) return [];
  const toDelete = new Map<Kind, string[]>();
  for (const kind of RESTORE_ORDER) toDelete.set(kind, itemsToDelete(context, kind));
  const users = new RemainingUsers(context, actions, toDelete);
  return [...RESTORE_ORDER]
    .reverse()
    .flatMap((kind) =>
      inDeletionOrder(context, kind, toDelete.get(kind) ?? []).map((id) => planDeletion(context, kind, id, users)),
    );
}

function itemsToDelete(context: PlanContext, kind: Kind): string[] {
  const { source, live, selection } = context;
  if (!KIND[kind].prunable || !isComplete(source, kind) || !isComplete(live, kind)) return [];
  const matched = new Set([...itemsOf(source, kind).keys()].map((id) => context.identities.match(kind, id)?.targetId));
  const whole = selection.wholeKinds.has(kind);
  const projects = new Set(
    [...selection.wholeProjects].map((id) => context.identities.match('projects', id)?.targetId),
  );
  return [...itemsOf(live, kind).values()]
    .filter((item) => !matched.has(item.id))
    .filter((item) => kind !== 'projects' || !live.projects.get(item.id)!.personal)
    .filter((item) => whole || isInProject(item, projects))
    .map((item) => item.id);
}

function isInProject({ projectId }: Item, projects: ReadonlySet<string | null | undefined>): boolean {
  return typeof projectId === 'string' && projects.has(projectId);
}

/** Callers before those that they call, folders before their parents. */
function inDeletionOrder(context: PlanContext, kind: Kind, ids: readonly string[]): readonly string[] {
  const { live } = context;
  if (kind === 'workflows')
    return calleesFirst(
      new References(live),
      ids.map((id): WorkflowItem => live.workflows.get(id)!),
    ).reverse();
  if (kind === 'folders') return parentsFirst(ids.map((id): FolderItem => live.folders.get(id)!)).reverse();
  return ids;
}

function planDeletion(
  context: PlanContext,
  kind: Kind,
  targetId: string,
  users: RemainingUsers,
): DeleteAction | BlockedAction {
  const { name } = itemsOf(context.live, kind).get(targetId)!;
  const head = { key: keyOf(kind, targetId), kind, name, neededBy: [], notes: [] };
  const user = users.of(kind, targetId);
  if (user === null) {
    const live = kind === 'workflows' && context.live.workflows.get(targetId)!.active;
    return { ...head, verb: 'delete', targetId, live, why: 'not in the snapshot' };
  }
  return {
    ...head,
    verb: 'blocked',
    sourceId: targetId,
    targetId,
    why: `not in the snapshot, but it is needed by ${user}, which is kept on the target`,
    remedy: 'Delete it manually if that is intended, or restore the whole instance with --prune.',
  };
}

/** Who on the target still needs an item after the plan was applied. */
class RemainingUsers {
  readonly #needs = new Map<string, string>();

  constructor(context: PlanContext, actions: readonly Action[], toDelete: ReadonlyMap<Kind, readonly string[]>) {
    // What the plan writes has the snapshot's references afterwards, which lead to the snapshot's items.
    const written = new Set(actions.flatMap((a) => (a.verb === 'update' ? [keyOf(a.kind, a.targetId)] : [])));
    for (const [kind, ids] of toDelete) for (const id of ids) written.add(keyOf(kind, id));
    const references = new References(context.live);
    for (const workflow of context.live.workflows.values()) {
      if (written.has(keyOf('workflows', workflow.id))) continue;
      const name = `workflow ${JSON.stringify(workflow.name)}`;
      for (const { kind, id, role } of references.of(workflow).all)
        if (role !== 'caller' && id !== workflow.id) this.#needs.set(keyOf(kind, id), name);
      if (workflow.folderId !== null) this.#needs.set(keyOf('folders', workflow.folderId), name);
    }
    // n8n deletes a project with its folders and variables, and a folder with all below it, without a question.
    for (const kind of KINDS)
      for (const item of itemsOf(context.live, kind).values() as Iterable<Item>) {
        if (written.has(keyOf(kind, item.id))) continue;
        const { projectId } = item;
        const name = `${singular(kind)} ${JSON.stringify(item.name)}`;
        if (typeof projectId === 'string') this.#needs.set(keyOf('projects', projectId), name);
        const parent = kind === 'folders' ? context.live.folders.get(item.id)!.parentFolderId : null;
        if (parent !== null) this.#needs.set(keyOf('folders', parent), name);
      }
  }

  /** A name for people, or null where nobody needs it. */
  of(kind: Kind, id: string): string | null {
    return this.#needs.get(keyOf(kind, id)) ?? null;
  }
}
