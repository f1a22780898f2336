import type { SnapshotInfo } from '../../store.ts';
import { parseCommit, TRAILER } from './commit-message.ts';
import { gitSays } from '../process/git-failure.ts';
import { refuseLostBranch } from '../repair/lost-branch.ts';
import { runGitGroup } from '../process/git-process.ts';
import type { GitContext } from '../process/git-environment.ts';

/** A snapshot and the commit that holds it. */
export interface Commit {
  readonly oid: string;
  readonly info: SnapshotInfo;
}

export interface HistoryQuery {
  readonly instance?: string | undefined;
  readonly id?: string;
  /** The largest number of commits. */
  readonly limit?: number;
  /** Commits from this time on (ISO 8601): git stops walking at the first older one. */
  readonly since?: string;
  /** Leave out what these commits lead to. */
  readonly not?: readonly string[];
}

/**
 * The snapshots that a ref leads to, the last commit first, read with one `git log`. A ref that does not exist has none.
 * @throws GitFailure
 */
export async function readHistory(
  context: GitContext,
  ref: string,
  query: HistoryQuery,
  signal?: AbortSignal,
): Promise<Commit[]> {
  const args = ['log', '-z', `--format=${FORMAT}`, ...filters(query)];
  args.push('--end-of-options', ref, ...(query.not ?? []).map((oid) => `^${oid}`), '--');
  try {
    const { stdout } = await runGitGroup(context, args, { signal });
    return parseLog(stdout).filter(({ info }) => matchesQuery(info, query));
  } catch (error) {
    if (!gitSays(error, /bad revision/)) throw error;
    await refuseLostBranch(context, ref, signal);
    return [];
  }
}

/** `-z` ends each record with a NUL as well, so that four fields are four NULs. */
const FORMAT = ['%H', '%ct', '%s', '%(trailers:only,unfold)'].join('%x00');
const FIELDS = 4;

function filters({ instance, id, limit, since }: HistoryQuery): string[] {
  const lines = [
    ...(instance === undefined ? [] : [`${TRAILER.instance}: ${instance}`]),
    id === undefined ? `${TRAILER.snapshot}: ` : `${TRAILER.snapshot}: ${id}`,
  ];
  return [
    '--all-match',
    // No commit before its children, whatever their times; times count only between lines that somebody merged.
    ...(id === undefined ? ['--date-order'] : []),
    ...lines.map((line) => `--grep=^${escapeBasicRegex(line)}${line.endsWith(' ') ? '' : '$'}`),
    ...(limit === undefined ? [] : [`--max-count=${limit}`]),
    ...(since === undefined ? [] : [`--since=${since}`]),
  ];
}

/** Escapes what is special in POSIX basic regular expressions. */
function escapeBasicRegex(text: string): string {
  return text.replace(/[\\.*[\]^$]/g, '\\$&');
}

function parseLog(text: string): Commit[] {
  const fields = text.split('\0');
  const commits: Commit[] = [];
  for (let at = 0; at + FIELDS <= fields.length; at += FIELDS) {
    const [oid = '', committed = '', subject = '', trailers = ''] = fields.slice(at, at + FIELDS);
    const info = parseCommit(subject, trailers, Number(committed));
    if (info) commits.push({ oid, info });
  }
  return commits;
}

/** git's filter looks at the whole message: only what the trailers say counts. */
function matchesQuery(info: SnapshotInfo, { instance, id }: HistoryQuery): boolean {
  return (instance === undefined || info.instance === instance) && (id === undefined || info.id === id);
}

/**
 * Each snapshot once, in the order of the history, the last one first: what came after what is told by parents, never
 * by a clock. Two writers may commit in another order than they took their snapshots: then the order of the commits
 * counts, since each backup compares with the last one that it finds. A snapshot that was committed again (picked by
 * hand, or after a lost answer) has the place of its first commit, whose folder is the one that was saved.
 */
export function lastFirst(commits: readonly Commit[]): Commit[] {
  const first = new Map<string, Commit>();
  for (const commit of commits.toReversed()) {
    const key = `${commit.info.instance}/${commit.info.id}`;
    if (!first.has(key)) first.set(key, commit);
  }
  return [...first.values()].reverse();
}
