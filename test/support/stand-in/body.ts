import { isJsonObject, type Json, type JsonObject } from '../../../src/lib/json/json.ts';
import { ApiError, badRequest } from './api-error.ts';

/** What a body may hold, in the words of n8n's validation. Fields outside of all lists are unrecognized. */
export interface BodyRules {
  readonly required: readonly string[];
  readonly optional?: readonly string[];
  readonly readOnly?: readonly string[];
  /** `ignore`: unknown keys are passed over in silence, as data tables and credentials do. */
  readonly unknown?: 'refuse' | 'ignore';
}

/** Checks the keys of a body as n8n does. @throws ApiError 400 with n8n's message for the first problem */
export function checkBody(body: Json | undefined, rules: BodyRules): JsonObject {
  if (body === undefined) throw new ApiError(415, 'unsupported media type undefined');
  if (!isJsonObject(body)) throw badRequest('request/body must be object');
  const known = new Set([...rules.required, ...(rules.optional ?? [])]);
  for (const key of rules.readOnly ?? []) {
    if (key in body) throw badRequest(`request/body/${key} is read-only`);
  }
  for (const key of rules.required) {
    if (!(key in body)) throw badRequest(`request/body must have required property '${key}'`);
  }
  const unknown = Object.keys(body).filter((key) => !known.has(key));
  if (rules.unknown !== 'ignore' && unknown.length > 0) throw unrecognized('request/body', unknown);
  return body;
}

export function unrecognized(where: string, keys: readonly string[]): Error {
  return badRequest(`${where} Unrecognized key(s) in object: ${keys.map((key) => `'${key}'`).join(', ')}`);
}

/** A field that must be text when it is there. */
export function textField(body: JsonObject, key: string): string | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw badRequest(`request/body/${key} must be string`);
  return value;
}

/** A field that is there, and text. */
export function requiredText(body: JsonObject, key: string): string {
  const value = textField(body, key);
  if (value === undefined) throw badRequest(`request/body must have required property '${key}'`);
  return value;
}

/** Any JSON value as text: a string as it is, all else as JSON. */
export function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
