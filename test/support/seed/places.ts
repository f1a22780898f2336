import type { JsonObject } from '../../../src/lib/json/json.ts';
import { idOf, type SeedClient } from './client.ts';

/** Where seeded items live. */
export interface Places {
  readonly projectIds: readonly string[];
  readonly folderIds: readonly string[];
  /** The placement fields of POST /workflows, to be taken in turn: personal project, project roots, folders. */
  readonly homes: readonly JsonObject[];
}

/** Two team projects with nested folders (two of one name), and variables, global and of a project. */
export async function seedPlaces(client: SeedClient): Promise<Places> {
  const projectIds: string[] = [];
  const folderIds: string[] = [];
  const homes: JsonObject[] = [{}];
  for (const name of ['Sales & Ops', 'Finanzen Ä']) {
    const projectId = idOf(await client.post('/projects', { name }));
    projectIds.push(projectId);
    homes.push({ projectId });
    const folder = async (folderName: string, parentFolderId?: string) => {
      const parent = parentFolderId === undefined ? {} : { parentFolderId };
      const made = await client.post(`/projects/${projectId}/folders`, { name: folderName, ...parent });
      const id = idOf(made);
      folderIds.push(id);
      homes.push({ projectId, parentFolderId: id });
      return id;
    };
    const europe = await folder('Europa');
    await folder('München', europe);
    await folder('Archiv', await folder('2026', europe));
    await folder('Archiv');
    await client.post('/variables', { key: 'REGION', value: name, projectId });
  }
  await client.post('/variables', { key: 'REGION', value: 'everywhere' });
  await client.post('/variables', { key: 'API_BASE', value: 'https://api.example.com' });
  return { projectIds, folderIds, homes };
}
