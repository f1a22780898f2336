import { git } from '../process/git.ts';
import type { GitContext } from '../process/git-environment.ts';
import { CONTENT, documentRef } from '../documents/document-ref.ts';
import { allCommits, existing, type KnownCommit, tipsOf } from './commits.ts';

const DOCUMENTS = 'refs/flowkeep/documents/';

/**
 * Puts the refs of documents back to their newest version that can be read, where they are lost or damaged. A lock that
 * cannot be had again is made again by the next run that needs it.
 * @returns sentences
 */
export async function mendDocuments(context: GitContext, signal?: AbortSignal): Promise<string[]> {
  const commits = await allCommits(context, signal);
  const all = [...commits.values()].filter(({ message }) => nameIn(message) !== null);
  const readable = new Set<string>();
  const versions = new Map<string, typeof all>();
  for (const version of all) {
    if (!(await isReadable(context, version, signal))) continue;
    readable.add(version.oid);
    const ref = documentRef(nameIn(version.message) ?? '');
    versions.set(ref, [...(versions.get(ref) ?? []), version]);
  }
  const listed = await git(context, ['for-each-ref', '--format=%(refname) %(objectname)', DOCUMENTS], { signal });
  const refs = new Map(listed.split('\n').flatMap((line) => [line.split(' ', 2) as [string, string]]));
  refs.delete('');
  const done: string[] = [];
  for (const ref of new Set([...refs.keys(), ...versions.keys()])) {
    const now = refs.get(ref);
    if (now !== undefined && readable.has(now)) continue;
    const [newest] = tipsOf(versions.get(ref) ?? []);
    if (now !== undefined) await git(context, ['update-ref', '-d', ref], { signal });
    if (newest) await git(context, ['update-ref', ref, newest.oid], { signal });
    done.push(`${ref} was damaged: ${newest ? `it is at commit ${newest.oid} now` : 'nothing of it is left'}`);
  }
  return done;
}

/** Whether there is what a version says to hold. */
async function isReadable(
  context: GitContext,
  { oid, tree, message }: KnownCommit,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const needed = message.startsWith('Remove') ? tree : `${oid}:${CONTENT}`;
  return (await existing(context, [needed], signal)).size > 0;
}

/** The name of the document that a commit is a version of. */
function nameIn(message: string): string | null {
  const quoted = /^(?:Write|Remove) (".*")\n\nFlowkeep-Write: /.exec(message)?.[1];
  return quoted === undefined ? null : (JSON.parse(quoted) as string);
}
