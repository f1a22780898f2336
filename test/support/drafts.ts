import { digestOf, sha256 } from '../../src/lib/hash.ts';
import type { DraftFile, SnapshotDraft, SnapshotInfo } from '../../src/store/store.ts';

export interface DraftInput extends Partial<SnapshotInfo> {
  /** Path to content, in any order. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly body?: string;
}

/**
 * A snapshot draft for a store's tests. The id agrees with `takenAt` and the content, as in production, unless one is
 * given.
 */
export function makeDraft({ files, body = '', ...given }: DraftInput): SnapshotDraft {
  const paths = Object.keys(files).sort();
  const draftFiles = new Map(paths.map((path) => [path, draftFile(files[path] ?? '')]));
  const takenAt = given.takenAt ?? '2026-11-23T01:54:42Z';
  const instance = given.instance ?? 'prod';
  const content = digestOf(draftFiles);
  const id = `${takenAt.replaceAll(/[-:]/g, '')}-${content.slice(0, 8)}`;
  const subject = `${instance}: ${paths.length} files`;
  const info = {
    id,
    instance,
    takenAt,
    format: 1,
    n8nVersion: '2.41.1',
    subject,
    flags: [],
    digest: content,
    ...given,
  };
  return { info, body, files: draftFiles };
}

/** A draft file with these bytes. */
export function draftFile(content: string | Uint8Array): DraftFile {
  const bytes = Buffer.from(content);
  return { size: bytes.length, sha256: sha256(bytes), read: async () => bytes };
}

/** A draft whose file at `path` runs `onRead` before it is read: to abort or to fail in the middle of a save. */
export function interceptRead(draft: SnapshotDraft, path: string, onRead: () => void): SnapshotDraft {
  const file = draft.files.get(path);
  if (!file) throw new Error(`the draft has no file ${path}`);
  const read = (): Promise<Uint8Array> => {
    onRead();
    return file.read();
  };
  return { ...draft, files: new Map(draft.files).set(path, { ...file, read }) };
}
