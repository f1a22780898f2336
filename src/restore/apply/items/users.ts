import { isJsonObject } from '../../../lib/json/json.ts';
import { segment, type N8nClient } from '../../../n8n/http/types.ts';
import { listAll } from '../../../n8n/list/paginate.ts';
import type { ApplyContext } from '../context.ts';
import { RefusedError } from '../../errors.ts';

/** Invites the users that the plan names, which it does with `--invite-users` alone. n8n sends them a mail. */
export async function applyUsers({ actions, client, ids }: ApplyContext): Promise<void> {
  await actions.attemptEach(actions.creations('users'), async ({ sourceId, work }) =>
    ids.created('users', sourceId, await inviteUser(client, work.email, work.role)),
  );
  const promoted = actions.updates('users').filter(({ work }) => work.role !== null);
  await actions.attemptEach(promoted, async ({ targetId, work }) => {
    await client.patch(`/users/${segment(targetId)}/role`, { newRoleName: work.role });
  });
}

/** Invites one person, to a role of the whole instance. @returns the new user's id */
export async function inviteUser(client: N8nClient, email: string, role: string | null = null): Promise<string> {
  return readInvited(await client.post('/users', [{ email, role: role ?? 'global:member' }]));
}

/** n8n answers 201 with a list of `{user, error}`, also where it did not invite. */
function readInvited(answer: unknown): string {
  const first: unknown = Array.isArray(answer) ? answer[0] : null;
  if (!isJsonObject(first)) throw new RefusedError('n8n did not say whether it invited the user');
  if (isJsonObject(first.user) && typeof first.user.id === 'string') return first.user.id;
  throw new RefusedError(`n8n did not invite the user${typeof first.error === 'string' ? `: ${first.error}` : ''}`);
}

/**
 * The id of the user with this e-mail address on the target, or null. Read again each time: the user may have just
 * been invited.
 */
export async function findUser(client: N8nClient, email: string): Promise<string | null> {
  let found: string | null = null;
  await listAll(client, '/users', {
    onPage: (page) => {
      for (const { id, email: address } of page) {
        if (typeof id === 'string' && isSameAddress(address, email)) found = id;
      }
    },
  });
  return found;
}

function isSameAddress(a: unknown, b: string): boolean {
  return typeof a === 'string' && a.toLowerCase() === b.toLowerCase();
}
