import { isJsonObject, type Json, type JsonObject } from '../../lib/json/json.ts';
import { objectsIn, textOf } from '../../kinds/fields.ts';
import { KIND, type Kind, type ListKind } from '../../kinds/kinds.ts';
import { findReferences } from '../../kinds/workflows/workflow-references.ts';
import { parsePath } from './paths.ts';

/** That one item of a snapshot names another. */
export interface ItemReference {
  readonly from: { readonly kind: Kind; readonly id: string; readonly name: string };
  /** The node that holds the reference; null where the item itself does. */
  readonly node: string | null;
  /** What the reference is for, for people: "calls", "error workflow". */
  readonly role: string;
  readonly to: { readonly kind: Kind; readonly id: string; readonly by: 'id' | 'name' };
}

/**
 * The references that one file of a snapshot holds: of workflows (drafts and live versions) to sub-workflows, error
 * workflows, credentials, data tables, folders, projects and tags; of any item to its project; of folders to their
 * parents. What a workflow computes when it runs is no reference, and neither is a parameter that only looks like one.
 */
export function referencesIn(path: string, value: Json): ItemReference[] {
  const { role, part } = parsePath(path) ?? {};
  if (role === 'list') {
    if (part === 'folders') return isJsonObject(value) ? folderReferences(value) : [];
    return objectsIn(value).flatMap((item) => listedReferences(part as ListKind, item));
  }
  if (!isJsonObject(value)) return [];
  switch (role) {
    case 'draft':
    case 'published':
      return workflowReferences(value);
    case 'credential':
      return ownProjects('credentials', value, 'id');
    case 'table':
      return named('data-tables', value, [['projects', value.projectId, 'lies in']]);
    default:
      return [];
  }
}

const ROLES = {
  call: 'calls',
  use: 'uses',
  credential: 'uses',
  'error-workflow': 'error workflow',
  caller: 'may be called by',
} as const;

function workflowReferences(workflow: JsonObject): ItemReference[] {
  const from = { kind: 'workflows', id: textOf(workflow.id), name: textOf(workflow.name) } as const;
  const inNodes = findReferences(workflow)
    .references.filter((reference) => reference.sure)
    .map(({ node, role, kind, id, by }) => ({ from, node, role: ROLES[role], to: { kind, id, by } }));
  const tags = objectsIn(workflow.tags).map((tag) => ['tags', tag.id, 'carries'] as const satisfies MemberReference);
  return [...inNodes, ...named('workflows', workflow, tags), ...ownProjects('workflows', workflow, 'projectId')];
}

/** `member` is where an entry of `shared` has the project's id: workflows and credentials differ in it. */
function ownProjects(kind: Kind, item: JsonObject, member: string): ItemReference[] {
  const projects = objectsIn(item.shared).map(
    (share) => ['projects', share[member], 'lies in'] as const satisfies MemberReference,
  );
  return named(kind, item, projects);
}

/** An item of a list names at most its project. */
function listedReferences(kind: ListKind, item: JsonObject): ItemReference[] {
  const { idMember, nameMember } = KIND[kind];
  const project = isJsonObject(item.project) ? item.project.id : item.projectId;
  return named(kind, { id: item[idMember] ?? '', name: item[nameMember] ?? '' }, [['projects', project, 'lies in']]);
}

/** The folders' own places, and the folder of each workflow, which the same file holds. */
function folderReferences(value: JsonObject): ItemReference[] {
  const own = objectsIn(value.folders).flatMap((folder) =>
    named('folders', folder, [
      ['projects', folder.projectId, 'lies in'],
      ['folders', folder.parentFolderId, 'lies in'],
    ]),
  );
  const places = isJsonObject(value.workflows) ? Object.entries(value.workflows) : [];
  return [
    ...own,
    ...places.flatMap(([id, folder]) => named('workflows', { id, name: '' }, [['folders', folder, 'lies in']])),
  ];
}

type MemberReference = readonly [kind: Kind, id: Json | undefined, role: string];

/** References by id, as far as the members hold one. */
function named(kind: Kind, item: JsonObject, members: readonly MemberReference[]): ItemReference[] {
  const from = { kind, id: textOf(item.id), name: textOf(item.name) };
  return members.flatMap(([to, id, role]) =>
    typeof id === 'string' && id !== '' ? [{ from, node: null, role, to: { kind: to, id, by: 'id' as const } }] : [],
  );
}
