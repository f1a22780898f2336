import { isJsonObject, type JsonObject } from '../../../lib/json/json.ts';
import { isN8nError } from '../../../n8n/http/errors.ts';
import { listAll } from '../../../n8n/list/paginate.ts';
import { segment, type N8nClient } from '../../../n8n/http/types.ts';
import { objectsIn } from '../../../kinds/fields.ts';

/**
 * What a project still contains, one phrase for each thing, or an empty list. n8n deletes a project with all that is in
 * it (docs/internal/n8n-api-notes.md, "Writes"), and a restore deletes nothing that its plan does not name.
 */
export async function contentsOfProject(client: N8nClient, projectId: string): Promise<string[]> {
  const holds = (item: JsonObject): boolean => isIn(item, projectId);
  return [
    ...(await namesOf(client, '/workflows', 'workflow', holds)),
    ...(await namesOf(client, '/credentials', 'credential', holds)),
    ...(await namesOf(client, '/data-tables', 'data table', holds)),
    ...(await namesOf(client, '/variables', 'variable', holds)),
    ...(await foldersOf(client, projectId)),
  ];
}

/**
 * Workflows and credentials say where they are shared, by its owner's role; tables and variables name their project.
 */
function isIn(item: JsonObject, projectId: string): boolean {
  if (item.projectId === projectId) return true;
  if (isJsonObject(item.project) && item.project.id === projectId) return true;
  return objectsIn(item.shared).some(
    ({ id, projectId: shared, role }) =>
      typeof role === 'string' && role.endsWith(':owner') && (id === projectId || shared === projectId),
  );
}

async function namesOf(
  client: N8nClient,
  path: string,
  what: string,
  holds: (item: JsonObject) => boolean,
): Promise<string[]> {
  const names = new Set<string>();
  try {
    await listAll(client, path, {
      onPage: (page) => {
        for (const item of page) if (holds(item)) names.add(`${what} ${nameOf(item)}`);
      },
    });
  } catch (error) {
    if (!isN8nError(error, 'scope', 'licence', 'too-old')) throw error;
    names.add(`${what}s that this key cannot list`);
  }
  return [...names];
}

async function foldersOf(client: N8nClient, projectId: string): Promise<string[]> {
  const answer = await client.get(`/projects/${segment(projectId)}/folders`);
  return objectsIn(isJsonObject(answer) ? answer.data : []).map((folder) => `folder ${nameOf(folder)}`);
}

function nameOf(item: JsonObject): string {
  const name = item.name ?? item.key;
  return typeof name === 'string' ? JSON.stringify(name) : 'without a name';
}
