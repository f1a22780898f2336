import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../../src/lib/json/json.ts';
import { isJsonObject } from '../../src/lib/json/json.ts';
import { README_PATH } from '../../src/snapshot/format/paths.ts';
import type { Files } from './check.ts';

/** What a restore cannot bring back, because n8n sets it by itself; and what a package leaves in a workflow. */
const SET_BY_N8N = ['createdAt', 'updatedAt', 'sourceWorkflowId'];

/**
 * Names of what differs between two states of one instance, ids and order of rows aside: an item that is missing,
 * that is there twice or that has another content. Empty: a restore has brought everything back.
 */
export function differingItems(found: Files, expected: Files): string[] {
  const [now, then] = [comparable(found), comparable(expected)];
  const paths = new Set([...now.keys(), ...then.keys()]);
  return [...paths].filter((path) => !isDeepStrictEqual(now.get(path), then.get(path))).sort();
}

function comparable(files: Files): Map<string, Json | string[]> {
  const result = new Map<string, Json | string[]>();
  for (const [path, text] of files) {
    if (path === README_PATH) continue;
    if (path.endsWith('.ndjson')) addRows(result, path, text);
    else result.set(path, withoutTimes(JSON.parse(text) as Json, hasNewIds(path) ? ['id'] : []));
  }
  return result;
}

/** n8n gives new ids to variables, and to the columns of a table that it makes. */
function hasNewIds(path: string): boolean {
  return path === 'variables.json' || path.endsWith('/table.json');
}

/** The rows of a table by their values alone: n8n gives each a new id. */
function addRows(result: Map<string, Json | string[]>, path: string, text: string): void {
  const table = path.replace(/[^/]+$/, '');
  const rows = text.trim().split('\n');
  const values = rows.map((row) => JSON.stringify(withoutTimes(JSON.parse(row) as Json, ['id'])));
  const before = result.get(table);
  result.set(table, [...(Array.isArray(before) ? before : []), ...values].sort());
}

function withoutTimes(value: Json, more: readonly string[]): Json {
  if (Array.isArray(value)) return value.map((entry) => withoutTimes(entry, more));
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !SET_BY_N8N.includes(key) && !more.includes(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutTimes(inner, more)]));
}
