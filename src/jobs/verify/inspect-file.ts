import { sha256 } from '../../lib/hash.ts';
import { isJsonObject, isRawNumber, parseJson, type Json, type JsonObject } from '../../lib/json/json.ts';
import { jsonProblem } from '../../snapshot/format/damaged-file.ts';
import { objectsIn } from '../../kinds/fields.ts';
import { folderProblem } from '../../snapshot/format/folder-tree.ts';
import { idProblem } from '../../snapshot/format/own-id.ts';
import { parsePath, ROWS_PER_FILE, type Role, type SnapshotPath } from '../../snapshot/format/paths.ts';
import { referencesIn, type ItemReference } from '../../snapshot/format/references.ts';

/** What is kept of a file once it was read: little, so that the memory of a run does not grow with the snapshots. */
export interface FileFacts {
  readonly sha256: string;
  /** What is not as docs/snapshot-format.md says. */
  readonly problems: readonly string[];
  readonly references: readonly ItemReference[];
  /** Ids of the items in a file that is a list. */
  readonly listed: readonly string[];
  /** Rows of a data table. */
  readonly rows: number;
  /** The bytes of flowkeep.json, which is looked at as a whole; null for any other file. */
  readonly header: Uint8Array | null;
}

type Findings = Partial<Omit<FileFacts, 'sha256'>>;

/** Checks one file of a snapshot by itself: its syntax, and that what it says agrees with its path. */
export function inspectFile(path: string, content: Uint8Array): FileFacts {
  const nothing = { problems: [], references: [], listed: [], rows: 0, header: null };
  return { ...nothing, ...find(path, content), sha256: sha256(content) };
}

function find(path: string, content: Uint8Array): Findings {
  const at = parsePath(path);
  if (at === null) return { problems: ['the snapshot format has no such path'] };
  if (at.role === 'readme') return {};
  if (at.role === 'header') return { header: content };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return { problems: ['it is not UTF-8 text'] };
  }
  try {
    return at.role === 'rows' ? findRows(at, text) : findJson(path, at, parseJson(text));
  } catch (error) {
    return { problems: [jsonProblem(error)] };
  }
}

function findJson(path: string, { role, part }: SnapshotPath, value: Json): Findings {
  const references = referencesIn(path, value);
  if (role !== 'list') return { references, problems: problemsOfItem(path, role, value) };
  const list = part === 'folders' && isJsonObject(value) ? value.folders : value;
  if (!Array.isArray(list)) return { problems: ['it is not a list'] };
  const listed = list.map((entry) => (isJsonObject(entry) ? (entry.id ?? entry.packageName) : undefined));
  const ids = listed.filter((id) => typeof id === 'string');
  const problems: string[] = [];
  if (ids.length < listed.length) problems.push('an entry has no id');
  if (new Set(ids).size < ids.length) problems.push('two entries have the same id');
  const cycle = part === 'folders' ? folderProblem(objectsIn(list)) : null;
  if (cycle !== null) problems.push(cycle);
  return { references, listed: ids, problems };
}

/** A file that is one item, whose id is in its path. */
function problemsOfItem(path: string, role: Role, value: Json): string[] {
  if (!isJsonObject(value)) return ['it is not a JSON object'];
  if (role === 'schema') return [];
  const problems: string[] = [];
  const wrongId = idProblem(path, value);
  if (wrongId !== null) problems.push(wrongId);
  const isWorkflow = role === 'draft' || role === 'published';
  if (isWorkflow && !Array.isArray(value.nodes)) problems.push('it has no list of nodes');
  if (isWorkflow && !isJsonObject(value.connections)) problems.push('it has no connections');
  return problems;
}

function findRows({ rowsFile }: SnapshotPath, text: string): Findings {
  if (!text.endsWith('\n')) return { problems: ['its last line is cut off'] };
  const lines = text.slice(0, -1).split('\n');
  let last = Number.NEGATIVE_INFINITY;
  for (const [index, line] of lines.entries()) {
    const row = parseJson(line);
    const id = isJsonObject(row) ? rowId(row) : null;
    if (id === null) return { problems: [`line ${index + 1} is not a row with an id`] };
    if (id <= last) return { problems: [`line ${index + 1}: row ${id} comes after row ${last}`] };
    if (Math.floor(id / ROWS_PER_FILE) !== rowsFile)
      return { problems: [`line ${index + 1}: row ${id} belongs to another file`] };
    last = id;
  }
  return { rows: lines.length };
}

function rowId(row: JsonObject): number | null {
  const id: unknown = row.id;
  const value = isRawNumber(id) ? Number(id.rawJSON) : id;
  return typeof value === 'number' ? value : null;
}
