// What changed since the snapshot before, and how it is said in the subject of a snapshot.

import type { Kind } from '../../kinds/kinds.ts';
import { KINDS } from '../../kinds/kinds.ts';
import { compareText } from '../../kinds/fields.ts';
import type { SnapshotHeader } from '../format/header.ts';
import { parsePath, type Role } from '../format/paths.ts';
import { sameFiles } from './same-files.ts';

/** How an item of a kind differs from the snapshot before. */
export type Change = 'added' | 'changed' | 'removed';

export interface ItemChange {
  readonly kind: Kind;
  readonly change: Change;
  /** Tells items of a kind apart: the id part of the path, or the file name of a kind that is one file. */
  readonly key: string;
  /** For people; of a removed item, the name part of its path (`nameRemoved` in jobs reads the real one), or its id. */
  readonly name: string;
  /** One of its files: of a removed item, in the snapshot before. */
  readonly path: string;
}

export interface ChangeInput {
  readonly before: { readonly paths: Iterable<string>; readonly header: SnapshotHeader } | null;
  readonly after: {
    readonly paths: Iterable<string>;
    /** Paths with the same bytes as before. */
    readonly unchanged: ReadonlySet<string>;
    readonly names: ReadonlyMap<string, string>;
    readonly header: SnapshotHeader;
  };
}

/**
 * What changed between two snapshots, item by item, in the order of kinds and names. Told by paths and hashes alone:
 * no file is read. Static data of workflows does not count.
 */
export function findChanges({ before, after }: ChangeInput): ItemChange[] {
  const old = groupByItem(before?.paths ?? []);
  const now = groupByItem(after.paths);
  const changes: ItemChange[] = [];
  for (const [id, item] of now) {
    const previous = old.get(id);
    if (previous && sameFiles(previous.paths, item.paths, after.unchanged)) continue;
    const name = nameOf(item, after.names);
    changes.push(changeOf(item, name, previous ? 'changed' : 'added'));
  }
  for (const [id, item] of old) {
    if (now.has(id) || after.header.kinds[item.kind] === undefined) continue;
    changes.push(changeOf(item, item.slug || item.key, 'removed'));
  }
  return changes.sort(
    (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || compareText(a.name, b.name) || compareText(a.key, b.key),
  );
}

/** What changed in files that belong to no item, in words: static data and schemas; `nothing changed` without any. */
export function describeOtherFiles(
  before: Iterable<string>,
  after: { readonly paths: Iterable<string>; readonly unchanged: ReadonlySet<string> },
): string {
  const [old, now] = [[...before], [...after.paths]];
  const found = Object.entries(OTHER_FILES).filter(([role]) => {
    const [oldOnes, ones] = [old, now].map((paths) => paths.filter((path) => parsePath(path)?.role === role));
    return !sameFiles(oldOnes!, ones!, after.unchanged);
  });
  return found.length === 0 ? 'nothing changed' : `${found.map(([, words]) => words).join(' and ')} changed`;
}

/** Files that are no items: n8n writes static data when it likes; schemas follow from the credentials. */
const OTHER_FILES = {
  state: 'static data of workflows',
  schema: 'schemas of credentials',
} as const satisfies Partial<Record<Role, string>>;

function changeOf({ kind, key, paths }: ItemFiles, name: string, change: Change): ItemChange {
  // Not a file of rows: the one that has the item's name.
  const [path = key] = paths.filter((each) => parsePath(each)?.role !== 'rows').sort(compareText);
  return { kind, key, name, change, path };
}

interface ItemFiles {
  readonly kind: Kind;
  readonly key: string;
  readonly slug: string;
  readonly paths: string[];
}

function groupByItem(paths: Iterable<string>): Map<string, ItemFiles> {
  const items = new Map<string, ItemFiles>();
  for (const path of paths) {
    const found = parsePath(path);
    // A schema is not an item: it follows from the credentials in use.
    if (!found?.part || found.part === 'workflow-state' || found.role === 'schema') continue;
    const { part, key, slug } = found;
    const id = `${part}/${key}`;
    const item = items.get(id) ?? { kind: part, key, slug, paths: [] };
    item.paths.push(path);
    items.set(id, item);
  }
  return items;
}

function nameOf(item: ItemFiles, names: ReadonlyMap<string, string>): string {
  for (const path of item.paths) {
    const name = names.get(path);
    if (name !== undefined) return name;
  }
  return item.slug;
}

/** The kinds that lost over half of their items since the snapshot before: more likely an accident than a clean-up. */
export function findShrunk(before: SnapshotHeader | null, after: SnapshotHeader): Kind[] {
  return KINDS.filter((kind) => {
    const old = before?.kinds[kind];
    const now = after.kinds[kind];
    if (!old || now?.coverage !== 'complete') return false;
    return now.items < old.items / 2 || lostRows(old.rows, now.rows);
  });
}

function lostRows(before: number | undefined, after: number | undefined): boolean {
  return before !== undefined && after !== undefined && after < before / 2;
}
