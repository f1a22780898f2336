import type { Kind } from '../../kinds/kinds.ts';
import type { Place, SnapshotModel } from '../model/model.ts';
import type { IdPair, WriteAction } from '../plan/types.ts';
import { RefusedError } from '../errors.ts';
import type { RestoreMemory } from './memory.ts';

/**
 * Which id each item of the snapshot has on the target. An item without an entry keeps its own. Apply adds those that
 * it creates under a new id.
 */
export class TargetIds {
  readonly #ids = new Map<string, string | null>();
  readonly #created: IdPair[] = [];
  readonly #live: SnapshotModel;
  readonly #memory: Pick<RestoreMemory, 'remember'>;

  constructor(pairs: Iterable<IdPair>, live: SnapshotModel, memory: Pick<RestoreMemory, 'remember'>) {
    for (const { kind, from, to } of pairs) this.#ids.set(keyOf(kind, from), to);
    this.#live = live;
    this.#memory = memory;
  }

  /** The id on the target. */
  of(kind: Kind, sourceId: string): string {
    return this.#ids.get(keyOf(kind, sourceId)) ?? sourceId;
  }

  /** The id on the target of an action's item. */
  ofAction(action: WriteAction): string {
    return action.verb === 'update' ? action.targetId : this.of(action.kind, action.sourceId);
  }

  /** The project on the target; null: the caller's own personal one, which no request needs to name. */
  projectOf(sourceId: string | null): string | null {
    const id = sourceId === null ? null : this.#ids.get(keyOf('projects', sourceId));
    return id === undefined ? sourceId : id;
  }

  /**
   * The project on the target where a request has to name it: only the target's own data has the id of the personal
   * one.
   * @throws RefusedError where it is not known
   */
  namedProject(sourceId: string | null): string {
    const id = this.projectOf(sourceId);
    if (id !== null) return id;
    const [only, ...others] = [...this.#live.projects.values()].filter((project) => project.personal);
    if (only && others.length === 0) return only.id;
    throw new RefusedError('cannot move it to your personal project: its id is unknown', 'Move it in the editor.');
  }

  /** The folder on the target; null: the root of its project. */
  folderOf(sourceId: string | null): string | null {
    return sourceId === null ? null : this.of('folders', sourceId);
  }

  /** The project and the folder on the target. */
  placeOf({ projectId, folderId }: Place): Place {
    return { projectId: this.projectOf(projectId), folderId: this.folderOf(folderId) };
  }

  /** Takes up what n8n called an item that was just created, and makes sure that it is not forgotten. @returns it */
  async created(kind: Kind, from: string, to: string): Promise<string> {
    this.#ids.set(keyOf(kind, from), to);
    if (from === to) return to;
    this.#created.push({ kind, from, to });
    await this.#memory.remember([{ kind, from, to }]);
    return to;
  }

  /** What was created under another id, in the order of creation. */
  get newPairs(): readonly IdPair[] {
    return this.#created;
  }

  /** The id on the target where it is another than the snapshot's, else undefined. */
  changed(kind: Kind, sourceId: string): string | undefined {
    const id = this.of(kind, sourceId);
    return id === sourceId ? undefined : id;
  }
}

function keyOf(kind: Kind, id: string): string {
  return `${kind}:${id}`;
}
