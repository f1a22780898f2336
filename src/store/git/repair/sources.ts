import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blobId } from '../../blob-id.ts';
import { readDraftFile } from '../../draft-file.ts';
import type { DraftFile } from '../../store.ts';
import { git } from '../process/git.ts';
import type { GitContext } from '../process/git-environment.ts';
import { GitFailure } from '../process/git-failure.ts';
import { writeLoose } from './loose-objects.ts';
import { commonDirOf } from './places.ts';

/** Objects that are missing, each with what it is, and the work of putting those back that are found. */
export interface Search {
  readonly context: GitContext;
  readonly wanted: ReadonlySet<string>;
  readonly signal: AbortSignal | undefined;
}

/** Puts back what is among the files that n8n has now. */
export async function fromFiles(search: Search, files: ReadonlyMap<string, DraftFile>): Promise<void> {
  for (const [path, file] of files) await putBlob(search, await readDraftFile(path, file));
}

/** Puts back what is in the work tree as it was saved, and the folders that the index lists. */
export async function fromWorkTree(search: Search): Promise<void> {
  const { context, wanted, signal } = search;
  const { workTree } = context;
  if (workTree === null) return;
  try {
    const listed = await git(context, ['ls-files', '--stage', '-z'], { signal });
    for (const [, oid = '', path = ''] of listed.matchAll(/(?:^|\0)\d{6} ([0-9a-f]+) 0\t([^\0]+)/g)) {
      const content = wanted.has(oid) ? await readFile(join(workTree, path)).catch(() => null) : null;
      if (content) await putBlob(search, content);
    }
    await git(context, ['write-tree', '--missing-ok'], { signal });
  } catch (error) {
    // An index that is damaged as well tells nothing.
    if (!(error instanceof GitFailure)) throw error;
  }
}

async function putBlob({ context, wanted }: Search, content: Uint8Array): Promise<void> {
  const [digits = 40] = [...wanted].map((oid) => oid.length);
  const oid = blobId(content, digits);
  if (wanted.has(oid)) await writeLoose(commonDirOf(context), 'blob', content, oid);
}
