import { isJsonObject } from '../../../lib/json/json.ts';
import { creationsOf, updatesOf } from '../actions.ts';
import { attempt, RefusedError } from '../attempt.ts';
import { rememberCreated, type ApplyContext } from '../context.ts';
import { segment } from '../../../n8n/http/types.ts';

/** Invites the users that the plan names, which it does with `--invite-users` alone. n8n sends them a mail. */
export async function applyUsers(context: ApplyContext): Promise<void> {
  const { client, signal } = context;
  for (const action of creationsOf(context, 'users')) {
    await attempt(context, action, async () => {
      const { email, role } = action.work;
      const id = await inviteUser(context, email, role);
      await rememberCreated(context, 'users', action.sourceId, id);
      return id;
    });
  }
  for (const action of updatesOf(context, 'users')) {
    const { role } = action.work;
    if (role === null) continue;
    await attempt(context, action, async () => {
      await client.patch(`/users/${segment(action.targetId)}/role`, { newRoleName: role }, { signal });
    });
  }
}

/** Invites one person, to a role of the whole instance. @returns the new user's id */
export async function inviteUser(
  { client, signal }: ApplyContext,
  email: string,
  role: string | null = null,
): Promise<string> {
  return readInvited(await client.post('/users', [{ email, role: role ?? 'global:member' }], { signal }));
}

/** n8n answers 201 with a list of `{user, error}`, also where it did not invite. */
function readInvited(answer: unknown): string {
  const first: unknown = Array.isArray(answer) ? answer[0] : null;
  if (!isJsonObject(first)) throw new RefusedError('n8n did not say whether it invited the user');
  if (isJsonObject(first.user) && typeof first.user.id === 'string') return first.user.id;
  throw new RefusedError(
    `n8n did not invite the user${typeof first.error === 'string' ? `: ${first.error}` : ''}`,
  );
}
