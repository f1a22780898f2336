import { segment } from '../../../n8n/http/types.ts';
import { requireText } from '../../../kinds/fields.ts';
import { importWithPlaceholder } from '../../package/placeholder-workflow.ts';
import { creationsOf, updatesOf } from '../actions.ts';
import { attempt } from '../attempt.ts';
import { rememberCreated, type ApplyContext } from '../context.ts';
import { importTogether } from '../workflows/import-together.ts';

/** Brings missing tags back and renames those that differ. */
export async function applyTags(context: ApplyContext): Promise<void> {
  const { client, signal } = context;
  const creations = creationsOf(context, 'tags');
  const kept = creations.filter(({ identity }) => identity.as === 'original-id');
  await importTogether(context, kept, (actions) => {
    const tags = actions.map(({ sourceId, name }) => ({ id: sourceId, name }));
    return importWithPlaceholder(client, { tags }, { projectId: null, folderId: null }, signal);
  });
  for (const action of creations) {
    if (action.identity.as === 'original-id') continue;
    await attempt(context, action, async () => {
      const answer = await client.post('/tags', { name: action.name }, { signal });
      const { id } = requireText(answer, ['id'], 'POST /tags');
      await rememberCreated(context, 'tags', action.sourceId, id);
      return id;
    });
  }
  for (const action of updatesOf(context, 'tags')) {
    await attempt(context, action, async () => {
      await client.put(`/tags/${segment(action.targetId)}`, { name: action.name }, { signal });
    });
  }
}
