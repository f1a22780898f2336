import { segment } from '../../../n8n/http/types.ts';
import { requireText } from '../../../kinds/fields.ts';
import { importWithPlaceholder } from '../../package/placeholder-workflow.ts';
import { isRenewed, keepsId } from '../actions.ts';
import type { ApplyContext } from '../context.ts';
import { importTogether } from '../workflows/import-together.ts';

/** Brings missing tags back and renames those that differ. */
export async function applyTags({ actions, client, ids }: ApplyContext): Promise<void> {
  const creations = actions.creations('tags');
  await importTogether(actions, creations.filter(keepsId), (some) => {
    const tags = some.map(({ sourceId, name }) => ({ id: sourceId, name }));
    return importWithPlaceholder(client, { tags }, { projectId: null, folderId: null });
  });
  await actions.attemptEach(creations.filter(isRenewed), async ({ sourceId, name }) => {
    const { id } = requireText(await client.post('/tags', { name }), ['id'], 'POST /tags');
    return ids.created('tags', sourceId, id);
  });
  await actions.attemptEach(actions.updates('tags'), async ({ targetId, name }) => {
    await client.put(`/tags/${segment(targetId)}`, { name });
  });
}
