import type { MemberItem, UserItem } from '../model/model.ts';
import type { Note } from './types.ts';
import type { ProjectWork } from './work.ts';

/**
 * Who is to become a member, and who cannot. Members that the snapshot does not have are kept.
 * @param target its users, or null where they could not be read, and whether missing ones are invited
 */
export function planMembers(
  target: { readonly users: readonly UserItem[] | null; readonly inviteUsers: boolean },
  wanted: readonly MemberItem[],
  there: readonly MemberItem[] | null,
): { members: ProjectWork['members'][number][]; notes: Note[] } {
  const members: ProjectWork['members'][number][] = [];
  const notes: Note[] = [];
  if (there === null) return { members, notes };
  for (const member of wanted) {
    const now = there.find((each) => each.id === member.id || sameEmail(each.email, member.email));
    if (now?.role === member.role) continue;
    if (now) {
      members.push({ userId: now.id, email: now.email, role: member.role, do: 'change-role' });
      continue;
    }
    const user = target.users?.find((each) => each.id === member.id || sameEmail(each.email, member.email));
    const invited = user === undefined && target.inviteUsers && member.email !== null;
    if (user || invited) members.push({ userId: user?.id ?? null, email: member.email, role: member.role, do: 'add' });
    else notes.push({ code: 'missing-member', message: missingMember(target.users, member) });
  }
  return { members, notes };
}

/** `2 to add, 1 with another role`. */
export function countMembers(members: ProjectWork['members']): string {
  const added = members.filter((member) => member.do === 'add').length;
  const roles = members.length - added;
  return [added > 0 ? `${added} to add` : '', roles > 0 ? `${roles} with another role` : '']
    .filter((text) => text !== '')
    .join(', ');
}

function missingMember(users: readonly UserItem[] | null, member: MemberItem): string {
  const who = member.email ?? member.id;
  if (users === null) return `${who} is not added: the users of the target could not be read`;
  const remedy = member.email === null ? '' : '; --invite-users invites them';
  return `no user ${who} on the target${remedy}`;
}

function sameEmail(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a.toLowerCase() === b.toLowerCase();
}
