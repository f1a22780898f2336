import { isJsonObject, type JsonObject } from '../../../lib/json/json.ts';
import { hasMembers, objectsIn } from '../../../kinds/fields.ts';
import { rewriteReferences } from '../../../kinds/workflow-references.ts';
import type { SnapshotModel, WorkflowItem } from '../../model/model.ts';
import type { WorkflowContent } from '../../package/workflow.ts';
import type { ActionOf } from '../actions.ts';
import { RefusedError } from '../errors.ts';
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
  readonly #ids: TargetIds;

  constructor(source: SnapshotModel, ids: TargetIds) {
    this.#source = source;
    this.#ids = ids;
  }

  /** The snapshot's workflow of an action. */
  item({ sourceId }: Workflow): WorkflowItem {
    const item = this.#source.workflows.get(sourceId);
    if (!item) throw new RefusedError(`the snapshot does not hold workflow ${sourceId}`);
    return item;
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
    return rewriteReferences(version, ({ kind, id, by }) =>
      by === 'id' ? this.#ids.changed(kind, id) : undefined,
    );
  }
}

function contentIn(version: JsonObject): WorkflowContent {
  return {
    nodes: objectsIn(version.nodes),
    connections: isJsonObject(version.connections) ? version.connections : {},
    nodeGroups: objectsIn(version.nodeGroups),
  };
}
