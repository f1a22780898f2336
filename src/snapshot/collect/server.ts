import { isInstanceGone, isN8nError } from '../../n8n/http/errors.ts';
import { readSourceFromExport, type ExportSource } from '../../kinds/workflows/workflow-folders.ts';
import type { ServerMark } from '../format/header.ts';
import type { CollectContext } from './context.ts';
import { readOwner } from './owner.ts';

/** What an instance says of itself. */
export interface ServerAnswers {
  /** The version of n8n, or null where it cannot be learned. */
  readonly version: string | null;
  /** undefined where it told nothing that tells it from another. */
  readonly mark: ServerMark | undefined;
}

/**
 * Asks the instance which n8n it is. Where what is read is only compared, nothing is asked: the snapshot before knows
 * the version.
 */
export async function readServer(context: CollectContext): Promise<ServerAnswers> {
  const known: ExportSource = { version: context.base?.header.n8nVersion ?? null, instanceId: null };
  if (context.compareOnly) return { version: known.version, mark: undefined };
  const [source, owner] = await Promise.all([readSource(context, known), readOwner(context.client, context.signal)]);
  const mark: ServerMark = {
    ...(owner === undefined ? {} : { owner }),
    ...(source.instanceId === null ? {} : { instanceId: source.instanceId }),
  };
  return { version: source.version, mark: Object.keys(mark).length === 0 ? undefined : mark };
}

const NOTHING: ExportSource = { version: null, instanceId: null };

/**
 * The public API names version and instance id in a package's manifest alone, so one small export shows them, if there
 * is a workflow to export. It is made while the workflows are still being read.
 * @param known what the snapshot before says
 */
async function readSource(context: CollectContext, known: ExportSource): Promise<ExportSource> {
  const first = await context.firstWorkflow();
  const source = first === null ? NOTHING : await sourceFrom(context, first, known);
  if (source.version !== null) return source;
  const workflows = await context.workflows().catch(() => null);
  if (workflows === null) return known;
  if (first === null || workflows.owners.has(first)) return NOTHING;
  // It was deleted after it was listed.
  const [other] = workflows.owners.keys();
  return other === undefined ? NOTHING : sourceFrom(context, other, known);
}

/** An export that failed shows nothing new. */
async function sourceFrom(context: CollectContext, workflowId: string, known: ExportSource): Promise<ExportSource> {
  try {
    return await readSourceFromExport(context.client, workflowId, context.signal);
  } catch (error) {
    if (isN8nError(error, 'server', 'invalid-answer', 'answer-too-large')) return known;
    if (isN8nError(error) && !isInstanceGone(error)) return NOTHING;
    throw error;
  }
}
