import { KIND, KINDS, RESTORE_ORDER, type Kind } from '../../../kinds/kinds.ts';
import { isComplete, itemsOf, keyOf } from '../../model/items.ts';
import type { Item, ProjectItem, SnapshotModel } from '../../model/model.ts';
import type { IdPair, MatchedBy } from '../types.ts';

export interface IdentityInput {
  readonly source: SnapshotModel;
  readonly live: SnapshotModel;
  /** The mapping that earlier restores saved. */
  readonly saved: readonly IdPair[];
  /** Items that an interrupted restore created and could not save any more. */
  readonly adopted: readonly IdPair[];
}

/** Which item of the target is which of the snapshot. */
export interface Match {
  /** null: the caller's own personal project, whose id the target does not show. */
  readonly targetId: string | null;
  readonly matchedBy: MatchedBy;
}

/** For every item of the snapshot, the item of the target that it is; those without one are missing there. */
export class Identities {
  readonly #matches = new Map<string, Match>();
  readonly #source: SnapshotModel;
  readonly #live: SnapshotModel;
  /** Projects that own something on the target: known to exist although the target may not list projects. */
  readonly #owning: ReadonlySet<string>;
  readonly #manyPersonal: boolean;

  constructor(input: IdentityInput) {
    this.#source = input.source;
    this.#live = input.live;
    this.#owning = owningProjects(input.live);
    this.#manyPersonal = [...input.live.projects.values()].filter((project) => project.personal).length > 1;
    for (const kind of RESTORE_ORDER) this.#matchKind(kind, input);
  }

  match(kind: Kind, id: string): Match | undefined {
    return this.#matches.get(keyOf(kind, id));
  }

