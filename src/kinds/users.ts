import { omit, requireText, sortByText, type Identified } from './fields.ts';

/** Times of the last login and the like: they move without a change. */
const VOLATILE = ['updatedAt', 'lastActiveAt', 'isPending', 'mfaEnabled', 'inviteAcceptUrl'];

/** Checks one entry of `GET /users`. @throws N8nError `invalid-answer` */
export function parseUser(value: unknown): Identified {
  const user = requireText(value, ['id'], 'GET /users');
  return { ...omit(user, VOLATILE), id: user.id };
}

/** The stored order: by id. */
export function sortUsers<T extends { id: string }>(users: Iterable<T>): T[] {
  return sortByText(users, (user) => user.id);
}
