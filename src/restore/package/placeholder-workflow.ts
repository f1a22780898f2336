import { isJsonObject } from '../../lib/json/json.ts';
import { isN8nError } from '../../n8n/http/errors.ts';
import type { N8nClient } from '../../n8n/http/types.ts';
import type { PackageContent } from './build.ts';
import type { Place } from '../model/model.ts';
import { RefusedError } from '../errors.ts';
import { importPackage, type Imported } from './import.ts';
import { packageWorkflow } from './workflow.ts';

/** Fixed, so that a run can remove what one before it left behind when it was killed. */
export const PLACEHOLDER_ID = 'flowkeepCarrier';
const PLACEHOLDER_PATH = `/workflows/${PLACEHOLDER_ID}`;
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
    const imported = await importPackage(client, { ...content, workflows: [placeholder] }, place);
    if (!imported.workflows.has(PLACEHOLDER_ID) && (await findById(client)) === 'foreign') throw idTaken();
    return imported;
  } finally {
    // Also if the answer was lost. A placeholder that is left over, perhaps in another project, would block the next
    // one.
    await removePlaceholder(client);
  }
}

/** Removes the placeholder workflow if there is one. A workflow that somebody made under its id is left alone. */
export async function removePlaceholder(client: N8nClient): Promise<void> {
  if ((await findById(client)) !== 'placeholder') return;
  try {
    await client.delete(PLACEHOLDER_PATH);
  } catch (error) {
    if (!isN8nError(error, 'not-found')) throw error;
  }
}

/** What has the placeholder's id: anybody can import a workflow under an id that they choose. */
async function findById(client: N8nClient): Promise<'placeholder' | 'foreign' | 'nothing'> {
  try {
    const found = await client.get(PLACEHOLDER_PATH);
    if (!isJsonObject(found)) return 'foreign';
    const isEmpty = Array.isArray(found.nodes) && found.nodes.length === 0;
    return found.name === PLACEHOLDER_NAME && isEmpty ? 'placeholder' : 'foreign';
  } catch (error) {
    if (isN8nError(error, 'not-found')) return 'nothing';
    throw error;
  }
}

function idTaken(): RefusedError {
  return new RefusedError(
    `a workflow of the instance has the id ${PLACEHOLDER_ID}`,
    'flowkeep needs this id for an empty workflow that it makes and removes. Copy yours to a new workflow in n8n, ' +
      'delete it, and run the restore again.',
  );
}
