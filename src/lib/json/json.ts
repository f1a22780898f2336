// JSON without loss: numbers keep their digits, keys keep one order, and hostile shapes are refused.

import { refuseHostileShape } from './json-limits.ts';
import { trimEndOf } from '../trim.ts';

/** Any JSON value. Numbers that a double cannot hold are kept as `JSON.rawJSON` objects (see parseJson). */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/**
 * A number that might lose digits as a double: 16 digits or more, or an exponent of three digits or more. It is
 * looked for only where a number can stand: a UUID, of which n8n's answers are full, holds `1e234` as often as not,
 * and the careful way of parsing takes three times as long.
 */
const RISKY_NUMBER = /(?:^|[[:,\s])-?(?:[\d.]{16}|[\d.]+[eE][+-]?\d{3})/;

/**
 * Parses JSON without changing any number: one that a double cannot hold exactly becomes a raw JSON object, which
 * JSON.stringify and canonicalJson write back digit by digit.
 * @throws SyntaxError where the text is not JSON, and JsonLimitError, a SyntaxError too, where it is made to do harm
 */
export function parseJson(text: string): Json {
  refuseHostileShape(text);
  if (!RISKY_NUMBER.test(text)) return JSON.parse(text) as Json;
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    const source = context?.source;
    if (typeof value !== 'number' || source === undefined || String(value) === source) return value;
    return keepsValue(value, source) ? value : rawJson(source);
  };
  return JSON.parse(text, reviver) as Json;
}

/** Whether the double prints the same digits as the source, written another way (1.0 and 1, 1e3 and 1000). */
function keepsValue(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false;
  return digitsOf(String(value)) === digitsOf(source);
}

/** Sign, significant digits and decimal exponent of a number's text, so that two spellings compare equal. */
function digitsOf(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const all = (whole + fraction).replace(/^0+/, '');
  const trimmed = trimEndOf(all, '0');
  if (trimmed === '') return `${sign}0`;
  const power = Number(exponent) - fraction.length + (all.length - trimmed.length);
  return `${sign}${trimmed}e${power}`;
}

interface RawJson {
  readonly rawJSON: string;
}
const jsonWithRaw = JSON as unknown as { rawJSON(text: string): Json; isRawJSON(value: unknown): boolean };

function rawJson(source: string): Json {
  return jsonWithRaw.rawJSON(source);
}

/** Whether a value is a number that a double cannot hold (see parseJson). */
export function isRawNumber(value: unknown): value is RawJson {
  return typeof value === 'object' && value !== null && jsonWithRaw.isRawJSON(value);
}

/** Whether a value is a JSON object: not null, not a list, not a raw number. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

/** Sets a member by any name: an assignment to `__proto__`, a member like any other here, would add none. */
export function setMember(object: JsonObject, name: string, value: Json): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/**
 * The canonical text of a JSON value: keys sorted by UTF-16 code unit, two-space indent, one final newline.
 * Equal values give equal bytes. Members that are undefined are left out.
 */
export function canonicalJson(value: unknown): string {
  return `${write(value, '\n')}\n`;
}

/** The canonical one-line text of a JSON value, without a final newline: for rows of an ndjson file. */
export function canonicalJsonLine(value: unknown): string {
  return write(value, null);
}

/** `newline` is the line break with the current indent, or null for everything on one line. */
function write(value: unknown, newline: string | null): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (isRawNumber(value)) return value.rawJSON;
  return Array.isArray(value) ? writeList(value, newline) : writeObject(value as JsonObject, newline);
}

function writeList(list: readonly unknown[], newline: string | null): string {
  if (list.length === 0) return '[]';
  const inner = newline === null ? null : `${newline}  `;
  let text = '[';
  let loose = LOOSE_LENGTH;
  for (let index = 0; index < list.length; index++) {
    if (index > 0) text += ',';
    text += (inner ?? '') + write(list[index], inner);
    if (text.length > loose) loose = join(text);
  }
  return `${text}${newline ?? ''}]`;
}

function writeObject(object: JsonObject, newline: string | null): string {
  const inner = newline === null ? null : `${newline}  `;
  const colon = newline === null ? ':' : ': ';
  let text = '';
  let loose = LOOSE_LENGTH;
  for (const key of Object.keys(object).sort()) {
    const member: unknown = object[key];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${inner ?? ''}${JSON.stringify(key)}${colon}${write(member, inner)}`;
    if (text.length > loose) loose = join(text);
  }
  return text === '' ? '{}' : `{${text}${newline ?? ''}}`;
}

/** How long a text may get, in UTF-16 code units, before its pieces are joined. */
const LOOSE_LENGTH = 1 << 14;

/**
 * Makes V8 join the pieces that a text was put together from; it keeps them apart until one of its characters is
 * read, which takes many times the memory of the text. Returns the length from which the text is to be joined again.
 */
function join(text: string): number {
  text.charCodeAt(text.length - 1);
  return text.length + Math.max(LOOSE_LENGTH, text.length >> 2);
}
