import { parse } from 'yaml';
import { isJsonObject, type Json } from '../../lib/json/json.ts';

/**
 * Names of the members of the object at `path` of a YAML text; empty if there is none. n8n's specification has 750
 * kB and takes half a second to parse, during which a restore does nothing else; so only the block in question is
 * parsed, and the whole text where that block is not to be found by its lines.
 * @throws Error where the text is no YAML
 */
export function memberNames(text: string, path: readonly string[]): string[] {
  return namesIn(parseBlock(text, path)) ?? namesIn(memberAt(parse(text) as Json, path)) ?? [];
}

function namesIn(value: Json | undefined): string[] | null {
  return isJsonObject(value) ? Object.keys(value) : null;
}

function memberAt(value: Json, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, member) => (isJsonObject(inner) ? inner[member] : undefined), value);
}

/** What stands at `path`, where each member on the way has a line of its own; else undefined. */
function parseBlock(text: string, path: readonly string[]): Json | undefined {
  let block: string | null = text;
  for (const key of path) block = block === null ? null : blockBelow(block, key);
  if (block === null) return undefined;
  try {
    return parse(block) as Json;
  } catch {
    // An alias, say, whose anchor is elsewhere: then the whole text is parsed.
    return undefined;
  }
}

/**
 * The lines below a key of a block of YAML, or null where the key has no line of its own. Whatever is no key of this
 * very block, the inner lines of a long text among them, is indented deeper.
 */
function blockBelow(block: string, key: string): string | null {
  const indent = /^( *)[^\s#]/m.exec(block)?.[1] ?? '';
  const literal = key.replaceAll(/\W/g, '\\$&');
  const line = new RegExp(`^${indent}(['"]?)${literal}\\1:[ \\r]*\\n`, 'm').exec(block);
  if (!line) return null;
  const rest = block.slice(line.index + line[0].length);
  const end = rest.search(new RegExp(`^ {0,${indent.length}}[^\\s#]`, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}
