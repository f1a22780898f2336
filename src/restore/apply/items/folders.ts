import { isN8nError } from '../../../n8n/http/errors.ts';
import { segment } from '../../../n8n/http/types.ts';
import { requireText } from '../../../kinds/fields.ts';
import { importPackage } from '../../package/import.ts';
import type { CreateAction, UpdateAction } from '../../plan/types.ts';
import { changes, creationsOf, updatesOf, type ActionOf } from '../actions.ts';
import { attempt } from '../attempt.ts';
import { rememberCreated, type ApplyContext } from '../context.ts';

/**
 * The alias of the caller's own project in folder requests (n8n's openapi.yml, `POST /projects/{projectId}/folders`).
 */
const PERSONAL = 'personal';

/** Brings missing folders back, parents first as the plan has them, and moves or renames those that differ. */
export async function applyFolders(context: ApplyContext): Promise<void> {
  for (const action of creationsOf(context, 'folders')) {
    if (action.identity.as === 'original-id')
      await attempt(context, action, () => importFolder(context, action));
    else await attempt(context, action, () => createFolder(context, action));
  }
  for (const action of updatesOf(context, 'folders'))
    await attempt(context, action, () => updateFolder(context, action));
}

/** One package for each, into its parent: a folder that n8n refuses then stops no other. */
async function importFolder(
  context: ApplyContext,
  action: ActionOf<'folders', CreateAction>,
): Promise<string> {
  const { client, ids, signal } = context;
  const folder = { id: action.sourceId, name: action.name, parentFolderId: null };
  const place = { projectId: ids.projectOf(action.work.projectId), folderId: parentOf(context, action) };
  await importPackage(client, { folders: [folder] }, place, signal);
  return action.sourceId;
}

async function createFolder(
  context: ApplyContext,
  action: ActionOf<'folders', CreateAction>,
): Promise<string> {
  const { client, ids, signal } = context;
  const project = ids.projectOf(action.work.projectId) ?? PERSONAL;
  const parentFolderId = parentOf(context, action);
  const body = { name: action.name, ...(parentFolderId === null ? {} : { parentFolderId }) };
  const answer = await client.post(`/projects/${segment(project)}/folders`, body, { signal });
  const { id } = requireText(answer, ['id'], 'POST /projects/{id}/folders');
  await rememberCreated(context, 'folders', action.sourceId, id);
  return id;
}

async function updateFolder(context: ApplyContext, action: ActionOf<'folders', UpdateAction>): Promise<void> {
  const { client, live, signal } = context;
  const project = live.folders.get(action.targetId)?.projectId ?? PERSONAL;
  const path = `/projects/${segment(project)}/folders/${segment(action.targetId)}`;
  const name = changes(action, 'name') ? { name: action.name } : {};
  // "0" is the top of the project (docs/n8n-api-notes.md, "Writes").
  const parent = changes(action, 'parent') ? { parentFolderId: parentOf(context, action) ?? '0' } : {};
  await client.patch(path, { ...name, ...parent }, { signal, idempotent: true });
}

function parentOf(context: ApplyContext, action: ActionOf<'folders'>): string | null {
  const parent = action.work.parentFolderId;
  return parent === null ? null : context.ids.idOf('folders', parent);
}

/** Deletes a folder. n8n deletes its content as well, so the plan deletes that first. */
export async function deleteFolder(context: ApplyContext, id: string): Promise<void> {
  const project = context.live.folders.get(id)?.projectId ?? PERSONAL;
  try {
    const path = `/projects/${segment(project)}/folders/${segment(id)}`;
    await context.client.delete(path, { signal: context.signal });
  } catch (error) {
    if (!isN8nError(error, 'not-found')) throw error;
  }
}
