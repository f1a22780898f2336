import type { Json } from '../../lib/json/json.ts';
import type { TextForm } from '../format/header.ts';
import type { JsonPath } from '../secrets/hit.ts';
import { mapLeaves } from '../secrets/leaves.ts';
import { escapeTyped, hasMarker, unescapeTyped } from '../secrets/marker.ts';

/** A saved text as n8n has it; null where a part of it was withheld. */
export function plainText(text: string, form: TextForm): string | null {
  if (form === 'plain') return text;
  if (hasMarker(text)) return null;
  return form === 'escaped' ? unescapeTyped(text) : text;
}

/**
 * A saved document with what was typed as n8n has it; what was withheld stays a marker.
 * @param path where the document stands in its file: `[0]` for an entry of a list
 */
export function plainDocument<T extends Json>(document: T, form: TextForm, path: JsonPath = []): T {
  return form === 'escaped' ? (mapLeaves(document, unescapeTyped, path) as T) : document;
}

/** A document of n8n as it is saved where secrets are redacted, but for the secrets. */
export function escapedDocument<T extends Json>(document: T, path: JsonPath = []): T {
  return mapLeaves(document, escapeTyped, path) as T;
}
