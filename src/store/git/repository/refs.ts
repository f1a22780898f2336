import { randomBytes } from 'node:crypto';
import { git } from '../process/git.ts';
import type { GitContext } from '../process/git-environment.ts';

/** The object that a ref names; null where there is no such ref. */
export async function resolveRef(
  context: GitContext,
  ref: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const stdout = await git(context, ['for-each-ref', '--format=%(refname) %(objectname)', ref], {
    signal,
  });
  const line = stdout.split('\n').find((each) => each.startsWith(`${ref} `));
  return line?.slice(ref.length + 1) ?? null;
}

const OUTGOING = 'refs/flowkeep/outgoing/';
const AN_HOUR_MS = 3_600_000;

/** A ref that keeps a commit until it is pushed. Its name tells when it was made (ms since 1970). */
export function outgoingRef(): string {
  return `${OUTGOING}${Date.now()}-${randomBytes(6).toString('hex')}`;
}

/** Removes the outgoing refs that these are and those that a run left which was killed. */
export async function removeOutgoing(context: GitContext, refs: Iterable<string>): Promise<void> {
  const stdout = await git(context, ['for-each-ref', '--format=%(refname)', OUTGOING]);
  const old = Date.now() - AN_HOUR_MS;
  const mine = new Set(refs);
  const gone = stdout
    .split('\n')
    .filter((ref) => ref.startsWith(OUTGOING))
    .filter((ref) => mine.has(ref) || Number.parseInt(ref.slice(OUTGOING.length), 10) < old);
  if (gone.length === 0) return;
  await git(context, ['update-ref', '--stdin'], { input: gone.map((ref) => `delete ${ref}\n`).join('') });
}
