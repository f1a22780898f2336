import { madeAhead } from '../ahead.ts';
import type { JsonObject } from '../../../lib/json/json.ts';
import { pick, requireText } from '../../../kinds/fields.ts';
import { findReferences } from '../../../kinds/workflows/workflow-references.ts';
import { sendPackage } from '../../package/import.ts';
import type { WorkflowItem } from '../../model/model.ts';
import { isRenewed, keepsId } from '../actions.ts';
import type { ApplyContext } from '../context.ts';
import { importTogether } from './import-together.ts';
import { pack, partOf, workflowPackages, type WorkflowCreation as Creation } from './workflow-packages.ts';
import type { Draft } from './workflow-versions.ts';

/** Requests at a time for what each workflow needs of its own. */
const AT_A_TIME = 4;

/**
 * Brings missing workflows back: in packages under their own ids, or one by one under new ones. Nothing is published.
 */
export async function createWorkflows(context: ApplyContext): Promise<void> {
  const { actions, progress } = context;
  const creations = actions.creations('workflows');
  const places = Map.groupBy(creations.filter(keepsId), ({ work }) => JSON.stringify([work.projectId, work.folderId]));
  let done = 0;
  for (const place of places.values()) {
    await importPlace(context, place);
    progress.update((done += place.length), creations.length);
  }
  for (const action of creations.filter(isRenewed)) {
    await actions.attempt(action, () => createOne(context, action));
    progress.update((done += 1), creations.length);
  }
  await rewriteForwardReferences(context, creations);
}

/** Imports the workflows that go into one folder. Only that folder is named, so that no other can be in n8n's way. */
async function importPlace(context: ApplyContext, creations: readonly Creation[]): Promise<void> {
  const [first] = creations;
  if (!first) return;
  const { actions, client, ids, versions } = context;
  const place = ids.placeOf(first.work);
  const wholly = new Set<Creation>();
  const packages = workflowPackages(versions, creations);
  for await (const { batch, bytes } of madeAhead(packages, (batch) => pack(versions, batch))) {
    for (const [action, { whole }] of batch) if (whole) wholly.add(action);
    await importTogether(actions, [...batch.keys()], async (some) => {
      // What n8n refused is sent again in parts.
      const part = some.length === batch.size ? bytes : (await pack(versions, partOf(batch, some))).bytes;
      await sendPackage(client, part, place);
    });
  }
  const imported = creations.filter(
    (action) => actions.outcomes.get(action.key)?.status === 'done' && !isFinished(context, action, wholly.has(action)),
  );
  await actions.attemptEach(imported, (action) => complete(context, action, wholly.has(action)), AT_A_TIME);
}

/**
 * Whether a package carried all that is written before publishing. Where the draft is laid over the live version
 * after that, only nodes that the package could not hold have to be written now (those of a workflow that it does not
 * carry as a whole).
 */
function isFinished({ versions }: ApplyContext, action: Creation, whole: boolean): boolean {
  if (!whole) return false;
  if (versions.hasSeparateDraft(action)) return true;
  const draft = versions.draft(action);
  return !hasExtras(draft) && !hasSpacedCallers(draft);
}

/** Writes what a package does not carry. */
async function complete(context: ApplyContext, action: Creation, whole: boolean): Promise<void> {
  const { versions, workflows } = context;
  await workflows.update(action, action.sourceId, {
    ...bodyOf(context, action),
    // The package has brought the settings, also those that this request would refuse; this one adds to them.
    ...(whole ? { settings: pick(versions.draft(action).settings, ['callerIds']) } : {}),
  });
}

function hasExtras({ description, pinData, staticData }: Draft): boolean {
  return description !== '' || pinData !== null || staticData !== null;
}

/** Import takes the spaces out of the list of callers. */
function hasSpacedCallers({ settings }: Draft): boolean {
  return typeof settings.callerIds === 'string' && /\s/.test(settings.callerIds);
}

async function createOne(context: ApplyContext, action: Creation): Promise<string> {
  const { ids, workflows } = context;
  const { projectId, folderId } = ids.placeOf(action.work);
  const { description, ...body } = bodyOf(context, action);
  const answer = await workflows.create(action, {
    ...body,
    ...(projectId === null ? {} : { projectId }),
    ...(folderId === null ? {} : { parentFolderId: folderId }),
  });
  const { id } = requireText(answer, ['id'], 'POST /workflows');
  await ids.created('workflows', action.sourceId, id);
  if (description !== undefined) await workflows.update(action, id, bodyOf(context, action));
  return id;
}

/** What a new workflow is written with at first; members that it does not have are left out. */
function bodyOf({ versions }: ApplyContext, action: Creation): JsonObject {
  const { settings, description, pinData, staticData } = versions.draft(action);
  const { nodes, connections, nodeGroups } = versions.first(action);
  return {
    name: action.name,
    nodes,
    connections,
    settings,
    ...(nodeGroups.length === 0 ? {} : { nodeGroups }),
    ...(description === '' ? {} : { description }),
    ...(pinData === null ? {} : { pinData }),
    ...(staticData === null ? {} : { staticData }),
  };
}

/**
 * A workflow that refers to one that was created after it was written with that one's old id: callees come first, but
 * workflows may call each other. Now that every id is known, those are written again.
 */
async function rewriteForwardReferences(context: ApplyContext, creations: readonly Creation[]): Promise<void> {
  const { actions, ids, versions, workflows } = context;
  const renamed = creations.filter(({ sourceId }) => ids.changed('workflows', sourceId) !== undefined);
  const places = new Map(renamed.map(({ sourceId }, index) => [sourceId, index]));
  const outdated = renamed.filter((action, index) => {
    const later = referredIn(versions.item(action)).some((id) => (places.get(id) ?? -1) >= index);
    return later && !actions.outcomes.isMissing(action.key);
  });
  await actions.attemptEach(outdated, (action) =>
    workflows.update(action, ids.ofAction(action), bodyOf(context, action)),
  );
}

/** Source ids of the workflows that a workflow refers to. */
function referredIn({ draft, published }: WorkflowItem): string[] {
  return [draft, published ?? {}].flatMap((version) =>
    findReferences(version).references.flatMap(({ kind, id }) => (kind === 'workflows' ? [id] : [])),
  );
}
