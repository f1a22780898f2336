import { FlowkeepError } from '../../lib/errors.ts';
import { isJsonObject, parseJson, type JsonObject } from '../../lib/json/json.ts';
import { isN8nError } from '../../n8n/http/errors.ts';
import { listFolders } from '../../n8n/list/folder-list.ts';
import { parseFolder, sortFolders, workflowCount, type Folder } from '../../kinds/folders.ts';
import { readWorkflowFolders } from '../../kinds/workflows/workflow-folders.ts';
import { compareText } from '../../kinds/fields.ts';
import { listPath } from '../format/paths.ts';
import { putJson, type CollectContext, type KindContent } from './context.ts';

/**
 * Reads the folders of every project, and which workflow is in which folder. The workflows' own answers do not say
 * that (docs/internal/n8n-api-notes.md, Workflow objects), so it is read from a package export; hence it is stored
 * with the folders.
 */
export async function collectFolders(context: CollectContext): Promise<KindContent> {
  const folders: Folder[] = [];
  const projectsInUse = new Set<string>();
  for (const project of await context.projects()) {
    for (const entry of await foldersOf(context, project.id)) {
      folders.push(parseFolder(entry, project.id));
      if (workflowCount(entry) !== 0) projectsInUse.add(project.id);
    }
  }
  context.report('folders', folders.length);
  const { places, notes } = await readPlaces(context, projectsInUse);
  putJson(context, listPath('folders'), {
    folders: sortFolders(folders),
    workflows: Object.fromEntries(places),
  });
  return { items: folders.length, notes };
}

async function foldersOf(context: CollectContext, projectId: string): Promise<readonly JsonObject[]> {
  try {
    const check = (folder: JsonObject): void => void parseFolder(folder, projectId);
    return await listFolders(context.client, projectId, check, context.signal);
  } catch (error) {
    // The project was deleted since the listing, and its folders with it.
    if (isN8nError(error, 'not-found')) return [];
    throw error;
  }
}

/** Which folder each workflow is in, for the projects whose folders hold any. */
async function readPlaces(
  context: CollectContext,
  projects: ReadonlySet<string>,
): Promise<{ places: [string, string][]; notes: string[] }> {
  if (projects.size === 0) return { places: [], notes: [] };
  const { owners } = await context.workflows();
  const ids = [...owners].filter(([, project]) => project === null || projects.has(project)).map(([id]) => id);
  try {
    const { folders, unknown } = await readWorkflowFolders(context.client, ids, context.signal);
    const kept = unknown.size === 0 ? [] : await basePlaces(context, (id) => unknown.has(id));
    const notes = [...unknown].map(([id, reason]) => unreadable(`which folder workflow ${id} lies in`, reason));
    return { places: sortPlaces([...folders, ...kept]), notes: notes.sort(compareText) };
  } catch (error) {
    if (!isN8nError(error, 'too-old', 'scope', 'licence')) throw error;
    const kept = await basePlaces(context, (id) => owners.has(id));
    const note = unreadable('which folder a workflow lies in', error.reason ?? error.message);
    return { places: sortPlaces(kept), notes: [note] };
  }
}

function unreadable(what: string, reason: string): string {
  return `${what} could not be read, and stays as it was known: ${reason}`;
}

function sortPlaces(places: readonly [string, string][]): [string, string][] {
  return [...places].sort(([a], [b]) => compareText(a, b));
}

/** Places as the base knew them: not being able to read them must not look like everything having moved out. */
async function basePlaces(
  context: CollectContext,
  concerns: (workflowId: string) => boolean,
): Promise<[string, string][]> {
  if (!context.base?.files.has(listPath('folders'))) return [];
  // The same words each time: what differs from run to run would make a new snapshot of each.
  if (context.base.sealed)
    throw new FlowkeepError(
      'identity-missing',
      'which folder a workflow lies in could not be read from n8n, and what is known of it is encrypted',
    );
  const bytes = await context.base.read(listPath('folders'), context.signal);
  const stored = parseJson(Buffer.from(bytes).toString('utf8'));
  if (!isJsonObject(stored) || !isJsonObject(stored.workflows)) return [];
  return Object.entries(stored.workflows).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && concerns(entry[0]),
  );
}
