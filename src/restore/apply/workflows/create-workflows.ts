import { madeAhead } from '../../../lib/ahead.ts';
import type { JsonObject } from '../../../lib/json/json.ts';
import { pick, requireText } from '../../../kinds/fields.ts';
import { findReferences } from '../../../kinds/workflow-references.ts';
import { sendPackage } from '../../package/import.ts';
import { creationsOf, targetIdOf } from '../actions.ts';
import { attempt, forEach } from '../attempt.ts';
import { rememberCreated, type ApplyContext } from '../context.ts';
import { importTogether } from './import-together.ts';
import { postWorkflow, putWorkflow } from './save-workflow.ts';
import { draftOf, firstContent, hasSeparateDraft, itemOf, type Draft } from './workflow-content.ts';
import { pack, partOf, workflowPackages, type WorkflowCreation as Creation } from './workflow-packages.ts';

/** Requests at a time for what each workflow needs of its own. */
const AT_A_TIME = 4;

/**
 * Brings missing workflows back: in packages under their own ids, or one by one under new ones. Nothing is published.
 */
export async function createWorkflows(context: ApplyContext): Promise<void> {
  const creations = creationsOf(context, 'workflows');
  const kept = creations.filter(({ identity }) => identity.as === 'original-id');
  const places = Map.groupBy(kept, ({ work }) => JSON.stringify([work.projectId, work.folderId]));
  let done = 0;
  for (const place of places.values()) {
    await importPlace(context, place);
    context.progress.update((done += place.length), creations.length);
  }
  for (const action of creations) {
    if (action.identity.as !== 'new-id') continue;
    await attempt(context, action, () => postNew(context, action));
    context.progress.update((done += 1), creations.length);
  }
  await rewriteForwardReferences(context, creations);
}

/** Imports the workflows that go into one folder. Only that folder is named, so that no other can be in n8n's way. */
async function importPlace(context: ApplyContext, actions: readonly Creation[]): Promise<void> {
  const [first] = actions;
  if (!first) return;
  const { folderId, projectId } = first.work;
  const place = {
    projectId: context.ids.projectOf(projectId),
    folderId: folderId === null ? null : context.ids.idOf('folders', folderId),
  };
  const wholly = new Set<Creation>();
  const packages = workflowPackages(context, actions);
  for await (const { batch, bytes } of madeAhead(packages, (batch) => pack(context, batch))) {
    for (const [action, { whole }] of batch) if (whole) wholly.add(action);
    await importTogether(context, [...batch.keys()], async (some) => {
      // What n8n refused is sent again in parts.
      const part = some.length === batch.size ? bytes : (await pack(context, partOf(batch, some))).bytes;
      await sendPackage(context.client, part, place, context.signal);
    });
  }
  await forEach(actions, AT_A_TIME, (action) => complete(context, action, wholly.has(action)));
}

/**
 * Writes what a package does not carry. Where the draft is laid over the live version after publishing, it is written
 * then, but for nodes that the package could not hold (those of a workflow that it does not carry as a whole).
 */
async function complete(context: ApplyContext, action: Creation, whole: boolean): Promise<void> {
  if (context.outcomes.get(action.key)?.status !== 'done') return;
  const item = itemOf(context, action);
  const draft = draftOf(context, item);
  const later = hasSeparateDraft(item, action);
  if (whole && (later || !(hasExtras(draft) || hasSpacedCallers(draft)))) return;
  await attempt(context, action, () =>
    putWorkflow(context, action, action.sourceId, {
      ...bodyOf(context, action),
      // The package has brought the settings, also those that this request would refuse; this one adds to them.
      ...(whole ? { settings: pick(draft.settings, ['callerIds']) } : {}),
    }),
  );
}

function hasExtras({ description, pinData, staticData }: Draft): boolean {
  return description !== '' || pinData !== null || staticData !== null;
}

/** Import takes the spaces out of the list of callers. */
function hasSpacedCallers({ settings }: Draft): boolean {
  return typeof settings.callerIds === 'string' && /\s/.test(settings.callerIds);
}

async function postNew(context: ApplyContext, action: Creation): Promise<string> {
  const { folderId } = action.work;
  const projectId = context.ids.projectOf(action.work.projectId);
  const { description: _, ...body } = bodyOf(context, action);
  const answer = await postWorkflow(context, action, {
    ...body,
    ...(projectId === null ? {} : { projectId }),
    ...(folderId === null ? {} : { parentFolderId: context.ids.idOf('folders', folderId) }),
  });
  const { id } = requireText(answer, ['id'], 'POST /workflows');
  await rememberCreated(context, 'workflows', action.sourceId, id);
  if (draftOf(context, itemOf(context, action)).description !== '')
    await putWorkflow(context, action, id, bodyOf(context, action));
  return id;
}

/** What a new workflow is written with at first; members that it does not have are left out. */
function bodyOf(context: ApplyContext, action: Creation): JsonObject {
  const item = itemOf(context, action);
  const draft = draftOf(context, item);
  const { nodes, connections, nodeGroups } = firstContent(context, item, action);
  return {
    name: action.name,
    nodes,
    connections,
    settings: draft.settings,
    ...(nodeGroups.length === 0 ? {} : { nodeGroups }),
    ...(draft.description === '' ? {} : { description: draft.description }),
    ...(draft.pinData === null ? {} : { pinData: draft.pinData }),
    ...(draft.staticData === null ? {} : { staticData: draft.staticData }),
  };
}

/**
 * A workflow that refers to one that was created after it was written with that one's old id: callees come first, but
 * workflows may call each other. Now that every id is known, those are written again.
 */
async function rewriteForwardReferences(
  context: ApplyContext,
  creations: readonly Creation[],
): Promise<void> {
  const renamed = creations.filter(
    ({ sourceId }) => context.ids.changed('workflows', sourceId) !== undefined,
  );
  const places = new Map(renamed.map(({ sourceId }, index) => [sourceId, index]));
  for (const [index, action] of renamed.entries()) {
    const later = referredIn(context, action).some((id) => (places.get(id) ?? -1) >= index);
    if (!later || context.outcomes.isMissing(action.key)) continue;
    await attempt(context, action, () =>
      putWorkflow(context, action, targetIdOf(context, action), bodyOf(context, action)),
    );
  }
}

/** Source ids of the workflows that an action's workflow refers to. */
function referredIn(context: ApplyContext, action: Creation): string[] {
  const item = itemOf(context, action);
  return [item.draft, item.published ?? {}].flatMap((version) =>
    findReferences(version).references.flatMap(({ kind, id }) => (kind === 'workflows' ? [id] : [])),
  );
}
