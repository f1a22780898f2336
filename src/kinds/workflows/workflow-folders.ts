import { isJsonObject } from '../../lib/json/json.ts';
import { isN8nError, N8nError } from '../../n8n/http/errors.ts';
import { PackageError, readPackage } from '../../n8n/package.ts';
import type { N8nClient } from '../../n8n/http/types.ts';

/** Workflows in one export: n8n takes at most 300 (docs/internal/n8n-api-notes.md, Export). */
const IDS_PER_EXPORT = 250;

/** The folders of workflows. A workflow that is in neither map is in no folder, or no longer exists. */
export interface WorkflowPlaces {
  /** Workflow id to folder id. */
  readonly folders: Map<string, string>;
  /** Workflows that n8n refuses to export, with its words. */
  readonly unknown: Map<string, string>;
}

/**
 * Which folder each of these workflows is in, from package exports. Nothing else in the public API says so.
 * @throws N8nError `too-old`, `scope` or `licence` where the instance serves no exports to this key
 */
export async function readWorkflowFolders(
  client: N8nClient,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<WorkflowPlaces> {
  const places: WorkflowPlaces = { folders: new Map(), unknown: new Map() };
  for (let start = 0; start < ids.length; start += IDS_PER_EXPORT) {
    await readPlaces(client, ids.slice(start, start + IDS_PER_EXPORT), places, signal);
  }
  return places;
}

/** One workflow that cannot be exported fails a whole export, so a batch with one is halved until it is found. */
async function readPlaces(
  client: N8nClient,
  ids: readonly string[],
  places: WorkflowPlaces,
  signal?: AbortSignal,
): Promise<void> {
  let exported: ReadonlyMap<string, unknown>;
  try {
    exported = await exportWorkflows(client, ids, signal);
  } catch (error) {
    if (!isN8nError(error, 'not-found', 'refused')) throw error;
    const [first = '', ...others] = ids;
    if (others.length > 0) {
      const middle = Math.ceil(ids.length / 2);
      await readPlaces(client, ids.slice(0, middle), places, signal);
      await readPlaces(client, ids.slice(middle), places, signal);
    } else if (error.kind === 'refused') {
      places.unknown.set(first, error.reason ?? error.message);
    }
    return;
  }
  for (const [path, value] of exported) {
    if (!path.endsWith('/workflow.json') || !isJsonObject(value)) continue;
    if (typeof value.id !== 'string' || typeof value.parentFolderId !== 'string') continue;
    places.folders.set(value.id, value.parentFolderId);
  }
}

/** Which n8n made an export, as the manifest of the package says; null: it does not. */
export interface ExportSource {
  readonly version: string | null;
  /** n8n's instance id (docs/internal/n8n-api-notes.md, Which server it is). */
  readonly instanceId: string | null;
}

export async function readSourceFromExport(
  client: N8nClient,
  workflowId: string,
  signal?: AbortSignal,
): Promise<ExportSource> {
  const exported = await exportWorkflows(client, [workflowId], signal);
  const manifest = exported.get('manifest.json');
  const told = (member: string): string | null => {
    const value = isJsonObject(manifest) ? manifest[member] : undefined;
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return { version: told('sourceN8nVersion'), instanceId: told('sourceId') };
}

async function exportWorkflows(
  client: N8nClient,
  workflowIds: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, unknown>> {
  const exported: { files: ReadonlyMap<string, unknown> } = { files: new Map() };
  await client.exportBytes(
    '/n8n-packages/export',
    {
      workflowIds,
      // Nothing but the places is wanted: no values, and no failure over a sub-workflow that is not exported along.
      missingWorkflowDependencyPolicy: 'reference-only',
      includeVariableValues: false,
    },
    {
      check: async (bytes) => {
        exported.files = await readExported(bytes as Uint8Array);
      },
      ...(signal ? { signal } : {}),
    },
  );
  return exported.files;
}

/** A package that broke on its way is as any other answer that did. */
async function readExported(bytes: Uint8Array): Promise<ReadonlyMap<string, unknown>> {
  try {
    return await readPackage(bytes);
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    const remedy = error.remedy === undefined ? {} : { remedy: error.remedy };
    throw new N8nError('invalid-answer', error.message, { request: 'POST /n8n-packages/export', ...remedy });
  }
}
