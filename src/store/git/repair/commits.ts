import { TRAILER } from '../commit/commit-message.ts';
import { catFile } from '../commit/blobs.ts';
import { git } from '../process/git.ts';
import type { GitContext } from '../process/git-environment.ts';

/** What mending needs to know of a commit. */
export interface KnownCommit {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
  /** Seconds since 1970. */
  readonly time: number;
  readonly message: string;
}

/** All commits that the repository can read, whether or not a ref leads to them. Damaged objects are set aside before. */
export async function allCommits(context: GitContext, signal?: AbortSignal): Promise<Map<string, KnownCommit>> {
  const args = ['cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)'];
  const stdout = await git(context, args, { signal });
  const oids = stdout.split('\n').flatMap((line) => /^(\w+) commit$/.exec(line)?.[1] ?? []);
  const commits = new Map<string, KnownCommit>();
  for await (const answer of catFile(context, oids, signal))
    if (answer) commits.set(answer.oid, parse(answer.oid, answer.content.toString()));
  return commits;
}

function parse(oid: string, text: string): KnownCommit {
  const end = text.indexOf('\n\n');
  const head = text.slice(0, end);
  return {
    oid,
    tree: /^tree (\w+)$/m.exec(head)?.[1] ?? '',
    parents: [...head.matchAll(/^parent (\w+)$/gm)].map((match) => match[1] ?? ''),
    time: Number(/^committer .* (\d+) [+-]\d+$/m.exec(head)?.[1] ?? 0),
    message: text.slice(end + 2),
  };
}

/** Of these objects, those that the repository has. */
export async function existing(
  context: GitContext,
  oids: Iterable<string>,
  signal?: AbortSignal,
): Promise<Set<string>> {
  const asked = [...oids];
  if (asked.length === 0) return new Set();
  const input = asked.map((oid) => `${oid}\n`).join('');
  const stdout = await git(context, ['cat-file', '--batch-check=%(objectname)'], { input, signal });
  return new Set(stdout.split('\n').filter((line) => line !== '' && !line.endsWith(' missing')));
}

/** The commits that a commit leads to, as far as they can be read, and those that are missing on the way. */
export function reachable(
  commits: ReadonlyMap<string, KnownCommit>,
  from: Iterable<string>,
  ends: ReadonlySet<string> = new Set(),
): { readonly found: Set<string>; readonly missing: Set<string>; readonly cutAt: Set<string> } {
  const found = new Set<string>();
  const missing = new Set<string>();
  const cutAt = new Set<string>();
  const left = [...from];
  for (let oid = left.pop(); oid !== undefined; oid = left.pop()) {
    if (found.has(oid)) continue;
    const commit = commits.get(oid);
    if (!commit) {
      missing.add(oid);
      continue;
    }
    found.add(oid);
    if (ends.has(oid)) continue;
    if (commit.parents.some((parent) => !commits.has(parent))) cutAt.add(oid);
    left.push(...commit.parents);
  }
  return { found, missing, cutAt };
}

/** Of these commits, those that none of them has for a parent; the newest first. */
export function tipsOf(commits: readonly KnownCommit[]): KnownCommit[] {
  const parents = new Set(commits.flatMap((commit) => commit.parents));
  return commits.filter(({ oid }) => !parents.has(oid)).sort((a, b) => b.time - a.time);
}

export function isSnapshot({ message }: KnownCommit): boolean {
  return message.includes(`\n${TRAILER.snapshot}: `);
}
