// One snapshot as one commit: written by `git fast-import`, read by trees and blobs.

import { throwIfAborted } from '../../../lib/errors.ts';
import { findHostilePath } from '../../../lib/hostile-paths.ts';
import { blobId } from '../../blob-id.ts';
import { readDraftFile } from '../../draft-file.ts';
import type { SnapshotDraft } from '../../store.ts';
import { formatCommitMessage } from './commit-message.ts';
import { type CommitStream, type NewCommit, writeCommit, type WrittenCommit } from './fast-import.ts';
import type { GitContext } from '../process/git-environment.ts';
import type { GitAuthor } from '../options.ts';
import { readTree, type TreeFile } from './tree.ts';

export interface WrittenSnapshot extends WrittenCommit {
  readonly filesWritten: number;
  readonly bytesWritten: number;
}

/** What makes a snapshot's commit, whatever it stands on. */
export type CommitTemplate = Omit<NewCommit, 'ref' | 'parent'>;

export function commitTemplate({ info, body }: SnapshotDraft, author: GitAuthor): CommitTemplate {
  const time = Math.floor(Date.parse(info.takenAt) / 1000);
  return { message: formatCommitMessage(info, body, author), author, time, folder: info.instance };
}

/**
 * Commits a snapshot on top of `parent`, sending only the blobs that the parent's folder does not have, and removing
 * what is gone from that folder. Nothing outside of the folder changes.
 */
export async function writeSnapshot(
  context: GitContext,
  target: { readonly ref: string; readonly parent: string | null },
  draft: SnapshotDraft,
  template: CommitTemplate,
  signal?: AbortSignal,
): Promise<WrittenSnapshot> {
  const { instance } = draft.info;
  const { files: before, isFresh } = await readBefore(context, target.parent, instance, signal);
  const counts = { filesWritten: 0, bytesWritten: 0 };
  const writeChanges = async (out: CommitStream): Promise<void> => {
    // Removed first: a folder may take the place of a file.
    if (isFresh || draft.files.size === 0) await out.remove(instance);
    for (const path of before.keys()) if (!draft.files.has(path)) await out.remove(`${instance}/${path}`);
    await writeFiles(out, draft, { files: before, parent: target.parent }, counts, signal);
  };
  const written = await writeCommit(context, { ...template, ...target }, writeChanges, signal);
  return { ...written, ...counts };
}

/**
 * What the parent's folder has, which need not be sent. Where it has something that flowkeep did not write, or git has
 * lost something, nothing of it is built upon: `isFresh` says that the folder is to be written again.
 */
async function readBefore(
  context: GitContext,
  parent: string | null,
  instance: string,
  signal: AbortSignal | undefined,
): Promise<{ files: ReadonlyMap<string, TreeFile>; isFresh: boolean }> {
  if (parent === null) return { files: new Map(), isFresh: false };
  const { files, foreign } = await readTree(context, parent, instance, signal);
  const isLost = [...files.values()].some((file) => file.isLost);
  const isUnusable = isLost || foreign !== null || findHostilePath(files.keys()) !== null;
  return isUnusable ? { files: new Map(), isFresh: true } : { files, isFresh: false };
}

/** Puts the folder of a commit that was already written on top of another parent: nothing is read or sent again. */
export async function rebase(
  context: GitContext,
  target: { readonly ref: string; readonly parent: string | null },
  template: CommitTemplate,
  folderTree: string | null,
  signal?: AbortSignal,
): Promise<WrittenCommit> {
  const { folder } = template;
  return writeCommit(
    context,
    { ...template, ...target },
    (out) => (folderTree === null ? out.remove(folder) : out.existingTree(folder, folderTree)),
    signal,
  );
}

/** Whether a commit's folder holds exactly the draft's files. */
export async function hasSameFiles(
  context: GitContext,
  commit: string,
  draft: SnapshotDraft,
  signal?: AbortSignal,
): Promise<boolean> {
  const { files: stored, foreign } = await readTree(context, commit, draft.info.instance, signal);
  if (foreign !== null || stored.size !== draft.files.size) return false;
  for (const [path, file] of draft.files) {
    const there = stored.get(path);
    if (there?.size !== file.size) return false;
    if (blobId(await readDraftFile(path, file), there.oid.length) !== there.oid) return false;
  }
  return true;
}

async function writeFiles(
  out: CommitStream,
  draft: SnapshotDraft,
  before: { readonly files: ReadonlyMap<string, TreeFile>; readonly parent: string | null },
  counts: { filesWritten: number; bytesWritten: number },
  signal: AbortSignal | undefined,
): Promise<void> {
  const stored = new Set([...before.files.values()].map(({ oid }) => oid));
  for (const [path, file] of draft.files) {
    throwIfAborted(signal);
    const target = `${draft.info.instance}/${path}`;
    if (file.object !== undefined && stored.has(file.object)) {
      if (before.files.get(path)?.oid !== file.object) await out.existingBlob(target, file.object);
      continue;
    }
    const content = await readDraftFile(path, file);
    const oid = before.parent === null ? null : blobId(content, before.parent.length);
    if (oid !== null && before.files.get(path)?.oid === oid) continue;
    if (oid !== null && stored.has(oid)) {
      await out.existingBlob(target, oid);
      continue;
    }
    await out.file(target, content);
    if (oid !== null) stored.add(oid);
    counts.filesWritten += 1;
    counts.bytesWritten += content.length;
  }
  throwIfAborted(signal);
}
