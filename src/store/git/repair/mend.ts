// Mending a damaged repository: what can be had again is put back, what cannot is set aside, and the branch is
// put where it is whole. Nothing is deleted but what git makes again by itself.

import { messageOf, throwIfAborted } from '../../../lib/errors.ts';
import type { DraftFile } from '../../store.ts';
import { git } from '../process/git.ts';
import type { GitContext } from '../process/git-environment.ts';
import { GitFailure } from '../process/git-failure.ts';
import { existing } from './commits.ts';
import { setDamagedAside } from './loose-objects.ts';
import { objectsIn, readMarks, writeMarks } from './marks.ts';
import { mendBranch } from './mend-branch.ts';
import { mendDocuments } from './mend-documents.ts';
import { mendIndex } from './mend-index.ts';
import { mendLogs, mendNotes } from './mend-logs.ts';
import { mendPacks } from './packs.ts';
import { commonDirOf } from './places.ts';
import { fromFiles, fromWorkTree, type Search } from './sources.ts';

export interface MendOptions {
  readonly context: GitContext;
  /** The branch with the snapshots. */
  readonly ref: string;
  /** What n8n has now, where that is known. */
  readonly files: ReadonlyMap<string, DraftFile>;
  /** Gets all that the remote has into the repository, where there is a remote. */
  readonly fetchAll: ((signal?: AbortSignal) => Promise<void>) | null;
  /** For the names of refs that keep what the branch leaves behind. */
  readonly now: string;
  readonly signal?: AbortSignal | undefined;
}

export interface Mended {
  /** What was done, in sentences. */
  readonly done: readonly string[];
  /** Objects that were damaged or missing and are whole now. */
  readonly healed: readonly string[];
}

/** Mends a repository whose small files git can read (mend-files.ts). */
export async function mend(options: MendOptions): Promise<Mended> {
  const { context, ref, files, fetchAll, now, signal } = options;
  const marked = await readMarks(context);
  const aside = await setDamagedAside(commonDirOf(context));
  const done = aside.length > 0 ? [`${aside.length} damaged objects were set aside`] : [];
  done.push(...(await mendPacks(context, signal)), ...(await mendIndex(context, signal)));
  const lost = new Set([...marked, ...aside]);
  const missing = async (): Promise<Set<string>> => {
    for (const oid of await missingFrom(context, ref, signal)) lost.add(oid);
    const there = await existing(context, lost, signal);
    return new Set([...lost].filter((oid) => !there.has(oid)));
  };
  const sources: ((search: Search) => Promise<unknown>)[] = [
    (search) => fromFiles(search, files),
    (search) => fromWorkTree(search),
    async () =>
      fetchAll?.(signal).catch((error: unknown) => {
        throwIfAborted(signal);
        done.push(`the remote could not be asked for what is lost: ${messageOf(error).slice(0, 300)}`);
      }),
  ];
  for (const source of sources) {
    const wanted = await missing();
    if (wanted.size > 0) await source({ context, wanted, signal });
  }
  done.push(
    ...(await mendBranch(context, { ref, now, mayLeave: files.size > 0 }, signal)),
    ...(await mendDocuments(context, signal)),
  );
  await mendNotes(context, signal);
  if (done.length > 0) await mendLogs(context, signal);
  const left = await missing();
  const healed = [...lost].filter((oid) => !left.has(oid));
  if (healed.length > 0) done.push(`${healed.length} objects are whole again`);
  // What nothing leads to any more is no loss.
  const needed = new Set(await missingFrom(context, ref, signal));
  await writeMarks(
    context,
    [...left].filter((oid) => needed.has(oid)),
  );
  return { done, healed };
}

/** Objects that the branch needs and the repository does not have. */
async function missingFrom(context: GitContext, ref: string, signal: AbortSignal | undefined): Promise<string[]> {
  const args = ['rev-list', '--objects', '--missing=print', '--ignore-missing', ref, '--'];
  try {
    const stdout = await git(context, args, { signal });
    return stdout.split('\n').flatMap((line) => /^\?([0-9a-f]+)$/.exec(line)?.[1] ?? []);
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    // git ends at a commit that is missing, and names it.
    const named = objectsIn(error.stderr);
    const there = await existing(context, named, signal);
    return [...named].filter((oid) => !there.has(oid));
  }
}
