import { throwIfAborted } from '../../../lib/errors.ts';
import type { Commit } from '../commit/history.ts';
import type { GitContext } from '../process/git-environment.ts';
import { GitFailure } from '../process/git-failure.ts';
import { git } from '../process/git.ts';
import { isOfContent } from '../process/refusals.ts';
import { outgoingRef, removeOutgoing } from '../repository/refs.ts';
import { PUSH_ATTEMPTS, type Remote } from '../repository/remote.ts';
import { putOnTop, snapshotsSince } from './rebase-snapshots.ts';

const REFUSED = 'refs/flowkeep/refused/';

/** A branch whose push was refused because of what is in it. */
export interface RefusedPush {
  readonly head: string;
  /** Where the remote's branch is; null: it has none. */
  readonly there: string | null;
  /** The remote's ref. */
  readonly ref: string;
}

/** What the remote took of it after all. */
export interface Taken {
  /** The remote's branch now. */
  readonly there: string;
  /** The same, with the snapshots on top that it did not take and that come after all that it took. */
  readonly head: string;
  /** Snapshots that the remote refused, and that are in neither: a ref keeps each. */
  readonly setAside: readonly { readonly id: string; readonly ref: string }[];
}

/**
 * Pushes the snapshots of a branch one by one, without those that the remote refuses, each of the others on top of what
 * it took before. One that follows a refused one says which are missing before it. A snapshot that was refused by itself
 * once is not tried by itself again: so a secret that stays for a month costs a push or two a run.
 * @returns null where it took nothing, or where there are commits by others between, which are never rewritten
 */
export async function pushWhatIsTaken(
  context: GitContext,
  remote: Remote,
  { head, there, ref }: RefusedPush,
  signal?: AbortSignal,
): Promise<Taken | null> {
  const snapshots = await snapshotsSince(context, head, there === null ? [] : [there], signal);
  if (snapshots === null) return null;
  if (snapshots.length === 1) {
    for (const commit of snapshots) await remember(context, commit);
    return null;
  }
  const known = await rememberedRefs(context, signal);
  const outgoing: string[] = [];
  const put = async (commit: Commit, parent: string | null, note?: string): Promise<string> => {
    const to = outgoingRef();
    outgoing.push(to);
    return putOnTop(context, { ref: to, commit, parent, ...(note === undefined ? {} : { note }) }, signal);
  };
  let tip = there;
  let waiting: Commit[] = [];
  const setAside: Commit[] = [];
  try {
    for (const [index, commit] of snapshots.entries()) {
      if (known.has(refOf(commit))) {
        waiting.push(commit);
        continue;
      }
      const oid = await put(commit, tip, waiting.length === 0 ? undefined : noteOf(waiting));
      const outcome = await tryOne(context, remote, { oid, ref, expected: tip }, signal);
      if (outcome === 'refused') {
        await remember(context, commit);
        waiting.push(commit);
      } else if (outcome === 'done') {
        tip = oid;
        setAside.push(...waiting);
        waiting = [];
      } else {
        // Another writer or the network: what is left waits for the next run.
        waiting.push(...snapshots.slice(index));
        break;
      }
    }
    if (tip === there || tip === null) return null;
    let onTop = tip;
    for (const commit of waiting) onTop = await put(commit, onTop);
    return { there: tip, head: onTop, setAside: setAside.map((each) => ({ id: each.info.id, ref: refOf(each) })) };
  } finally {
    // The branch leads to what is kept of these; a moment without a ref is no harm to git.
    await removeOutgoing(context, outgoing);
  }
}

/** Forgets refusals of what the remote has taken meanwhile, because somebody allowed it there. */
export async function forgetRefusals(context: GitContext, there: string): Promise<void> {
  const args = ['for-each-ref', '--format=%(refname)', `--merged=${there}`, REFUSED];
  const refs = (await git(context, args)).split('\n').filter((ref) => ref !== '');
  if (refs.length === 0) return;
  await git(context, ['update-ref', '--stdin'], { input: refs.map((ref) => `delete ${ref}\n`).join('') });
}

type Outcome = 'done' | 'refused' | 'later';

async function tryOne(
  context: GitContext,
  remote: Remote,
  push: { readonly oid: string; readonly ref: string; readonly expected: string | null },
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  try {
    return (await remote.push(context, push, PUSH_ATTEMPTS, signal)) === 'done' ? 'done' : 'later';
  } catch (error) {
    throwIfAborted(signal);
    if (!(error instanceof GitFailure)) throw error;
    return isOfContent(error) ? 'refused' : 'later';
  }
}

async function remember(context: GitContext, commit: Commit): Promise<void> {
  await git(context, ['update-ref', refOf(commit), commit.oid]);
}

async function rememberedRefs(context: GitContext, signal: AbortSignal | undefined): Promise<Set<string>> {
  const stdout = await git(context, ['for-each-ref', '--format=%(refname)', REFUSED], { signal });
  return new Set(stdout.split('\n'));
}

/** An id that others wrote may be no name for a ref. */
function refOf({ oid, info }: Commit): string {
  return `${REFUSED}${/^\w[\w-]*$/.test(info.id) ? info.id : oid}`;
}

const MAX_NAMED = 50;

/** The ids alone: a subject may hold what the remote refused. */
function noteOf(missing: readonly Commit[]): string {
  const lines = missing.slice(0, MAX_NAMED).map(({ info }) => `- ${info.id}`);
  const more = missing.length - lines.length;
  if (more > 0) lines.push(`- and ${more} more`);
  return ['Before this snapshot these are missing, because the remote refused them:', ...lines].join('\n');
}
