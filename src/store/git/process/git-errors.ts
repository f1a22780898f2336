import { errnoOf, FlowkeepError } from '../../../lib/errors.ts';
import { redact } from '../../../lib/secrets/redact.ts';
import { StoreError, type StoreErrorCode } from '../../errors.ts';
import { GitFailure } from './git-failure.ts';
import { meaningOf, MEANINGS } from './git-meanings.ts';
import { isRefusal, remoteLines } from './refusals.ts';

/** Where a store is, for its messages. */
export interface GitPlace {
  readonly store: string;
  /** Path or URL, without a secret. */
  readonly location: string;
}

/** A failure in words for people. */
export interface Explanation {
  readonly reason: StoreErrorCode;
  /** What it means, and what git and the remote said; several lines where a remote refused a push. */
  readonly message: string;
  readonly remedy: string;
}

/** Turns what git said into what a user reads; an error that is one already is given back as it is. */
export function toStoreError(error: unknown, place: GitPlace): FlowkeepError | Error {
  if (error instanceof FlowkeepError) return error;
  if (!(error instanceof GitFailure)) return ofSystem(error, place);
  const { reason, message, remedy } = explain(error);
  return new StoreError(reason, `store ${place.store} (${place.location}): ${message}`, { remedy });
}

export function explain(failure: GitFailure): Explanation {
  const meaning = meaningOf(failure);
  const said = isRefusal(failure) ? refusalOf(failure.stderr) : excerpt(failure.stderr);
  return {
    reason: meaning?.reason ?? (isRefusal(failure) ? 'denied' : 'failed'),
    message: `${meaning?.message ?? `git ${failure.command} failed`}${said}`,
    remedy: [meaning?.remedy ?? FALLBACK, ...adviceOn(failure.unread)].join(' '),
  };
}

const FALLBACK = 'Run with `--log-level debug` for the git commands, and check the repository.';

/** What to set instead of settings that flowkeep does not read, since a stranger may have written them. */
function adviceOn(unread: readonly string[]): string[] {
  if (unread.length === 0) return [];
  const names = unread.slice(0, 3).map((name) => printable(name).slice(0, 100));
  return [
    `The repository's own configuration sets ${names.join(', ')}, which flowkeep does not read. Use the environment ` +
      '(HTTPS_PROXY, GIT_SSL_CAINFO, GIT_SSL_CERT and GIT_SSL_KEY), or `remote`, `auth` and `ssh` of the store.',
  ];
}

const SYSTEM_FAILED = {
  reason: 'failed',
  message: 'the folder cannot be used',
  remedy: 'Check `path` of the store, and the disk: it must be a folder in which files can be made and read.',
} as const;

/** Errors of the file system, from reading and making folders ourselves. Others are ours or the caller's own. */
function ofSystem(error: unknown, place: GitPlace): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const code = errnoOf(error);
  if (code === null) return error;
  const { reason, message, remedy } = MEANINGS.find(({ says }) => says.test(code)) ?? SYSTEM_FAILED;
  return new StoreError(reason, `store ${place.store} (${place.location}): ${message}: ${error.message}`, {
    remedy,
    cause: error,
  });
}

/** The lines that tell most, without hints. A server may repeat the token: it is hidden before a line is cut short. */
function excerpt(stderr: string): string {
  const lines = redact(stderr)
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '' && !/^(hint:|@@@)/.test(line));
  const telling = lines.filter((line) => /fatal|error|denied|refused|remote:|timed out|warning/i.test(line));
  const chosen = (telling.length > 0 ? telling : lines).slice(0, 3).join('; ').slice(0, 500);
  return chosen === '' ? '' : `: ${printable(chosen)}`;
}

/** Everything that the remote says of a refusal, a line each: it names the file, the rule, and where to go on. */
function refusalOf(stderr: string): string {
  const lines = remoteLines(redact(stderr));
  if (lines.length === 0) return excerpt(stderr);
  return `. The remote said:\n${lines.map((line) => `  ${printable(line)}`).join('\n')}`;
}

/** Words of others may hold terminal escape codes. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}
