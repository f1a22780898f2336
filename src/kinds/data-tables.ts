import type { JsonObject } from '../lib/json/json.ts';
import { invalid, objectsIn, omit, pick, requireLists, requireText, type Identified } from './fields.ts';

export interface DataTable extends Identified {
  name: string;
}

/** The size and the time of the last row edit: the rows themselves say both. */
const DERIVED = ['sizeBytes', 'updatedAt'];

/** Checks one entry of `GET /data-tables`; its columns, which n8n gives in any order, come by index. */
export function parseDataTable(value: unknown): DataTable {
  const table = requireText(value, ['id', 'name'], 'GET /data-tables');
  requireLists(table, ['columns'], 'GET /data-tables');
  if (!Array.isArray(table.columns)) throw invalid('GET /data-tables', `${JSON.stringify(table.id)} has no columns`);
  const columns = objectsIn(table.columns)
    .sort((a, b) => columnIndex(a) - columnIndex(b))
    .map((column) => pick(column, ['id', 'name', 'type', 'index']));
  return { ...omit(table, DERIVED), id: table.id, name: table.name, columns };
}

function columnIndex(column: JsonObject): number {
  return typeof column.index === 'number' ? column.index : Number.MAX_SAFE_INTEGER;
}
