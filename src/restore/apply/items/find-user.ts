import { listAll } from '../../../n8n/list/paginate.ts';
import type { ApplyContext } from '../context.ts';

/**
 * The id of the user with this e-mail address on the target, or null. Read again each time: the user may have just
 * been invited.
 */
export async function findUserByEmail(context: ApplyContext, email: string | null): Promise<string | null> {
  if (email === null) return null;
  let found: string | null = null;
  await listAll(context.client, '/users', {
    signal: context.signal,
    onPage: (page) => {
      for (const { id, email: address } of page) {
        if (typeof id === 'string' && sameAddress(address, email)) found = id;
      }
    },
  });
  return found;
}

function sameAddress(a: unknown, b: string): boolean {
  return typeof a === 'string' && a.toLowerCase() === b.toLowerCase();
}
