import { FlowkeepError } from '../../../lib/errors.ts';
import { isStoreError, StoreError } from '../../errors.ts';
import { explain } from '../process/git-errors.ts';
import { GitFailure } from '../process/git-failure.ts';
import { meaningOf } from '../process/git-meanings.ts';

/** The two ends of a push. */
export interface Ends {
  readonly path: string;
  /** The remote, without a secret. */
  readonly display: string;
}

const ASK_THE_REMOTE = ['fetch', 'ls-remote'];

/**
 * Whether an error is about the remote and not about the local repository: then what is saved here is safe, and only
 * the push is left to do. A wrong token or URL is no different from a remote that is down.
 */
export function isOfRemote(error: unknown): boolean {
  if (error instanceof StoreError) return error.reason !== 'integrity';
  if (!(error instanceof GitFailure)) return false;
  if (error.command === 'push') return true;
  // A fetch writes here: a full disk or a damaged repository is this one's.
  const isOurs = ['full', 'integrity'].includes(meaningOf(error)?.reason ?? '');
  return ASK_THE_REMOTE.includes(error.command) && !isOurs;
}

/** Whether the remote did answer, and only people can tell how what it has and what is here belong together. */
export function isAboutHistory(cause: unknown): boolean {
  return isStoreError(cause, 'conflict') || isStoreError(cause, 'not-found');
}

/** What is told where something is saved here and could not be pushed. */
export function owedPush(cause: unknown, { path, display }: Ends): StoreError {
  const { reason, message, remedy } = explainCause(cause);
  return new StoreError(reason, `saved in ${path}; the push to ${display} is owed: ${message}`, {
    remedy: `${remedy} The next run pushes it.`,
    cause,
  });
}

/** What is told where nothing waits to be pushed, as far as it is known. */
export function notAsked(cause: unknown, { path, display }: Ends, isEmpty: boolean): StoreError {
  const { reason, message, remedy } = explainCause(cause);
  const here = isEmpty ? `${path} has nothing` : `what ${path} has is used`;
  return new StoreError(reason, `${display} could not be asked, and ${here}: ${message}`, {
    remedy,
    cause,
  });
}

function explainCause(cause: unknown): Pick<StoreError, 'reason' | 'message'> & { readonly remedy: string } {
  if (cause instanceof GitFailure) return explain(cause);
  if (cause instanceof StoreError)
    return { reason: cause.reason, message: cause.message, remedy: cause.remedy ?? CHECK };
  return { reason: 'failed', message: cause instanceof FlowkeepError ? cause.message : String(cause), remedy: CHECK };
}

const CHECK = 'Run `flowkeep check`.';

/** Both have commits by others: nobody but their authors knows how they belong together. */
export function diverged({ path, display }: Ends): StoreError {
  return new StoreError(
    'conflict',
    `the branch in ${path} and the one at ${display} both have commits by others that the other lacks`,
    {
      remedy: `Nothing is lost. Bring them together: \`git -C ${path} pull --rebase ${display}\`, then run again.`,
    },
  );
}

/** The remote's branch was rewritten, and the local one has commits by others that never were there. */
export function rewrittenUnder({ path, display }: Ends, seen: string, branch: string): StoreError {
  return new StoreError(
    'conflict',
    `branch ${branch} at ${display} was rewritten, and the one in ${path} has commits by others on top of what is ` +
      'gone from there, which is not pushed again',
    {
      remedy:
        'Nothing is lost. Move those commits to what is there now: ' +
        `\`git -C ${path} fetch ${display} ${branch} && git -C ${path} rebase -X theirs --onto FETCH_HEAD ${seen} ${branch}\`, ` +
        'then run again.',
    },
  );
}

/** The remote has no branch any more: a server that was set up again, a mistake, or somebody who means it. */
export function branchGone({ path, display }: Ends, seen: string, branch: string): StoreError {
  return new StoreError(
    'not-found',
    `branch ${branch} is gone from ${display}, where it was at ${seen.slice(0, 12)} when it was last seen. What was ` +
      `seen there is not pushed again by itself; ${path} has all of it`,
    {
      remedy:
        `If it is to be there, push it once: \`git -C ${path} push ${display} ${branch}\`. If it was removed on ` +
        `purpose, begin again without it: \`git -C ${path} branch -m ${branch} former-${branch}\`, and in a folder with files ` +
        `\`git -C ${path} switch --orphan ${branch}\`.`,
    },
  );
}

/** What is told where the remote's history was rewritten. */
export function tellRewritten(
  { path, display }: Ends,
  found: { readonly branch: string; readonly kept: string; readonly gone: number; readonly own: number },
): string {
  const { branch, kept, gone, own } = found;
  return (
    `branch ${branch} at ${display} was rewritten: ${gone} commits that were there are gone from it, and are not ` +
    `pushed again; ${own} snapshots that were never there are put on top of what it has now. ${path} keeps its branch ` +
    `of before as ${kept}. To delete it with all that is in it: \`git -C ${path} update-ref -d ${kept} && ` +
    `git -C ${path} reflog expire --expire=now --all && git -C ${path} gc --prune=now\``
  );
}

/** What is told of a snapshot that the remote refused, where it took one after it. */
export function tellSetAside({ id, ref }: { readonly id: string; readonly ref: string }, ends: Ends): string {
  const { path, display } = ends;
  return (
    `${display} refused snapshot ${id}: later ones are there without it, and it is listed no more. ${path} keeps it as ` +
    `${ref}: \`git -C ${path} show ${ref}\` shows it, \`git -C ${path} update-ref -d ${ref}\` deletes it`
  );
}
