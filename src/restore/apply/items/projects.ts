import { isN8nError } from '../../../n8n/http/errors.ts';
import { segment } from '../../../n8n/http/types.ts';
import { requireText } from '../../../kinds/fields.ts';
import { importPackage } from '../../package/import.ts';
import type { CreateAction } from '../../plan/types.ts';
import { changes, creationsOf, presentOf, targetIdOf, updatesOf, type ActionOf } from '../actions.ts';
import { attempt, RefusedError } from '../attempt.ts';
import { rememberCreated, type ApplyContext } from '../context.ts';
import { findUserByEmail } from './find-user.ts';
import { inviteUser } from './users.ts';

/** Brings missing team projects back, renames those that differ, and puts members back. */
export async function applyProjects(context: ApplyContext): Promise<void> {
  const creations = creationsOf(context, 'projects');
  for (const action of creations) {
    if (action.identity.as === 'original-id')
      await attempt(context, action, () => importProject(context, action));
    else await attempt(context, action, () => createProject(context, action));
  }
  for (const action of updatesOf(context, 'projects')) {
    if (!changes(action, 'name')) continue;
    await attempt(context, action, async () => {
      const path = `/projects/${segment(action.targetId)}`;
      await context.client.put(path, { name: action.name }, { signal: context.signal });
    });
  }
  for (const action of presentOf(context, 'projects')) await applyMembers(context, action);
}

async function importProject(
  context: ApplyContext,
  action: ActionOf<'projects', CreateAction>,
): Promise<string> {
  const details = context.source.projects.get(action.sourceId)?.details ?? {};
  const project = { id: action.sourceId, name: action.name, details };
  const nowhere = { projectId: null, folderId: null };
  await importPackage(context.client, { projects: [project] }, nowhere, context.signal);
  return action.sourceId;
}

async function createProject(
  context: ApplyContext,
  action: ActionOf<'projects', CreateAction>,
): Promise<string> {
  const { client, signal } = context;
  const answer = await client.post('/projects', { name: action.name }, { signal });
  const { id } = requireText(answer, ['id'], 'POST /projects');
  await rememberCreated(context, 'projects', action.sourceId, id);
  const details = Object.keys(context.source.projects.get(action.sourceId)?.details ?? {});
  if (details.length > 0)
    context.outcomes.note(action.key, `without ${details.join(', ')}: only a package import writes those`);
  return id;
}

async function applyMembers(context: ApplyContext, action: ActionOf<'projects'>): Promise<void> {
  const users = `/projects/${segment(targetIdOf(context, action))}/users`;
  const { client, signal } = context;
  for (const member of action.work.members) {
    await attempt(context, action, async () => {
      const userId = member.userId ?? (await findOrInvite(context, member.email));
      if (userId === null)
        throw new RefusedError(`no user ${String(member.email)} on the target to add to the project`);
      if (member.do === 'change-role')
        await client.patch(`${users}/${segment(userId)}`, { role: member.role }, { signal });
      else await addMember(context, users, userId, member.role);
    });
  }
}

/** Only with `--invite-users` does a plan name a member who is no user of the target yet. */
async function findOrInvite(context: ApplyContext, email: string | null): Promise<string | null> {
  const found = await findUserByEmail(context, email);
  return found ?? (email !== null && context.plan.options.inviteUsers ? inviteUser(context, email) : null);
}

async function addMember(context: ApplyContext, users: string, userId: string, role: string): Promise<void> {
  const { client, signal } = context;
  try {
    await client.post(users, { relations: [{ userId, role }] }, { signal, idempotent: true });
  } catch (error) {
    // n8n answers 500 for a user who does not exist.
    if (!isN8nError(error, 'server')) throw error;
    throw new RefusedError(`n8n could not add user ${userId} to the project: does the user exist there?`);
  }
}
