import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gitCommand } from './git-commands.ts';
import { GitFailure } from './git-failure.ts';
import { type GitContext, runGit } from './git-process.ts';

/**
 * Brings index and work tree from one commit to another after the branch moved. Files that somebody changed are never
 * overwritten: git then leaves everything as it was, and the warning says what to do. Foreign files, staged or not, stay.
 *
 * A note in the git directory remembers the commit that the work tree is at for as long as it may be behind: when it
 * could not follow, and when the process dies between moving the branch and arriving here.
 * @returns warnings
 */
export async function bringWorkTreeAlong(
  context: GitContext,
  from: string | null,
  to: string,
): Promise<string[]> {
  const start = await startingPoint(context, from, to);
  try {
    await readTreeTwoWay(context, start, to);
    await rm(noteFile(context), { force: true });
    return [];
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    return [await explain(context, start, error)];
  }
}

/** Called before the branch moves: see above. */
export async function noteWorkTree(context: GitContext, from: string | null): Promise<void> {
  try {
    await writeFile(noteFile(context), `${from ?? NO_COMMIT}\n`, { flag: 'wx' });
  } catch (error) {
    // There is one: the work tree is behind already, and at that commit.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function noteFile(context: GitContext): string {
  return join(context.gitDir, 'flowkeep-work-tree');
}

/** The commit that index and work tree are at: the noted one, unless somebody brought them up to date meanwhile. */
async function startingPoint(context: GitContext, from: string | null, to: string): Promise<string> {
  const expected = from ?? emptyTree(to.length);
  const note = (await readFile(noteFile(context), 'utf8').catch(() => '')).trim();
  const noted = note === NO_COMMIT ? emptyTree(to.length) : note;
  if (!/^[0-9a-f]{40,64}$/.test(noted) || noted === expected) return expected;
  const staged = await runGit(context, ['diff-index', '--cached', '--name-only', '-z', expected]);
  return staged.stdout.length === 0 ? expected : noted;
}

const NO_COMMIT = 'none';

/** The tree without files, which git knows in every repository: its id follows from the hash, SHA-1 or SHA-256. */
function emptyTree(oidLength: number): string {
  return oidLength === 64
    ? '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321'
    : '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
}

async function readTreeTwoWay(context: GitContext, from: string, to: string): Promise<void> {
  const args = ['read-tree', '-m', '-u', from, to];
  try {
    await runGit(context, args);
  } catch (error) {
    if (!(error instanceof GitFailure) || !error.says(/not uptodate/)) throw error;
    // A file that was only touched looks changed until the index is refreshed.
    await runGit(context, ['update-index', '-q', '--refresh']).catch(() => undefined);
    await runGit(context, args);
  }
}

async function explain(context: GitContext, start: string, failure: GitFailure): Promise<string> {
  const folder = context.workTree ?? context.gitDir;
  const lock = /'([^']+\.lock)'/.exec(failure.stderr)?.[1];
  if (lock !== undefined) {
    return (
      `the snapshot is saved, but the files in ${folder} were not brought up to date: ${lock} exists. ` +
      `If no git process is running there, delete it; the next backup brings the files along`
    );
  }
  const changed = await changedFiles(context, start, failure);
  return (
    `the snapshot is saved, but the files in ${folder} were not brought up to date, because somebody changed ` +
    `${changed}. Commit or undo these changes (\`git -C ${folder} stash\`), then run \`git -C ${folder} reset --hard\``
  );
}

/** The changed files that are in the way, as far as git tells. */
async function changedFiles(context: GitContext, start: string, failure: GitFailure): Promise<string> {
  const named = [...failure.stderr.matchAll(/(?:Entry|file) '([^'\n]+)'/g)].map((match) => match[1] ?? '');
  const list = async (...args: string[]): Promise<string[]> =>
    (await gitCommand(context, [...args, '--name-only', '-z'])).split('\0');
  const modified = [...(await list('diff-files')), ...(await list('diff-index', '--cached', start))];
  const files = [...new Set([...named, ...modified])].filter((path) => path !== '');
  const shown = files.slice(0, 5).join(', ');
  return files.length > 5 ? `${shown} and ${files.length - 5} more` : shown || 'something there';
}
