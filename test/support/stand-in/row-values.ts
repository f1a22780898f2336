import type { Json, JsonObject } from '../../../src/lib/json/json.ts';
import { badRequest } from './api-error.ts';
import { asText } from './body.ts';
import type { ColumnType, DataTable } from './state.ts';

/** The values of a row as n8n stores them: converted to the type of each column. @throws ApiError 400 as n8n does */
export function acceptedValues(data: JsonObject, table: DataTable): JsonObject {
  const values: JsonObject = {};
  for (const [name, value] of Object.entries(data)) {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (column === undefined) throw invalid(`unknown column name '${name}'`);
    values[name] = value === null ? null : convert(value, column.type, name);
  }
  return values;
}

function convert(value: Json, type: ColumnType, name: string): Json {
  if (type === 'string') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (type === 'boolean') return toBoolean(value, name);
  if (type === 'number') return toNumber(value, name);
  return toDate(value, name);
}

function toNumber(value: Json, name: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && !Number.isNaN(number)) return number;
  throw mismatch(value, 'number', `'${name}' expects a number but we got '${asText(value)}'`);
}

function toBoolean(value: Json, name: string): boolean {
  if (value === true || value === 'true' || value === 1) return true;
  if (value === false || value === 'false' || value === 0) return false;
  throw mismatch(value, 'boolean', `'${name}' expects a boolean but we got '${asText(value)}'`);
}

/** Dates are kept as UTC with milliseconds. */
function toDate(value: Json, name: string): string {
  const date = new Date(typeof value === 'string' ? value : Number.NaN);
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw mismatch(value, 'date', `'${name}' expects a dateTime but we got '${asText(value)}'`);
}

function mismatch(value: Json, type: string, reason: string): Error {
  return invalid(`value '${asText(value)}' does not match column type '${type}': ${reason}`);
}

function invalid(reason: string): Error {
  return badRequest(`Validation error with data table request: ${reason}`);
}
