import { existsSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../process/git.ts';
import type { GitContext } from '../process/git-environment.ts';
import { resolveRef } from '../repository/refs.ts';
import { allCommits, existing, isSnapshot, type KnownCommit, reachable, tipsOf } from './commits.ts';
import { logOf, trackingRef } from './lost-branch.ts';
import { commonDirOf, setAside } from './places.ts';

export interface BranchToMend {
  readonly ref: string;
  readonly now: string;
  /** Whether the branch may leave a commit, or what is before it, that cannot be had again: n8n was asked for it. */
  readonly mayLeave: boolean;
}

/**
 * Puts the branch at the newest commit that can be built upon, where it is not at one; and ends its history where a
 * commit of it is lost, so that git can walk through what is left. What the branch leaves behind is kept by refs below
 * `refs/flowkeep/damaged/`.
 * @returns sentences
 */
export async function mendBranch(
  context: GitContext,
  { ref, now, mayLeave }: BranchToMend,
  signal?: AbortSignal,
): Promise<string[]> {
  const commits = await allCommits(context, signal);
  const sound = await soundCommits(context, commits, signal);
  const tip = await resolveRef(context, ref, signal);
  if (tip !== null && !mayLeave) return [];
  const head = tip !== null && sound.has(tip) ? tip : await newestSound(context, ref, tip, { commits, sound });
  const done: string[] = [];
  if (head !== tip) {
    await git(context, ['update-ref', '-d', ref], { signal });
    if (head === null) await forget(context, ref, signal);
    else await git(context, ['update-ref', '-m', 'flowkeep: mended', ref, head], { signal });
    const where = head === null ? 'begins again, without a snapshot' : `is at commit ${head} now`;
    done.push(`${ref} was ${tip === null ? 'lost' : `at commit ${tip}, which is damaged`}: it ${where}`);
  }
  if (head !== null) done.push(...(await endHistory(context, head, commits)));
  if (done.length === 0) return [];
  const kept = await keepSnapshots(context, head, { commits, now }, signal);
  return kept > 0 ? [...done, `what it leaves behind is kept below refs/flowkeep/damaged/${now}`] : done;
}

/** Removes what tells of the branch, so that it does not count as lost once more. */
async function forget(context: GitContext, ref: string, signal: AbortSignal | undefined): Promise<void> {
  const commonDir = commonDirOf(context);
  const log = join(commonDir, 'logs', ref);
  if (existsSync(log)) await setAside(commonDir, log, `log-${ref.replaceAll('/', '-')}`);
  await git(context, ['update-ref', '-d', trackingRef(ref)], { signal });
}

interface Commits {
  readonly commits: ReadonlyMap<string, KnownCommit>;
  readonly sound: ReadonlySet<string>;
}

/** Commits with their uppermost folder: without it nothing can be committed on top of them. */
async function soundCommits(
  context: GitContext,
  commits: ReadonlyMap<string, KnownCommit>,
  signal: AbortSignal | undefined,
): Promise<Set<string>> {
  const trees = await existing(context, new Set([...commits.values()].map(({ tree }) => tree)), signal);
  return new Set([...commits.values()].filter(({ tree }) => trees.has(tree)).map(({ oid }) => oid));
}

/** Where the branch was before, by its own commits, its log, its remote, and at last by the snapshots that there are. */
async function newestSound(
  context: GitContext,
  ref: string,
  tip: string | null,
  { commits, sound }: Commits,
): Promise<string | null> {
  const before = tip === null ? [] : ancestors(commits, tip);
  const remote = await resolveRef(context, trackingRef(ref));
  const snapshots = [...commits.values()].filter(isSnapshot).sort((a, b) => b.time - a.time);
  const candidates = [...before, ...(await logOf(context, ref)), remote, ...snapshots.map(({ oid }) => oid)];
  return candidates.find((oid) => oid !== null && sound.has(oid)) ?? null;
}

function ancestors(commits: ReadonlyMap<string, KnownCommit>, tip: string): string[] {
  const line: string[] = [];
  for (let oid: string | undefined = tip; oid !== undefined; oid = commits.get(oid)?.parents[0]) line.push(oid);
  return line;
}

/** Tells git that the history ends at the commits whose parents are lost, as in a clone with a limited depth. */
async function endHistory(
  context: GitContext,
  head: string,
  commits: ReadonlyMap<string, KnownCommit>,
): Promise<string[]> {
  const shallow = await shallowOf(context);
  const { cutAt } = reachable(commits, [head], shallow);
  if (cutAt.size === 0) return [];
  await appendFile(join(commonDirOf(context), 'shallow'), [...cutAt].map((oid) => `${oid}\n`).join(''));
  return [`a commit before ${[...cutAt].join(', ')} is lost: the history ends there now`];
}

/** Keeps snapshots that the branch does not lead to. @returns how many refs were made */
async function keepSnapshots(
  context: GitContext,
  head: string | null,
  { commits, now }: { readonly commits: ReadonlyMap<string, KnownCommit>; readonly now: string },
  signal: AbortSignal | undefined,
): Promise<number> {
  const shallow = await shallowOf(context);
  const refs = await git(context, ['for-each-ref', '--format=%(objectname)'], { signal });
  const kept = reachable(commits, [...refs.split('\n'), ...(head === null ? [] : [head])], shallow).found;
  const left = [...commits.values()].filter((commit) => isSnapshot(commit) && !kept.has(commit.oid));
  const tips = tipsOf(left);
  for (const [index, { oid }] of tips.entries())
    await git(context, ['update-ref', `refs/flowkeep/damaged/${now}-${index}`, oid], { signal });
  return tips.length;
}

async function shallowOf(context: GitContext): Promise<Set<string>> {
  const text = await readFile(join(commonDirOf(context), 'shallow'), 'utf8').catch(() => '');
  return new Set(text.split('\n').filter((line) => line !== ''));
}
