import { isInstanceGone, isN8nError } from '../../n8n/http/errors.ts';
import { isJsonObject } from '../../lib/json/json.ts';
import type { N8nClient } from '../../n8n/http/types.ts';

/** Pages of users that are looked through: an owner who is not among the first 2,500 is not worth more requests. */
const MAX_PAGES = 10;

/**
 * The id of the user who owns the instance: n8n draws it at random when it is installed, so it tells one server from
 * another. undefined where the key may not list users, or the instance does not say.
 * @throws N8nError where the instance is gone; InterruptedError
 */
export async function readOwner(client: N8nClient, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await findOwner(client, signal);
  } catch (error) {
    // Without it the ids in common tell, and no backup fails over it.
    if (isN8nError(error) && !isInstanceGone(error)) return undefined;
    throw error;
  }
}

async function findOwner(client: N8nClient, signal: AbortSignal): Promise<string | undefined> {
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await client.get('/users', { query: { includeRole: true, limit: 250, cursor }, signal });
    if (!isJsonObject(answer)) return undefined;
    const users = Array.isArray(answer.data) ? answer.data : [];
    const owner = users.map(ownerIn).find((id) => id !== undefined);
    if (owner !== undefined || typeof answer.nextCursor !== 'string') return owner;
    cursor = answer.nextCursor;
  }
  return undefined;
}

function ownerIn(user: unknown): string | undefined {
  if (!isJsonObject(user) || typeof user.id !== 'string') return undefined;
  return user.role === 'global:owner' ? user.id : undefined;
}
