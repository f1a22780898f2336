// The format of a snapshot (docs/snapshot-format.md): paths, header, ids, digest and references. Pure, and
// the only room that makes or takes apart a path.

import { sha256 } from '../../lib/hash.ts';
import { isList, KINDS, type Kind, type ListKind } from '../../kinds/kinds.ts';
import { trimEndOf } from '../../lib/trim.ts';

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
  const cut = trimEndOf(cutToBytes(plain.replace(/^-+/, ''), SLUG_BYTES), '-');
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

export const HEADER_PATH = 'flowkeep.json';
/** A page for people, made of the other files: of no kind, never read back. */
export const README_PATH = 'README.md';

/** Where a kind whose items are all in one file lies: `variables.json`. */
export function listPath(kind: ListKind): string {
  return `${kind}.json`;
}

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
export type Part = Kind | 'workflow-state';

/** What a file of a snapshot is. `list`: all items of a kind. `schema`: of a type of credentials. */
export type Role =
  'header' | 'readme' | 'list' | 'draft' | 'published' | 'state' | 'credential' | 'schema' | 'table' | 'rows';

/** A path of a snapshot, taken apart. */
export interface SnapshotPath {
  readonly role: Role;
  /** null: the header and the page for people, which are of no kind. */
  readonly part: Part | null;
  /**
   * The item's id in the form that a path has it (`safeId`), of a schema its type; '' where a file is no one item's.
   */
  readonly id: string;
  /** The id with what tells it from one that differs in case alone (collision.ts); of a list, the path. */
  readonly key: string;
  /** The name for people; '' where the path has none, or it is concealed. */
  readonly slug: string;
  /** Which of the table's files of rows it is; 0 for any other file. */
  readonly rowsFile: number;
}

/** What lies in the folders of each kind that has a file or a folder for each item; `*` is the item. */
const SHAPES: Readonly<Record<Exclude<Kind, ListKind>, Readonly<Record<string, Role>>>> = {
  workflows: {
    'workflows/*.json': 'draft',
    'workflows/*.published.json': 'published',
    'workflow-state/*.json': 'state',
  },
  credentials: { 'credentials/*.json': 'credential', 'credential-schemas/*.json': 'schema' },
  'data-tables': { 'data-tables/*/table.json': 'table', 'data-tables/*/rows/*.ndjson': 'rows' },
};

const ROLES: ReadonlyMap<string, Role> = new Map(Object.values(SHAPES).flatMap(Object.entries));

/** The parts by the first segment of their paths. */
const PARTS: ReadonlyMap<string, Part> = new Map<string, Part>([
  ...KINDS.map((kind) => [isList(kind) ? listPath(kind) : kind, kind] as const),
  ['workflow-state', 'workflow-state'],
  ['credential-schemas', 'credentials'],
]);

/** The inverse of the functions that make paths; null for what none of them makes. */
export function parsePath(path: string): SnapshotPath | null {
  const part = partOf(path);
  const whole = { part, id: '', key: path, slug: '', rowsFile: 0 };
  if (path === HEADER_PATH) return { ...whole, role: 'header' };
  if (path === README_PATH) return { ...whole, role: 'readme' };
  if (part === null) return null;
  const [folder = '', item, ...inner] = path.split('/');
  if (item === undefined) return folder === part ? null : { ...whole, role: 'list', slug: part };
  const { slug, id: key, ending } = partsOfItem(item, inner.length > 0);
  const rows = /^(-?\d+)\.ndjson$/.exec(inner[1] ?? '');
  const shape = [folder, `*${ending}`, ...(rows ? [inner[0], '*.ndjson'] : inner)].join('/');
  const role = ROLES.get(shape);
  // What collision.ts puts behind an id that differs from another in case alone is not part of it.
  const id = key.replace(/~[0-9a-f]{8}$/, '');
  if (role === undefined || id === '' || key.includes('.') || (slug !== '' && !isNamed(folder))) return null;
  return { role, part, id, key, slug, rowsFile: Number(rows?.[1] ?? 0) };
}

/**
 * The part of a snapshot that a path belongs to, also of a file that only a later flowkeep knows; null for the header
 * and for what flowkeep did not write.
 */
export function partOf(path: string): Part | null {
  const [first = ''] = path.split('/', 1);
  return PARTS.get(first) ?? null;
}

/** The kind that a part of a snapshot belongs to. */
export function kindOf(part: Part): Kind {
  return part === 'workflow-state' ? 'workflows' : part;
}

/** The path of the live version beside a draft's. */
export function publishedBeside(draft: string): string {
  return draft.replace(/\.json$/, '.published.json');
}

/** The path of the table beside one of its files of rows. */
export function tableBeside(rows: string): string {
  return [...rows.split('/').slice(0, -2), 'table.json'].join('/');
}

/**
 * A path without the name in it, `workflows/<id>.json`: what an encrypted store shows. Applied to its own result it
 * changes nothing.
 */
export function concealName(path: string): string {
  const [folder = '', item, ...rest] = path.split('/');
  if (item === undefined || !isNamed(folder)) return path;
  const { id, ending } = partsOfItem(item, rest.length > 0);
  return [folder, `${id}${ending}`, ...rest].join('/');
}

/** Whether what lies in a folder is called `<slug>.<id>`. */
function isNamed(folder: string): boolean {
  return Object.hasOwn(SHAPES, folder);
}

/** Takes `<slug>.<id>.published.json` apart; the slug is empty where the name was concealed. A folder has no ending. */
function partsOfItem(segment: string, isFolder: boolean): { slug: string; id: string; ending: string } {
  const [ending = ''] = isFolder ? [] : (/(\.published)?\.json$/.exec(segment) ?? []);
  const own = segment.slice(0, segment.length - ending.length);
  const dot = own.indexOf('.');
  return { slug: own.slice(0, Math.max(dot, 0)), id: own.slice(dot + 1), ending };
}
