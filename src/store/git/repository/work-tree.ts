import { git } from '../process/git.ts';
import type { GitContext } from '../process/git-environment.ts';
import { GitFailure } from '../process/git-failure.ts';
import { runGitGroup } from '../process/git-process.ts';
import { refuseUnusableTrees, UnusableTree } from './usable-tree.ts';
import { readNote, removeNote, writeNote } from './work-tree-note.ts';

/**
 * Brings index and work tree from one commit to another after the branch moved. Files that somebody changed are never
 * overwritten: git then leaves everything as it was, and the warning says what to do. Foreign files, staged or not,
 * stay.
 *
 * A note in the git directory remembers the commit that the work tree is at for as long as it may be behind: when it
 * could not follow, and when the process dies between moving the branch and arriving here.
 * @returns warnings
 */
export async function bringWorkTreeAlong(context: GitContext, from: string | null, to: string): Promise<string[]> {
  const expected = from ?? emptyTree(to.length);
  let start = expected;
  try {
    await refuseUnusableTrees(context, expected, to);
    start = await startingPoint(context, expected);
    if (start !== expected) await refuseUnusableTrees(context, start);
    await readTreeTwoWay(context, start, to);
    await removeNote(context);
    return [];
  } catch (error) {
    if (error instanceof UnusableTree) {
      await noteBehind(context);
      return [explainUnusable(context, error)];
    }
    if (!(error instanceof GitFailure)) throw error;
    // One that was killed may have left its lock: the note goes on to say whose that is.
    if (error.exitCode !== null) await noteBehind(context);
    return [await explain(context, start, error)];
  }
}

/** Called before the branch moves: see above. Where the work tree is behind already, it stays at that commit. */
export async function noteWorkTree(context: GitContext, from: string | null): Promise<void> {
  const note = await readNote(context);
  await writeNote(context, { at: note ? note.at : from, moving: true });
}

async function noteBehind(context: GitContext): Promise<void> {
  const note = await readNote(context);
  if (note) await writeNote(context, { ...note, moving: false });
}

/** The commit that index and work tree are at: the noted one, unless somebody brought them up to date meanwhile. */
async function startingPoint(context: GitContext, expected: string): Promise<string> {
  const note = await readNote(context);
  const noted = note?.at ?? (note ? emptyTree(expected.length) : expected);
  if (noted === expected) return expected;
  const staged = await git(context, ['diff-index', '--cached', '--name-only', '-z', expected]);
  return staged === '' ? expected : noted;
}

/** The tree without files, which git knows in every repository: its id follows from the hash, SHA-1 or SHA-256. */
function emptyTree(oidLength: number): string {
  return oidLength === 64
    ? '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321'
    : '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
}

async function readTreeTwoWay(context: GitContext, from: string, to: string): Promise<void> {
  const args = ['read-tree', '-m', '-u', from, to];
  try {
    await runGitGroup(context, args);
  } catch (error) {
    if (!(error instanceof GitFailure) || !error.says(/not uptodate/)) throw error;
    // A file that was only touched looks changed until the index is refreshed.
    await git(context, ['update-index', '-q', '--refresh']).catch(() => undefined);
    await runGitGroup(context, args);
  }
}

function explainUnusable({ workTree, gitDir }: GitContext, { commit, reason }: UnusableTree): string {
  const folder = workTree ?? gitDir;
  return (
    `the snapshot is saved, but the files in ${folder} were not updated, because commit ${commit} ${reason}. ` +
    `Find out who else can write to the repository; once the newest commit holds nothing of it, run ` +
    `\`git -C ${folder} reset --hard\``
  );
}

async function explain(context: GitContext, start: string, failure: GitFailure): Promise<string> {
  const folder = context.workTree ?? context.gitDir;
  if (failure.exitCode === null) {
    return (
      `the snapshot is saved, but the files in ${folder} were not updated, because git was killed; ` +
      `the next backup that saves something updates them`
    );
  }
  const lock = /'([^']+\.lock)'/.exec(failure.stderr)?.[1];
  if (lock !== undefined) {
    return (
      `the snapshot is saved, but the files in ${folder} were not updated: ${lock} exists. ` +
      `If no git process is running there, delete it; the next backup updates the files`
    );
  }
  const changed = await changedFiles(context, start, failure);
  return (
    `the snapshot is saved, but the files in ${folder} were not updated, because somebody changed ` +
    `${changed}. Commit or undo these changes (\`git -C ${folder} stash\`), then run \`git -C ${folder} reset --hard\``
  );
}

/** The changed files that are in the way, as far as git tells. */
async function changedFiles(context: GitContext, start: string, failure: GitFailure): Promise<string> {
  const named = [...failure.stderr.matchAll(/(?:Entry|file) '([^'\n]+)'/g)].map((match) => match[1] ?? '');
  const list = async (...args: string[]): Promise<string[]> =>
    (await git(context, [...args, '--name-only', '-z'])).split('\0');
  const modified = [...(await list('diff-files')), ...(await list('diff-index', '--cached', start))];
  const files = [...new Set([...named, ...modified])].filter((path) => path !== '');
  const shown = files.slice(0, 5).join(', ');
  return files.length > 5 ? `${shown} and ${files.length - 5} more` : shown || 'something there';
}
