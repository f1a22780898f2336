import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../process/git.ts';
import type { GitContext } from '../process/git-environment.ts';
import type { RefPair } from './refs.ts';
import type { FetchFilter, Remote } from './remote.ts';
import { removeShallowToo } from './view.ts';

/** Enough to find an instance's newest snapshot in a repository that many instances share. */
const FIRST_STEP = 200;

/**
 * Gets older commits of a shortened history.
 * @returns false where all of it is here
 */
export async function deepenHistory(
  remote: Remote,
  context: GitContext,
  refs: RefPair,
  options: { readonly all: boolean; readonly filter: FetchFilter | null },
  signal?: AbortSignal,
): Promise<boolean> {
  const ends = await shortenedAt(context, refs.local, signal);
  if (ends.length === 0) return false;
  const commits = options.all ? 0 : await countCommits(context, refs.local, signal);
  const count = options.all || commits > FIRST_STEP ? 'all' : FIRST_STEP;
  await remote.deepen(context, refs, count, options.filter, signal);
  if (context.view) await removeShallowToo(context.view);
  // A server that gives no more than before must not be asked for ever.
  const now = await shortenedAt(context, refs.local, signal);
  return now.join() !== ends.join();
}

/** The commits at which this ref's history was cut off. Other refs (documents) may be cut off as well. */
async function shortenedAt(context: GitContext, ref: string, signal: AbortSignal | undefined): Promise<string[]> {
  const shallow = await readFile(join(context.view?.commonDir ?? context.gitDir, 'shallow'), 'utf8').catch(() => '');
  if (shallow === '') return [];
  const stdout = await git(context, ['rev-list', '--max-parents=0', ref, '--'], { signal });
  const cut = new Set(shallow.split('\n'));
  return stdout.split('\n').filter((oid) => oid !== '' && cut.has(oid));
}

async function countCommits(context: GitContext, ref: string, signal: AbortSignal | undefined): Promise<number> {
  const stdout = await git(context, ['rev-list', '--count', ref, '--'], { signal });
  return Number(stdout);
}
