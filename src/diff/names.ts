import { isJsonObject, type Json, type JsonObject } from '../lib/json/json.ts';
import { objectsIn, textMember, textOf } from '../kinds/fields.ts';
import { listPath } from '../snapshot/format/paths.ts';
import { readOne } from './read-json.ts';
import type { SnapshotView } from '../snapshot/format/snapshot-view.ts';

/**
 * What one side calls its projects and folders, and which folders its workflows are in: for saying what an id means.
 */
export interface Names {
  readonly projects: ReadonlyMap<string, string>;
  readonly folders: ReadonlyMap<string, { readonly name: string; readonly parent: string | null }>;
  /** The folder of each workflow that is in one, by the workflow's id; null where this side does not hold folders. */
  readonly places: ReadonlyMap<string, string> | null;
}

export async function readNames(source: SnapshotView, signal?: AbortSignal): Promise<Names> {
  const projects = objectsIn(await readOne(source, listPath('projects'), signal));
  const stored = await readOne(source, listPath('folders'), signal);
  const { folders = [], workflows = {} } = isJsonObject(stored) ? stored : {};
  return {
    projects: new Map(projects.map((project) => [idOf(project), nameOf(project)])),
    folders: new Map(
      objectsIn(folders).map((folder) => [
        idOf(folder),
        { name: nameOf(folder), parent: textOrNull(folder.parentFolderId) },
      ]),
    ),
    places: stored === null ? null : textMembers(workflows),
  };
}

function textMembers(value: Json): Map<string, string> {
  const entries = isJsonObject(value) ? Object.entries(value) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

const idOf = textMember('id');
const nameOf = textMember('name');

function textOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** A project's name; its id where this side does not know it; null for none. */
export function projectName(names: Names, id: string | null): string | null {
  return id === null ? null : names.projects.get(id) || id;
}

/** Folders of a path that are named, from the innermost one: each of thousands may lie in the one before. */
const MAX_FOLDERS = 50;

/** `Sales / Invoices`: a folder with those that it is in; its id where this side does not know it; null for none. */
export function folderPath(names: Names, id: string | null): string | null {
  const path: string[] = [];
  const seen = new Set<string>();
  let at = id;
  for (; at !== null && !seen.has(at) && path.length < MAX_FOLDERS; at = names.folders.get(at)?.parent ?? null) {
    seen.add(at);
    path.push(names.folders.get(at)?.name || at);
  }
  if (at !== null && !seen.has(at)) path.push('…');
  return path.length === 0 ? null : path.reverse().join(' / ');
}

/** Which project owns an item, and with whom it is shared besides, from its `shared` list. */
export function sharing(
  item: JsonObject,
  member: 'projectId' | 'id',
): { readonly owner: string | null; readonly others: readonly (readonly [id: string, role: string])[] } {
  const shares = objectsIn(item.shared).map((share) => [textOf(share[member]), textOf(share.role)] as const);
  const owner = shares.find(([, role]) => role.endsWith(':owner'));
  return { owner: owner?.[0] ?? null, others: shares.filter((share) => share !== owner) };
}
