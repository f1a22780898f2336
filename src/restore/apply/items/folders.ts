import { segment } from '../../../n8n/http/types.ts';
import { requireText } from '../../../kinds/fields.ts';
import { importPackage } from '../../package/import.ts';
import type { CreateAction, UpdateAction } from '../../plan/types.ts';
import { changes, isRenewed, type ActionOf } from '../actions.ts';
import type { ApplyContext } from '../context.ts';

/**
 * The alias of the caller's own project in folder requests (n8n's openapi.yml, `POST /projects/{projectId}/folders`).
 */
const PERSONAL = 'personal';

/** Brings missing folders back, parents first as the plan has them, and moves or renames those that differ. */
export async function applyFolders(context: ApplyContext): Promise<void> {
  const { actions } = context;
  await actions.attemptEach(actions.creations('folders'), (action) =>
    isRenewed(action) ? createFolder(context, action) : importFolder(context, action),
  );
  await actions.attemptEach(actions.updates('folders'), (action) => updateFolder(context, action));
}

/** One package for each, into its parent: a folder that n8n refuses then stops no other. */
async function importFolder(
  { client, ids }: ApplyContext,
  { sourceId, name, work }: ActionOf<'folders', CreateAction>,
): Promise<string> {
  const place = ids.placeOf({ projectId: work.projectId, folderId: work.parentFolderId });
  await importPackage(client, { folders: [{ id: sourceId, name, parentFolderId: null }] }, place);
  return sourceId;
}

async function createFolder(
  { client, ids }: ApplyContext,
  { sourceId, name, work }: ActionOf<'folders', CreateAction>,
): Promise<string> {
  const project = ids.projectOf(work.projectId) ?? PERSONAL;
  const parentFolderId = ids.folderOf(work.parentFolderId);
  const body = { name, ...(parentFolderId === null ? {} : { parentFolderId }) };
  const answer = await client.post(`/projects/${segment(project)}/folders`, body);
  const { id } = requireText(answer, ['id'], 'POST /projects/{id}/folders');
  return ids.created('folders', sourceId, id);
}

async function updateFolder(context: ApplyContext, action: ActionOf<'folders', UpdateAction>): Promise<void> {
  const { client, ids } = context;
  const name = changes(action, 'name') ? { name: action.name } : {};
  // "0" is the top of the project (docs/internal/n8n-api-notes.md, "Writes").
  const parentFolderId = ids.folderOf(action.work.parentFolderId) ?? '0';
  const parent = changes(action, 'parent') ? { parentFolderId } : {};
  await client.patch(folderPath(context, action.targetId), { ...name, ...parent }, { idempotent: true });
}

/** The path of a folder of the target. */
export function folderPath({ live }: Pick<ApplyContext, 'live'>, id: string): string {
  const project = live.folders.get(id)?.projectId ?? PERSONAL;
  return `/projects/${segment(project)}/folders/${segment(id)}`;
}
