import { canonicalJson, canonicalJsonLine, parseJson, type Json } from '../../lib/json/json.ts';
import { formOf } from '../format/header.ts';
import { kindOf, parsePath } from '../format/paths.ts';
import type { SnapshotView } from '../format/snapshot-view.ts';
import { mayHoldMarker } from '../secrets/marker.ts';
import { mayHoldSecrets } from './apply-to-file.ts';
import { plainDocument } from './plain-text.ts';

/** A snapshot whose files have what was typed as n8n has it: for what leaves flowkeep. Markers stay. */
export function plainView(view: SnapshotView): SnapshotView {
  const readable = (path: string, content: Uint8Array): Uint8Array =>
    isEscaped(view, path) && mayHoldMarker(content) ? unescapeFile(path, content) : content;
  return {
    ...view,
    matches: (path, content) => view.matches(path, content),
    read: async (path, signal) => readable(path, await view.read(path, signal)),
    async *readMany(paths, signal) {
      for await (const [path, content] of view.readMany(paths, signal)) yield [path, readable(path, content)] as const;
    },
  };
}

function isEscaped({ header }: SnapshotView, path: string): boolean {
  const part = parsePath(path)?.part;
  return part != null && mayHoldSecrets(path) && formOf(header.kinds[kindOf(part)]) === 'escaped';
}

function unescapeFile(path: string, content: Uint8Array): Uint8Array {
  const text = Buffer.from(content).toString('utf8');
  if (parsePath(path)?.role !== 'rows') return Buffer.from(canonicalJson(plainDocument(parseJson(text), 'escaped')));
  const lines = text.split('\n').map((line) => {
    if (!mayHoldMarker(line)) return line;
    const [row = null] = plainDocument<Json[]>([parseJson(line)], 'escaped');
    return canonicalJsonLine(row);
  });
  return Buffer.from(lines.join('\n'));
}
