import { parsePath } from '../format/paths.ts';
import type { Kind } from '../../kinds/kinds.ts';
import type { ServerMark, SnapshotHeader } from '../format/header.ts';

/**
 * Whether a live n8n is the one that a snapshot is of. `same`: as far as can be told. `moved`: it has items of the
 * snapshot, and is another server, as after a move to another machine. `foreign`: it has none of them. `empty`: it has
 * nothing yet, as a new server before a restore.
 */
export type ServerVerdict = 'same' | 'moved' | 'foreign' | 'empty';

/** What is known of a server: what it says of itself, and which items it has. */
export interface KnownServer {
  readonly mark: ServerMark | undefined;
  /** Ids of its items, as paths have them, the kind before each. */
  readonly ids: ReadonlySet<string>;
  /** How many items it has of the kinds that people make. */
  readonly items: number;
  /** The kinds that say so. */
  readonly kinds: ReadonlySet<Kind>;
}

/** A snapshot, stored or live. */
export interface State {
  readonly header: SnapshotHeader;
  readonly files: ReadonlyMap<string, unknown>;
}

/**
 * With fewer ids than this, all of them others now say nothing where nobody says who the owner is: somebody who tries
 * n8n out throws away two workflows and makes two others.
 */
const FEW_IDS = 3;

/** Kinds that a server has before anybody has made anything. */
const BUILT_IN: readonly Kind[] = ['projects', 'users', 'community-packages'];

/** What a stored snapshot tells of the server that it is of. */
export function savedServer(state: State): KnownServer {
  return knownServer(state, new Set(Object.keys(state.header.kinds) as Kind[]));
}

/**
 * What was just read of a server tells of it: without what could not be read, since that is carried over from the
 * snapshot before.
 */
export function liveServer(state: State): KnownServer {
  return knownServer(state, kindsRead(state.header));
}

function knownServer({ header, files }: State, kinds: ReadonlySet<Kind>): KnownServer {
  const made = [...kinds].filter((kind) => !BUILT_IN.includes(kind));
  return {
    mark: header.server,
    ids: idsIn(files.keys(), kinds),
    items: made.reduce((sum, kind) => sum + (header.kinds[kind]?.items ?? 0), 0),
    kinds,
  };
}

/** The kinds of which everything was read. */
export function kindsRead({ kinds }: SnapshotHeader): Set<Kind> {
  const read = Object.entries(kinds).filter(([, { coverage }]) => coverage === 'complete');
  return new Set(read.map(([kind]) => kind as Kind));
}

/**
 * Ids of workflows, credentials and data tables, the kind before each: n8n draws them at random, so that two servers
 * share none by accident.
 */
export function idsIn(paths: Iterable<string>, kinds: ReadonlySet<Kind>): Set<string> {
  const ids = new Set<string>();
  for (const path of paths) {
    const { role, part = null, id = '' } = parsePath(path) ?? {};
    if (part === null || part === 'workflow-state' || !kinds.has(part)) continue;
    if (role === 'draft' || role === 'credential' || role === 'table') ids.add(`${part}/${id}`);
  }
  return ids;
}

/**
 * Decides by the owner where both sides say who that is: the same owner is the same server, whatever was deleted there.
 * Otherwise by n8n's instance id, which proves another server and not the same one (before n8n 2.48 it follows from the
 * encryption key, which people copy), and by the ids in common.
 */
export function judgeServer(before: KnownServer, live: KnownServer): ServerVerdict {
  const isSame = isSameOwner(before.mark, live.mark);
  if (isSame === true || before.items === 0) return 'same';
  if (live.items === 0) return 'empty';
  const isOther = isSame === false || hasOtherInstanceId(before.mark, live.mark);
  // Numbers are the ids of old versions of n8n, and every server began with 1.
  const telling = [...before.ids].filter((id) => live.kinds.has(kindOfId(id)) && !/\/\d+$/.test(id));
  if (!isOther && telling.length < FEW_IDS) return 'same';
  if (telling.some((id) => live.ids.has(id))) return isOther ? 'moved' : 'same';
  return isOther || [...live.ids].some((id) => !/\/\d+$/.test(id)) ? 'foreign' : 'same';
}

/** The kind of an id that `idsIn` gave. */
export function kindOfId(id: string): Kind {
  return id.slice(0, id.indexOf('/')) as Kind;
}

/**
 * Whether two marks are of one server, as far as they tell.
 * @returns undefined where they do not: nobody says who the owner is, and the instance ids are not both known
 */
export function isSameMark(one: ServerMark | undefined, other: ServerMark | undefined): boolean | undefined {
  const byOwner = isSameOwner(one, other);
  if (byOwner !== undefined) return byOwner;
  if (one?.instanceId === undefined || other?.instanceId === undefined) return undefined;
  return one.instanceId === other.instanceId;
}

function isSameOwner(one: ServerMark | undefined, other: ServerMark | undefined): boolean | undefined {
  if (one?.owner === undefined || other?.owner === undefined) return undefined;
  return one.owner === other.owner;
}

function hasOtherInstanceId(one: ServerMark | undefined, other: ServerMark | undefined): boolean {
  return one?.instanceId !== undefined && other?.instanceId !== undefined && one.instanceId !== other.instanceId;
}

/** `owner 2f0c…, instance id 61906111…`, for messages: the ids say nothing of people. */
export function describeMark(mark: ServerMark | undefined): string {
  const parts = [
    ...(mark?.owner === undefined ? [] : [`owner ${mark.owner}`]),
    ...(mark?.instanceId === undefined ? [] : [`instance id ${mark.instanceId.slice(0, 12)}`]),
  ];
  return parts.length === 0 ? 'owner not known' : parts.join(', ');
}
