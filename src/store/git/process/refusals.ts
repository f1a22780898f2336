import { anyOf } from './any-of.ts';
import type { GitFailure } from './git-failure.ts';

/** More lines than this are counted, not shown. */
const MAX_LINES = 40;
const MAX_LINE = 400;

/** A ref that was moved by somebody else, before or while we pushed. A hook's refusal is none of these. */
export const LOST_RACE = anyOf(
  /\[rejected\]/,
  /\[remote rejected\].*\((failed to update ref|cannot lock ref|incorrect old value)/,
  /\[remote rejected\].*\((reference already exists|fetch first|non-fast-forward|atomic)/,
);

/** The server took the push and then would not have it, or would not take that much. */
const REFUSED = anyOf(/\[remote rejected\]/, /HTTP 413|returned error: 413/, /pack exceeds maximum allowed size/);

/** Who may push where, or that the server is in trouble: whatever is in the commits, the answer would be the same. */
const NOT_THE_CONTENT = anyOf(
  /protected branch|protected ref|GH006|not allowed to (push|update|create|force)|TF402455|pull request/i,
  /permission|not permitted|read-only|archived|access denied|not authori[sz]ed|maintenance/i,
  /No space left|quota exceeded|temporarily|try again|internal (server )?error/i,
);

/** Whether the remote was asked, and refused what was pushed: not the network, and not a writer that was faster. */
export function isRefusal(failure: GitFailure): boolean {
  return failure.command === 'push' && failure.says(REFUSED) && !failure.says(LOST_RACE);
}

/** Whether a refusal may be because of what is in a commit: then other commits may get in. */
export function isOfContent(failure: GitFailure): boolean {
  return isRefusal(failure) && !failure.says(NOT_THE_CONTENT);
}

/** What the remote itself said (`remote: ` lines), without rulers and empty lines; such a server says file and link. */
export function remoteLines(stderr: string): string[] {
  const lines = stderr
    .split(/[\r\n]+/)
    .flatMap((line) => /^remote: ?(.*)$/.exec(line)?.[1]?.trimEnd() ?? [])
    .filter((line) => /[\p{L}\p{N}]/u.test(line) && !/^Resolving deltas:/.test(line))
    .map((line) => (line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line));
  const more = lines.length - MAX_LINES;
  return more > 0 ? [...lines.slice(0, MAX_LINES), `(and ${more} more lines)`] : lines;
}
