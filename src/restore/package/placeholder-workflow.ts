import { isN8nError } from '../../n8n/http/errors.ts';
import type { N8nClient } from '../../n8n/http/types.ts';
import type { PackageContent } from './build.ts';
import type { Place } from '../model/model.ts';
import { importPackage, type Imported } from './import.ts';
import { packageWorkflow } from './workflow.ts';

/** Fixed, so that a run can remove what one before it left behind when it was killed. */
export const PLACEHOLDER_ID = 'flowkeepCarrier';
export const PLACEHOLDER_NAME = 'flowkeep carrier (temporary, may be deleted)';

/**
 * Brings tags, data tables and credential stubs to a project under their original ids. n8n creates those only for a
 * workflow of the package that requires them, so an empty one carries them and is removed right after.
 */
export async function importWithPlaceholder(
  client: N8nClient,
  content: Pick<PackageContent, 'tags' | 'tables' | 'stubs'>,
  place: Place,
): Promise<Imported> {
  const tagIds = (content.tags ?? []).map(({ id }) => id);
  const placeholder = packageWorkflow(
    { id: PLACEHOLDER_ID, name: PLACEHOLDER_NAME, settings: {}, tagIds },
    { nodes: [], connections: {}, nodeGroups: [] },
  );
  try {
    return await importPackage(client, { ...content, workflows: [placeholder] }, place);
  } finally {
    // Also if the answer was lost. A placeholder that is left over, perhaps in another project, would block the next
    // one.
    await removePlaceholder(client);
  }
}

/** Removes the placeholder workflow if there is one. */
export async function removePlaceholder(client: N8nClient): Promise<void> {
  try {
    await client.delete(`/workflows/${PLACEHOLDER_ID}`);
  } catch (error) {
    if (!isN8nError(error, 'not-found')) throw error;
  }
}
