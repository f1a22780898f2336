import { isJsonObject, type JsonObject } from '../../../lib/json/json.ts';
import { isN8nError } from '../../../n8n/http/errors.ts';
import { segment } from '../../../n8n/http/types.ts';
import { objectsIn, requireText } from '../../../kinds/fields.ts';
import { importWithPlaceholder } from '../../package/placeholder-workflow.ts';
import type { ApplyContext } from '../context.ts';

/**
 * Workflows often name credentials that were deleted long ago. With the sharing feature n8n refuses to save such a
 * workflow, or drops the reference in silence (docs/internal/n8n-api-notes.md). So an empty credential of that id is
 * there while the workflows are written, and is removed again at the end: the workflow is as it was. They are
 * remembered before they are made, so that the next run removes them where this one was killed.
 */
export async function addTemporaryCredentials(context: ApplyContext): Promise<void> {
  if (!knowsCredentials(context)) return;
  const temporaryCredentials = findTemporaryCredentials(context);
  if (temporaryCredentials.length === 0) return;
  await context.memory.rememberTemporary(temporaryCredentials.map(({ id }) => id));
  for (const [projectId, group] of Map.groupBy(temporaryCredentials, (each) => each.projectId)) {
    const place = { projectId, folderId: null };
    if (context.plan.capabilities.packages) await importGroup(context, group, place);
    else for (const temporary of group) await postTemporaryCredential(context, temporary);
  }
}

/** Where the credentials of the target could not be read, none can be said to be missing. */
function knowsCredentials({ live }: ApplyContext): boolean {
  return live.header.kinds.credentials?.coverage === 'complete';
}

interface TemporaryCredential {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly projectId: string | null;
}

/** A type that the target does not know fails the whole package, so such a group is halved. */
async function importGroup(
  context: ApplyContext,
  stubs: readonly TemporaryCredential[],
  place: { projectId: string | null; folderId: null },
): Promise<void> {
  try {
    const { stubs: made } = await importWithPlaceholder(context.client, { stubs }, place);
    for (const id of made) context.temporaryCredentials.add(id);
  } catch (error) {
    if (!isN8nError(error, 'refused', 'conflict')) throw error;
    // The workflow that needs it is then reported by its own request.
    if (stubs.length === 1) return;
    const middle = Math.ceil(stubs.length / 2);
    await importGroup(context, stubs.slice(0, middle), place);
    await importGroup(context, stubs.slice(middle), place);
  }
}

/** Without packages, as far as the type takes a credential without data. */
async function postTemporaryCredential(
  context: ApplyContext,
  { id, name, type, projectId }: TemporaryCredential,
): Promise<void> {
  const body = { id, name, type, data: {}, ...(projectId === null ? {} : { projectId }) };
  try {
    const answer = await context.client.post('/credentials', body);
    context.temporaryCredentials.add(requireText(answer, ['id'], 'POST /credentials').id);
  } catch (error) {
    if (!isN8nError(error, 'refused', 'conflict')) throw error;
  }
}

function findTemporaryCredentials({ actions, ids, live, versions }: ApplyContext): TemporaryCredential[] {
  const temporaryCredentials = new Map<string, TemporaryCredential>();
  const there = new Set(live.credentials.keys());
  for (const { sourceId } of actions.present('credentials')) there.add(ids.of('credentials', sourceId));
  for (const action of actions.present('workflows')) {
    const workflow = versions.item(action);
    const projectId = ids.projectOf(action.work.projectId);
    for (const version of [workflow.draft, workflow.published ?? {}]) {
      for (const found of credentialsIn(version)) {
        const id = ids.of('credentials', found.id);
        if (!there.has(id)) temporaryCredentials.set(id, { ...found, id, projectId });
      }
    }
  }
  return [...temporaryCredentials.values()];
}

/** The credentials that a version's nodes name: `{type: {id, name}}`. */
function credentialsIn(version: JsonObject): { id: string; name: string; type: string }[] {
  return objectsIn(version.nodes).flatMap((node) =>
    Object.entries(isJsonObject(node.credentials) ? node.credentials : {}).flatMap(([type, value]) => {
      if (!isJsonObject(value) || typeof value.id !== 'string' || value.id === '') return [];
      const name = typeof value.name === 'string' && value.name !== '' ? value.name : type;
      return [{ id: value.id, name, type }];
    }),
  );
}

/** Removes the temporary credentials of this run: those that n8n said it made, and no other credential. */
export async function removeTemporaryCredentials(context: ApplyContext): Promise<void> {
  for (const id of context.temporaryCredentials) await removeCredential(context, id);
}

/** Removes the temporary credentials of a run before this one, but for those that somebody has filled since. */
export async function removeLeftBehind(context: ApplyContext): Promise<void> {
  for (const id of context.memory.leftBehind) {
    if (await isUntouched(context, id)) await removeCredential(context, id);
  }
}

/** n8n sets both times when it makes a credential, a few milliseconds apart. */
const SAME_MOMENT_MS = 1_000;

async function isUntouched(context: ApplyContext, id: string): Promise<boolean> {
  try {
    const found = await context.client.get(`/credentials/${segment(id)}`);
    const { createdAt, updatedAt } = requireText(found, ['createdAt', 'updatedAt'], 'GET /credentials/{id}');
    return Date.parse(updatedAt) - Date.parse(createdAt) < SAME_MOMENT_MS;
  } catch (error) {
    if (isN8nError(error, 'not-found')) return false;
    throw error;
  }
}

async function removeCredential(context: ApplyContext, id: string): Promise<void> {
  try {
    await context.client.delete(`/credentials/${segment(id)}`);
  } catch (error) {
    if (!isN8nError(error, 'not-found')) throw error;
  }
}
