import { canonicalJsonLine, isJsonObject, isRawNumber, parseJson, type Json } from '../../lib/json/json.ts';
import { parsePath, tableBeside } from '../format/paths.ts';
import type { Hit, Span } from '../secrets/hit.ts';
import { cut } from '../secrets/place.ts';
import { redact } from '../secrets/redact.ts';
import { blankMarkers, mayHoldMarker } from '../secrets/marker.ts';
import { isExcepted } from './exceptions.ts';
import type { FileView, SecretFinding } from './finding.ts';
import type { FilePolicy } from './policy.ts';

/**
 * Treats a file of rows. There may be millions of them, so that only the formats of services are looked for, in all
 * rows of the file at once; a row in which there is one is looked at by itself.
 */
export async function applyToRows(filePolicy: FilePolicy, path: string, text: string): Promise<FileView> {
  const { scanner } = filePolicy;
  if (!scanner) return { content: null, findings: [] };
  const spans = await scanner.known(blankEscapes(blankMarkers(text)));
  const redacts = filePolicy.secrets === 'redact';
  const escapes = redacts && filePolicy.isPlain(path) && mayHoldMarker(text);
  if (spans?.length === 0 && !escapes) return { content: null, findings: [] };
  const isIn = spans === null ? () => true : inOrder(spans);
  const lines = text.split('\n');
  const findings: SecretFinding[] = [];
  let changed = false;
  let offset = 0;
  for (const [index, line] of lines.entries()) {
    const end = offset + line.length;
    const isFound = line !== '' && isIn(offset, end);
    offset = end + 1;
    if (!isFound && !(escapes && mayHoldMarker(line))) continue;
    const row = parseJson(line);
    // In a list of its own: at the top of a document, `name` and `id` are a workflow's.
    const hits = (isFound ? await scanner.scan([row], 'formats') : []).filter((hit) => {
      const finding = findingOf(filePolicy, path, row, hit);
      if (isExcepted(finding, filePolicy.secretExceptions)) return false;
      return findings.push(finding) > 0;
    });
    const [redacted = row] = redact([row], hits, escapes) as Json[];
    lines[index] = canonicalJsonLine(redacted);
    changed ||= hits.length > 0 || escapes;
  }
  return { content: redacts && changed ? Buffer.from(lines.join('\n')) : null, findings };
}

/**
 * The text with blanks for the escapes of JSON that stand for white space and control characters, of the same length:
 * a key that begins a line of a value would stand behind the `n` of its line break, and be the end of a word.
 */
function blankEscapes(json: string): string {
  return json.replaceAll(/\\(?:[\\bfnrt]|u[\da-f]{4})/g, (escape) =>
    escape === '\\\\' ? escape : ' '.repeat(escape.length),
  );
}

/** Whether a secret begins within a line; lines are asked for in their order. */
function inOrder(spans: readonly Span[]): (start: number, end: number) => boolean {
  const starts = spans.map(({ start }) => start).sort((a, b) => a - b);
  let next = 0;
  return (start, end) => {
    while (next < starts.length && starts[next]! < start) next += 1;
    return next < starts.length && starts[next]! < end;
  };
}

function findingOf({ nameOf }: FilePolicy, path: string, row: Json, { path: at, rule }: Hit): SecretFinding {
  const { key: id = '', slug = '' } = parsePath(path) ?? {};
  const name = cut(nameOf(tableBeside(path)) ?? slug);
  return {
    kind: 'data-tables',
    id,
    name,
    node: null,
    field: cut(`rows[${rowId(row)}].${at.slice(1).join('.')}`),
    rule,
  };
}

function rowId(row: Json): string {
  const id: unknown = isJsonObject(row) ? row.id : undefined;
  return isRawNumber(id) ? id.rawJSON : String(id);
}
