// The format of a snapshot (docs/snapshot-format.md): paths, header, ids, digest and references. Pure, and
// the only room that makes or takes apart a path.

import { sha256 } from '../../lib/hash.ts';

/**
 * The path of each item of a snapshot, as docs/snapshot-format.md says. A path is made of names that flowkeep chose
 * and of segments made here from names and ids of n8n; no such segment can leave its folder, be reserved by an
 * operating system, or grow too long.
 */

/** Longest slug, in UTF-8 bytes: with an id and the endings it stays far below the 255 bytes of common file systems. */
const SLUG_BYTES = 100;
/** Longest id that is used as it is. n8n's own ids have at most 36 characters. */
const ID_LENGTH = 64;
/** Names that Windows reserves for devices, whatever follows their first dot. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)$/i;

/**
 * A name for people: lower case, letters and digits of any script, everything else a dash. Never empty.
 * It has no dot, so that a path can be taken apart at its dots.
 */
export function slug(name: string): string {
  const plain = ASCII.test(name)
    ? name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
    : plainLetters(name).replace(/[^\p{L}\p{N}\p{M}]+/gu, '-');
  const cut = cutToBytes(plain.replace(/^-+/, ''), SLUG_BYTES).replace(/-+$/, '');
  if (cut === '') return 'unnamed';
  return RESERVED.test(cut) ? `${cut}-` : cut;
}

/** Most names are: what is done for other letters changes nothing in them, and takes five times as long. */
const ASCII = /^[\x00-\x7f]*$/;

function plainLetters(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '') // Latin accents; marks of other scripts carry meaning and stay
    .normalize('NFC')
    .toLowerCase()
    .normalize('NFC');
}

function cutToBytes(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  let bytes = 0;
  let result = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > limit) break;
    result += character;
  }
  return result;
}

/**
 * An id as a path segment: as it is where it is made of letters, digits, dash and underscore; else such characters
 * only, with the start of its hash, so that two different ids never meet.
 */
export function safeId(id: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(id) && id.length <= ID_LENGTH && !RESERVED.test(id)) return id;
  const plain = id.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 24);
  return `${plain}~${sha256(id).slice(0, 16)}`;
}

/** `<slug>.<id>`: the name for people first, the id to tell. */
function stem(name: string, id: string): string {
  return `${slug(name)}.${safeId(id)}`;
}

/** Folders whose items are called `<slug>.<id>`. */
const NAMED_FOLDERS = ['workflows', 'credentials', 'data-tables'];

/**
 * A path without the name in it, `workflows/<id>.json`: what an encrypted store shows. Applied to its own result it
 * changes nothing.
 */
export function concealName(path: string): string {
  const [folder = '', item, ...rest] = path.split('/');
  if (item === undefined || !NAMED_FOLDERS.includes(folder)) return path;
  const { id, ending } = partsOfItem(item);
  return [folder, `${id}${ending}`, ...rest].join('/');
}

/** Takes `<slug>.<id>.published.json` apart; the slug is empty where the name was concealed. */
export function partsOfItem(segment: string): { slug: string; id: string; ending: string } {
  const [ending = ''] = /(\.published)?\.json$/.exec(segment) ?? [];
  const own = segment.slice(0, segment.length - ending.length);
  const dot = own.indexOf('.');
  return { slug: own.slice(0, Math.max(dot, 0)), id: own.slice(dot + 1), ending };
}

export const HEADER_PATH = 'flowkeep.json';
/** A page for people, made of the other files: of no kind, never read back. */
export const README_PATH = 'README.md';
export const VARIABLES_PATH = 'variables.json';
export const TAGS_PATH = 'tags.json';
export const PROJECTS_PATH = 'projects.json';
export const FOLDERS_PATH = 'folders.json';
export const COMMUNITY_PACKAGES_PATH = 'community-packages.json';
export const USERS_PATH = 'users.json';

export function workflowPath(name: string, id: string): string {
  return `workflows/${stem(name, id)}.json`;
}

export function publishedPath(name: string, id: string): string {
  return `workflows/${stem(name, id)}.published.json`;
}

export function workflowStatePath(id: string): string {
  return `workflow-state/${safeId(id)}.json`;
}

export function credentialPath(name: string, id: string): string {
  return `credentials/${stem(name, id)}.json`;
}

export function credentialSchemaPath(type: string): string {
  return `credential-schemas/${safeId(type)}.json`;
}

/** The folder of a data table, with a final slash. */
export function dataTableFolder(name: string, id: string): string {
  return `data-tables/${stem(name, id)}/`;
}

/** How many row ids share a file: one edited row rewrites about this many lines, a million rows make 1,000 files. */
export const ROWS_PER_FILE = 1000;

/** The file, below a data table's folder, that holds a row: cut by id range, so that an edit changes one file. */
export function rowsFile(rowId: number): string {
  return `rows/${Math.floor(rowId / ROWS_PER_FILE)}.ndjson`;
}

/** Parts of a snapshot: its kinds, and the static data of workflows, which is compared apart from them. */
export type Part =
  | 'workflows'
  | 'workflow-state'
  | 'credentials'
  | 'variables'
  | 'tags'
  | 'projects'
  | 'folders'
  | 'data-tables'
  | 'community-packages'
  | 'users';

const PART_OF_FOLDER: Readonly<Record<string, Part>> = {
  workflows: 'workflows',
  'workflow-state': 'workflow-state',
  credentials: 'credentials',
  'credential-schemas': 'credentials',
  'data-tables': 'data-tables',
  [VARIABLES_PATH]: 'variables',
  [TAGS_PATH]: 'tags',
  [PROJECTS_PATH]: 'projects',
  [FOLDERS_PATH]: 'folders',
  [COMMUNITY_PACKAGES_PATH]: 'community-packages',
  [USERS_PATH]: 'users',
};

/** The part of a snapshot that a path belongs to; null for the header and for what flowkeep did not write. */
export function partOf(path: string): Part | null {
  const [first = ''] = path.split('/', 1);
  return PART_OF_FOLDER[first] ?? null;
}
