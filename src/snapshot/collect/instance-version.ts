import { isInstanceGone, isN8nError } from '../../n8n/http/errors.ts';
import { readVersionFromExport } from '../../kinds/workflows/workflow-folders.ts';
import type { CollectContext } from './context.ts';

/**
 * The version of n8n, or null where it cannot be learned: the public API names it in a package's manifest alone, so
 * one small export shows it, if there is a workflow to export. It is made while the workflows are still being read.
 * @param known the version in the snapshot before
 */
export async function readInstanceVersion(context: CollectContext, known: string | null): Promise<string | null> {
  const first = await context.firstWorkflow();
  const version = first === null ? null : await versionFrom(context, first, known);
  if (version !== null) return version;
  const workflows = await context.workflows().catch(() => null);
  if (workflows === null) return known;
  if (first === null || workflows.owners.has(first)) return null;
  // It was deleted after it was listed.
  const [other] = workflows.owners.keys();
  return other === undefined ? null : versionFrom(context, other, known);
}

/** An export that failed shows nothing new. */
async function versionFrom(context: CollectContext, workflowId: string, known: string | null): Promise<string | null> {
  try {
    return await readVersionFromExport(context.client, workflowId, context.signal);
  } catch (error) {
    if (isN8nError(error, 'server', 'invalid-answer', 'answer-too-large')) return known;
    if (isN8nError(error) && !isInstanceGone(error)) return null;
    throw error;
  }
}
