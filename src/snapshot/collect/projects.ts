import type { Identified } from '../../kinds/fields.ts';
import { isN8nError } from '../../n8n/http/errors.ts';
import { listAll } from '../../n8n/list/paginate.ts';
import { segment } from '../../n8n/http/types.ts';
import { sortProjects, toStoredMember, type Project } from '../../kinds/projects.ts';
import { sortUsers } from '../../kinds/users.ts';
import { listPath } from '../format/paths.ts';
import { putJson, type CollectContext, type KindContent } from './context.ts';

/** Reads the projects, personal ones too, and the members of each team project. */
export async function collectProjects(context: CollectContext): Promise<KindContent> {
  const projects = await context.projects();
  const notes = new Set<string>();
  const stored = await Promise.all(
    projects.map(async (project) => ({ ...project, members: await readMembers(context, project, notes) })),
  );
  putJson(context, listPath('projects'), sortProjects(stored));
  return { items: projects.length, notes: [...notes] };
}

/** The members of a team project; null where the key may not see them, which `notes` then says. */
async function readMembers(
  context: CollectContext,
  project: Project,
  notes: Set<string>,
): Promise<Identified[] | null> {
  if (project.type !== 'team') return [];
  const members = new Map<string, Identified>();
  try {
    const ids = await listAll(context.client, `/projects/${segment(project.id)}/users`, {
      signal: context.signal,
      check: (member) => void toStoredMember(member),
      onPage: (page) => {
        for (const member of page.map(toStoredMember)) members.set(member.id, member);
      },
    });
    return sortUsers(ids.flatMap((id) => members.get(id) ?? []));
  } catch (error) {
    if (isN8nError(error, 'not-found')) return [];
    if (!isN8nError(error, 'scope', 'too-old', 'licence')) throw error;
    notes.add(`members of projects could not be read: ${error.reason ?? error.message}`);
    return null;
  }
}
