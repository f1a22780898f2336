import { isN8nError } from '../../../n8n/http/errors.ts';
import { segment, type N8nClient } from '../../../n8n/http/types.ts';
import { requireText } from '../../../kinds/fields.ts';
import { importPackage } from '../../package/import.ts';
import type { CreateAction } from '../../plan/types.ts';
import { changes, isRenewed, type ActionOf } from '../actions.ts';
import type { ApplyContext } from '../context.ts';
import { RefusedError } from '../../errors.ts';
import { findUser, inviteUser } from './users.ts';

/** Brings missing team projects back, renames those that differ, and puts members back. */
export async function applyProjects(context: ApplyContext): Promise<void> {
  const { actions, client } = context;
  await actions.attemptEach(actions.creations('projects'), (action) =>
    isRenewed(action) ? createProject(context, action) : importProject(context, action),
  );
  const renamed = actions.updates('projects').filter((action) => changes(action, 'name'));
  await actions.attemptEach(renamed, async ({ targetId, name }) => {
    await client.put(`/projects/${segment(targetId)}`, { name });
  });
  for (const action of actions.present('projects')) await applyMembers(context, action);
}

async function importProject(
  { client, source }: ApplyContext,
  { sourceId, name }: ActionOf<'projects', CreateAction>,
): Promise<string> {
  const details = source.projects.get(sourceId)?.details ?? {};
  const nowhere = { projectId: null, folderId: null };
  await importPackage(client, { projects: [{ id: sourceId, name, details }] }, nowhere);
  return sourceId;
}

async function createProject(
  { actions, client, ids, source }: ApplyContext,
  { key, sourceId, name }: ActionOf<'projects', CreateAction>,
): Promise<string> {
  const { id } = requireText(await client.post('/projects', { name }), ['id'], 'POST /projects');
  await ids.created('projects', sourceId, id);
  const details = Object.keys(source.projects.get(sourceId)?.details ?? {});
  if (details.length > 0)
    actions.outcomes.note(key, `without ${details.join(', ')}: only a package import writes those`);
  return id;
}

async function applyMembers(context: ApplyContext, action: ActionOf<'projects'>): Promise<void> {
  const { actions, client, ids } = context;
  const users = `/projects/${segment(ids.ofAction(action))}/users`;
  for (const member of action.work.members) {
    await actions.attempt(action, async () => {
      const userId = member.userId ?? (await findOrInvite(context, member.email));
      if (userId === null)
        throw new RefusedError(`no user ${String(member.email)} on the target to add to the project`);
      if (member.do === 'change-role') await client.patch(`${users}/${segment(userId)}`, { role: member.role });
      else await addMember(client, users, userId, member.role);
    });
  }
}

/** Only with `--invite-users` does a plan name a member who is no user of the target yet. */
async function findOrInvite({ client, plan }: ApplyContext, email: string | null): Promise<string | null> {
  if (email === null) return null;
  const found = await findUser(client, email);
  return found ?? (plan.options.inviteUsers ? inviteUser(client, email) : null);
}

async function addMember(client: N8nClient, users: string, userId: string, role: string): Promise<void> {
  try {
    await client.post(users, { relations: [{ userId, role }] }, { idempotent: true });
  } catch (error) {
    // n8n answers 500 for a user who does not exist.
    if (!isN8nError(error, 'server')) throw error;
    throw new RefusedError(`n8n could not add user ${userId} to the project: does the user exist there?`);
  }
}
