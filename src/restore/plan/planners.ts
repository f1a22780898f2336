import type { Kind } from '../../kinds/kinds.ts';
import type { ListItem } from '../model/model.ts';
import { diffText } from './compare/diff.ts';
import { isElsewhere, placeOf, targetProject, type PlanContext, type Planned } from './context.ts';
import { countMembers, planMembers } from './plan-members.ts';
import { planWorkflow } from './plan-workflow.ts';
import { planTable } from './plan-table.ts';
import type { Change, Note } from './types.ts';

type Planner = (context: PlanContext, id: string, targetId: string | null) => Planned;

/** How each kind is planned: what differs from the item `targetId` (null: missing) and what apply needs to know. */
export const PLANNERS: Readonly<Record<Kind, Planner>> = {
  workflows: planWorkflow,
  credentials: planCredential,
  variables: planVariable,
  tags: planTag,
  projects: planProject,
  folders: planFolder,
  'data-tables': planTable,
  'community-packages': planPackage,
  users: planUser,
};

function planTag({ source, live }: PlanContext, id: string, targetId: string | null): Planned {
  const there = targetId === null ? undefined : live.tags.get(targetId);
  const changes = there ? diffText('name', there.name, source.tags.get(id)!.name) : [];
  return { changes, notes: [], dependsOn: [], work: { kind: 'tags' } };
}

function planVariable(context: PlanContext, id: string, targetId: string | null): Planned {
  const wanted = context.source.variables.get(id)!;
  const there = targetId === null ? undefined : context.live.variables.get(targetId);
  const changes: Change[] = [];
  if (there) {
    changes.push(...diffText('key', there.key, wanted.key), ...diffText('type', there.type, wanted.type));
    // A value may be a secret of sorts: that it differs is enough.
    if (wanted.value !== null && there.value !== wanted.value) changes.push({ field: 'value' });
    const target = wanted.projectId === null ? null : targetProject(context, wanted.projectId);
    if (target !== there.projectId) changes.push({ field: 'project' });
  }
  const { projectId, ...place } = placeOf(context, wanted.projectId, null);
  const work = { kind: 'variables', projectId } as const;
  return { changes, work, ...pickPlace(place), ...blockIfGlobal(wanted.projectId, projectId, wanted.key) };
}

/** A variable of a project must not become a global one, which every workflow sees. */
function blockIfGlobal(wanted: string | null, place: string | null, key: string): Pick<Planned, 'blocked'> {
  if (wanted === null || place !== null) return {};
  return {
    blocked: {
      reason: `variable ${JSON.stringify(key)} belongs to a project that does not exist on the target`,
      remedy: 'Restore the project as well, or create the variable on the target manually.',
    },
  };
}

function planCredential(context: PlanContext, id: string, targetId: string | null): Planned {
  const wanted = context.source.credentials.get(id)!;
  const there = targetId === null ? undefined : context.live.credentials.get(targetId);
  const filled = context.filledCredentials.has(id);
  const place = placeOf(context, wanted.projectId, null);
  const work = { kind: 'credentials', type: wanted.type, projectId: place.projectId, filled } as const;
  if (!there) {
    const stub: Note = { code: 'stub', message: `${wanted.type}: needs its secret` };
    return {
      changes: [],
      work,
      dependsOn: place.dependsOn,
      notes: filled ? place.notes : [...place.notes, stub],
    };
  }
  if (there.type !== wanted.type) return { changes: [], work, notes: [], dependsOn: [], ...otherType(wanted, there) };
  const changes = diffText('name', there.name, wanted.name);
  if (filled) changes.push({ field: 'secret' });
  if (place.notes.length === 0 && isElsewhere(context, wanted.projectId, there.projectId))
    changes.push({ field: 'project' });
  return {
    changes,
    work,
    notes: [],
    dependsOn: changes.some((c) => c.field === 'project') ? place.dependsOn : [],
  };
}

function otherType(wanted: { type: string }, there: { type: string }): Pick<Planned, 'blocked'> {
  return {
    blocked: {
      reason: `on the target it is a ${there.type} credential, in the snapshot ${wanted.type}`,
      remedy: 'Delete or change the credential on the target: changing the type would lose its secret.',
    },
  };
}

function planFolder(context: PlanContext, id: string, targetId: string | null): Planned {
  const wanted = context.source.folders.get(id)!;
  const there = targetId === null ? undefined : context.live.folders.get(targetId);
  const place = placeOf(context, wanted.projectId, wanted.parentFolderId);
  const work = {
    kind: 'folders',
    projectId: place.projectId ?? wanted.projectId,
    parentFolderId: place.folderId,
  } as const;
  if (!there) return { changes: [], work, ...pickPlace(place) };
  const changes = diffText('name', there.name, wanted.name);
  const parent = wanted.parentFolderId === null ? null : context.identities.resolve('folders', wanted.parentFolderId);
  const moved = isElsewhere(context, wanted.projectId, there.projectId);
  // A folder that is in another project cannot be moved between projects (no endpoint does it).
  const notes: Note[] = moved
    ? [
        {
          code: 'not-restorable',
          message: 'it is in another project, and n8n cannot move folders between projects',
        },
      ]
    : [];
  if (!moved && parent !== there.parentFolderId) changes.push({ field: 'parent' });
  return {
    changes,
    work,
    notes,
    dependsOn: changes.some((c) => c.field === 'parent') ? place.dependsOn : [],
  };
}

function planProject(context: PlanContext, id: string, targetId: string | null): Planned {
  const wanted = context.source.projects.get(id)!;
  const there = targetId === null ? undefined : context.live.projects.get(targetId);
  const target = { users: context.users, inviteUsers: context.options.inviteUsers };
  const { members, notes } = planMembers(target, wanted.members ?? [], there ? there.members : []);
  const changes: Change[] = there ? diffText('name', there.name, wanted.name) : [];
  if (there && members.length > 0) changes.push({ field: 'members', to: countMembers(members) });
  return { changes, notes, dependsOn: [], work: { kind: 'projects', members } };
}

function planPackage(context: PlanContext, id: string, targetId: string | null): Planned {
  const version = textIn(context.source['community-packages'].get(id)!, 'installedVersion');
  const there = targetId === null ? undefined : context.live['community-packages'].get(targetId);
  const installed = there ? textIn(there, 'installedVersion') : null;
  const changes = there ? diffText('version', installed ?? '', version ?? '') : [];
  const planned: Planned = {
    changes,
    notes: [],
    dependsOn: [],
    work: { kind: 'community-packages', version },
  };
  if (context.options.installPackages || (there && changes.length === 0)) return planned;
  const why = there
    ? 'another version is installed; --install-packages installs this one'
    : 'not installed; --install-packages installs it';
  return { ...planned, skipped: why };
}

function planUser(context: PlanContext, id: string, _targetId: string | null): Planned {
  const user = context.source.users.get(id)!;
  const [email, role] = [user.name, textIn(user, 'role')];
  const planned: Planned = { changes: [], notes: [], dependsOn: [], work: { kind: 'users', email, role } };
  return context.options.inviteUsers
    ? planned
    : { ...planned, skipped: 'not a user of the target; --invite-users invites them' };
}

function pickPlace(place: {
  notes: readonly Note[];
  dependsOn: Planned['dependsOn'];
}): Pick<Planned, 'notes' | 'dependsOn'> {
  return { notes: place.notes, dependsOn: place.dependsOn };
}

/** A text member of an item as it is stored; null where it has none. */
function textIn({ stored }: ListItem, member: string): string | null {
  const value = stored[member];
  return typeof value === 'string' && value !== '' ? value : null;
}
