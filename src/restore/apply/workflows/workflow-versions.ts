import { isJsonObject, type JsonObject } from '../../../lib/json/json.ts';
import { hasMembers, objectsIn } from '../../../kinds/fields.ts';
import { rewriteReferences } from '../../../kinds/workflows/workflow-references.ts';
import type { SnapshotModel, Item, WorkflowItem } from '../../model/model.ts';
import type { WorkflowContent } from '../../package/workflow.ts';
import type { ActionOf, Actions } from '../actions.ts';
import { RefusedError } from '../../errors.ts';
import type { TargetIds } from '../ids.ts';

/** A workflow's draft with the ids of the target in it. */
export interface Draft extends WorkflowContent {
  readonly settings: JsonObject;
  readonly description: string;
  readonly pinData: JsonObject | null;
  readonly staticData: JsonObject[string];
}

type Workflow = ActionOf<'workflows'>;

/** The versions of the snapshot's workflows as they shall be on the target. */
export class WorkflowVersions {
  readonly #source: SnapshotModel;
  readonly #live: SnapshotModel;
  readonly #ids: TargetIds;
  readonly #actions: Actions;

  constructor(source: SnapshotModel, live: SnapshotModel, ids: TargetIds, actions: Actions) {
    this.#source = source;
    this.#live = live;
    this.#ids = ids;
    this.#actions = actions;
  }

  /** The snapshot's workflow of an action. */
  item({ sourceId }: Workflow): WorkflowItem {
    const item = this.#source.workflows.get(sourceId);
    if (!item) throw new RefusedError(`the snapshot does not hold workflow ${sourceId}`);
    return item;
  }

  /** The ids on the target of those of its tags that are there by now. */
  tagIds({ work }: Workflow): string[] {
    if (!work.tags || work.tags.length === 0) return [];
    const created = new Set(this.#actions.present('tags').map(({ sourceId }) => sourceId));
    return work.tags.flatMap((sourceId) => {
      const id = this.#ids.of('tags', sourceId);
      return this.#live.tags.has(id) || created.has(sourceId) ? [id] : [];
    });
  }

  /** The snapshot's tags that have these ids on the target. */
  tagsWith(ids: ReadonlySet<string>): Item[] {
    const tags = [...this.#source.tags.values()];
    return tags.map(({ id, name }) => ({ id: this.#ids.of('tags', id), name })).filter(({ id }) => ids.has(id));
  }

  draft(action: Workflow): Draft {
    const { draft, staticData } = this.item(action);
    const { settings, description, pinData, ...content } = this.#rewritten(draft);
    return {
      ...contentIn(content),
      settings: isJsonObject(settings) ? settings : {},
      description: typeof description === 'string' ? description : '',
      pinData: isJsonObject(pinData) && hasMembers(pinData) ? pinData : null,
      staticData: hasMembers(staticData) ? staticData : null,
    };
  }

  /**
   * What is written first: the version that shall be live, where that is another than the draft. It is published before
   * the draft is laid over it.
   */
  first(action: Workflow): WorkflowContent {
    return contentIn(this.#rewritten(this.#separate(action) ?? this.item(action).draft));
  }

  /** Whether the draft still has to be laid over the live version after that was published. */
  hasSeparateDraft(action: Workflow): boolean {
    return this.#separate(action) !== null;
  }

  /** The version to publish, where that is not the draft. */
  #separate(action: Workflow): JsonObject | null {
    const { live } = action.work;
    return live.do === 'publish' && live.version === 'published' ? this.item(action).published : null;
  }

  #rewritten(version: JsonObject): JsonObject {
    return rewriteReferences(version, ({ kind, id, by }) => (by === 'id' ? this.#ids.changed(kind, id) : undefined));
  }
}

function contentIn(version: JsonObject): WorkflowContent {
  return {
    nodes: objectsIn(version.nodes),
    connections: isJsonObject(version.connections) ? version.connections : {},
    nodeGroups: objectsIn(version.nodeGroups),
  };
}
