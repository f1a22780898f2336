import { isJsonObject, parseJson, canonicalJson } from '../../src/lib/json/json.ts';
import { memoryFile } from '../../src/lib/spool.ts';
import { digestOf } from '../../src/lib/hash.ts';
import { HEADER_PATH } from '../../src/snapshot/format/paths.ts';
import type { DraftFile, SnapshotDraft } from '../../src/store/store.ts';
import { MemoryStore } from './memory-store.ts';

/** Saves snapshots as flowkeep did before it escaped what looks like a marker, until `isOlder` is false. */
export class OlderStore extends MemoryStore {
  isOlder = true;

  override async save(draft: SnapshotDraft, signal?: AbortSignal): ReturnType<MemoryStore['save']> {
    return super.save(this.isOlder ? await withoutEscapes(draft) : draft, signal);
  }
}

async function withoutEscapes({ info, body, files }: SnapshotDraft): Promise<SnapshotDraft> {
  const older = new Map<string, DraftFile>();
  for (const [path, file] of files) {
    const text = Buffer.from(await file.read()).toString('utf8');
    older.set(path, memoryFile(Buffer.from(path === HEADER_PATH ? olderHeader(text) : unescape(text))));
  }
  const digest = digestOf(older);
  return { info: { ...info, id: `${info.id.slice(0, -8)}${digest.slice(0, 8)}`, digest }, body, files: older };
}

function unescape(text: string): string {
  return text.replaceAll('[redacted by flowkeep~', '[redacted by flowkeep');
}

function olderHeader(text: string): string {
  const header = parseJson(text);
  if (!isJsonObject(header) || !isJsonObject(header.kinds)) throw new Error('that is no header');
  for (const kind of Object.values(header.kinds)) if (isJsonObject(kind)) delete kind.typedMarkers;
  return canonicalJson(header);
}
