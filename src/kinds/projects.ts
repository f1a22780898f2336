import { pick, requireText, sortByText, type Identified } from './fields.ts';

export interface Project extends Identified {
  name: string;
  /** `personal` or `team`. */
  type: string;
}

/** Checks one entry of `GET /projects`. @throws N8nError `invalid-answer` */
export function parseProject(value: unknown): Project {
  return requireText(value, ['id', 'name', 'type'], 'GET /projects') as Project;
}

/** A member as it is stored: enough to put the person back, and no more of their data. */
export function toStoredMember(value: unknown): Identified {
  const user = requireText(value, ['id'], 'GET /projects/{id}/users');
  return { ...pick(user, ['email', 'role']), id: user.id };
}

/** The stored order: by id. */
export function sortProjects<T extends { id: string }>(projects: Iterable<T>): T[] {
  return sortByText(projects, (project) => project.id);
}