  /**
   * The id on the target of what the snapshot calls `id`. A kind that the target does not list is taken as kept, with
   * the same ids. undefined: missing. null: the caller's personal project.
   */
  resolve(kind: Kind, id: string): string | null | undefined {
    const match = this.match(kind, id);
    if (match) return match.targetId;
    if (kind === 'projects') return this.#resolveProject(id);
    return isComplete(this.#live, kind) ? undefined : id;
  }

  /** A project that has no match. Without the list of projects there is only the caller's personal one. */
  #resolveProject(id: string): string | null | undefined {
    if (this.#live.projects.has(id) || this.#owning.has(id)) return id;
    return isComplete(this.#live, 'projects') && this.#source.projects.has(id) ? undefined : null;
  }

  /** The items that have another id on the target. */
  pairs(): IdPair[] {
    return RESTORE_ORDER.flatMap((kind) =>
      [...itemsOf(this.#source, kind).keys()].flatMap((from): IdPair[] => {
        const match = this.match(kind, from);
        return !match || match.targetId === from ? [] : [{ kind, from, to: match.targetId }];
      }),
    );
  }

  /** Ids, the mapping and adoption first; a natural key then matches only what none of them claimed. */
  #matchKind(kind: Kind, input: IdentityInput): void {
    const source = itemsOf(input.source, kind);
    const live = itemsOf(input.live, kind);
    const claimed = new Set<string>();
    const claim = (from: string, targetId: string, matchedBy: MatchedBy): void => {
      if (this.match(kind, from) || claimed.has(targetId) || !live.has(targetId)) return;
      this.#matches.set(keyOf(kind, from), { targetId, matchedBy });
      claimed.add(targetId);
    };
    for (const id of source.keys()) claim(id, id, 'id');
    for (const [pairs, matchedBy] of [[input.saved, 'mapping'] as const, [input.adopted, 'adopted'] as const])
      for (const pair of pairs)
        if (pair.kind === kind && pair.to !== null && source.has(pair.from)) claim(pair.from, pair.to, matchedBy);
    if (kind === 'projects') this.#matchPersonal(claimed);
    else if (kind === 'folders') this.#matchFolders(claimed, claim);
    else this.#matchByKey(kind, claimed, claim);
  }

  /** The personal project of the same person; of a person whom the target does not know: the caller's own. */
  #matchPersonal(claimed: Set<string>): void {
    const live = [...this.#live.projects.values()].filter((project) => project.personal);
    const byOwner = Map.groupBy(live, ownerOf);
    for (const project of this.#source.projects.values()) {
      if (!project.personal || this.match('projects', project.id)) continue;
      const owner = ownerOf(project);
      const same = owner === null ? undefined : byOwner.get(owner)?.find((each) => !claimed.has(each.id));
      if (same) claimed.add(same.id);
      this.#matches.set(keyOf('projects', project.id), {
        targetId: same?.id ?? (live.length === 1 ? live[0]!.id : null),
        matchedBy: 'personal',
      });
    }
  }

  #matchByKey(kind: Kind, claimed: ReadonlySet<string>, claim: Claim): void {
    const keys = new Map<string, string>();
    for (const id of itemsOf(this.#live, kind).keys()) {
      const key = claimed.has(id) ? null : naturalKey(this.#live, kind, id, (p) => this.#place(p));
      if (key !== null) keys.set(key, id);
    }
    for (const id of itemsOf(this.#source, kind).keys()) {
      const key = naturalKey(this.#source, kind, id, (project) => this.#placeOfSource(project));
      const found = key === null ? undefined : keys.get(key);
      if (found !== undefined) claim(id, found, 'name');
    }
  }

  /** Parents before children, since a folder is known by its parent and name. Names need not be unique: first come. */
  #matchFolders(claimed: ReadonlySet<string>, claim: Claim): void {
    const free = new Map<string, string>();
    for (const folder of this.#live.folders.values()) {
      const key = JSON.stringify([this.#place(folder.projectId), folder.parentFolderId, folder.name]);
      if (!claimed.has(folder.id) && !free.has(key)) free.set(key, folder.id);
    }
    const visited = new Set<string>();
    const visit = (id: string): void => {
      const folder = this.#source.folders.get(id);
      if (!folder || visited.has(id) || this.match('folders', id)) return;
      visited.add(id);
      const { parentFolderId: parent } = folder;
      if (parent !== null) visit(parent);
      const targetParent = parent === null ? null : this.match('folders', parent)?.targetId;
      const place = this.#placeOfSource(folder.projectId);
      if (targetParent === undefined || place === undefined) return;
      const found = free.get(JSON.stringify([place, targetParent, folder.name]));
      if (found !== undefined) claim(id, found, 'name');
    };
    for (const id of this.#source.folders.keys()) visit(id);
  }

  #placeOfSource(projectId: string | null): string | undefined {
    if (projectId === null) return this.#place(null);
    const target = this.resolve('projects', projectId);
    return target === undefined ? undefined : this.#place(target);
  }

  /** A name for a place on the target: personal projects count as one where the caller's is not known by id. */
  #place(projectId: string | null): string {
    if (projectId === null) return '';
    const project = this.#live.projects.get(projectId);
    return project && (!project.personal || this.#manyPersonal) ? projectId : '';
  }
}

type Claim = (from: string, targetId: string, matchedBy: MatchedBy) => void;

/** What n8n keeps unique in a kind, as a text; null where there is nothing of the sort, or its place is missing. */
function naturalKey(
  model: SnapshotModel,
  kind: Kind,
  id: string,
  place: (projectId: string | null) => string | undefined,
): string | null {
  const { name, projectId = null }: Item = itemsOf(model, kind).get(id)!;
  const inScope = (scope: string | undefined): string | null =>
    scope === undefined ? null : JSON.stringify([scope, name]);
  switch (KIND[kind].unique) {
    case 'name':
      return name;
    case 'name-ignoring-case':
      return name.toLowerCase();
    case 'name-in-project':
      return inScope(place(projectId));
    case 'name-in-scope':
      // A global variable is in no project, which is not the same as in the personal one.
      return inScope(projectId === null ? 'global' : place(projectId));
    case null:
      return null;
  }
}

/** n8n names a personal project after its owner: `Jane Doe <jane@example.com>`. */
function ownerOf(project: ProjectItem): string | null {
  return /<([^<>\s@]+@[^<>\s]+)>$/.exec(project.name.trimEnd())?.[1]?.toLowerCase() ?? null;
}

function owningProjects(model: SnapshotModel): ReadonlySet<string> {
  const owned = KINDS.flatMap((kind): Item[] => [...itemsOf(model, kind).values()]);
  return new Set(owned.flatMap(({ projectId }) => projectId ?? []));
}
