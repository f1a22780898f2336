import type { Json, JsonObject } from '../../lib/json/json.ts';
import type { Budget } from '../budget.ts';
import type { FieldChange } from '../types.ts';
import { diffValues } from './values.ts';

/** The differences of two values, each named by its place below `field`. */
export function fieldChanges(
  field: string,
  from: Json | undefined,
  to: Json | undefined,
  budget: Budget,
): FieldChange[] {
  return diffValues(from, to, budget, field).map(({ path, ...rest }) => ({ field: path, ...rest }));
}

/** The differences of two items, member by member. */
export function memberChanges(from: JsonObject, to: JsonObject, budget: Budget): FieldChange[] {
  return diffValues(from, to, budget).map(({ path, ...rest }) => ({ field: path, ...rest }));
}

/** A change from one text to another, either of which may be none; nothing where they are equal. */
export function textChange(field: string, from: string | null, to: string | null): FieldChange[] {
  if (from === to) return [];
  return [{ field, ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) }];
}
