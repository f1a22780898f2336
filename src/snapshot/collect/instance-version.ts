import { isInstanceGone, isN8nError } from '../../n8n/errors.ts';
import { readVersionFromExport } from '../../resources/workflow-folders.ts';
import type { CollectContext } from './context.ts';

/**
 * The version of n8n, or null where it cannot be learned: the public API names it in a package's manifest alone, so
 * one small export tells, where there is a workflow to export. An export that failed tells nothing new.
 * @param known the version in the snapshot before
 */
export async function readInstanceVersion(
  context: CollectContext,
  known: string | null,
): Promise<string | null> {
  const workflows = await context.workflows().catch(() => null);
  const [id] = workflows?.owners.keys() ?? [];
  if (id === undefined) return workflows === null ? known : null;
  try {
    return await readVersionFromExport(context.client, id, context.signal);
  } catch (error) {
    if (isN8nError(error, 'server', 'invalid-answer')) return known;
    if (isN8nError(error) && !isInstanceGone(error)) return null;
    throw error;
  }
}
