import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { RepositoryDamage } from '../repair/repository-damage.ts';
import { dirname, join, resolve } from 'node:path';
import { StoreError } from '../../errors.ts';

/** Where a repository's parts are. */
export interface RepositoryPlace {
  readonly gitDir: string;
  /** What linked work trees share (objects, refs, settings): `gitDir` itself, but in a linked work tree. */
  readonly commonDir: string;
  /** null: bare. */
  readonly workTree: string | null;
}

/**
 * The repository at exactly this path, with or without a work tree; null where it is not made yet (nothing there, or an
 * empty folder). A repository around the folder is never meant, and one elsewhere only where it says itself that its
 * work tree is here: else anyone who prepares a folder could choose the repository that is written to.
 * @throws StoreError `format` where something else is there
 */
export async function locateRepository(path: string): Promise<RepositoryPlace | null> {
  const place = await findPlace(path);
  if (!place) return null;
  for (const [file, isSound] of ESSENTIAL) {
    const folder = file === 'HEAD' ? place.gitDir : place.commonDir;
    const text = await readFile(join(folder, file), 'utf8').catch(() => null);
    if (text === null || !isSound(text)) throw damaged(join(folder, file), text);
  }
  return place;
}

/** What git needs to take a folder for a repository, and how it looks unless a power cut or a bad disk got at it. */
const ESSENTIAL: readonly (readonly [file: string, isSound: (text: string) => boolean])[] = [
  ['HEAD', isRefContent],
  ['config', (text) => !text.includes('\0')],
];

/** As `locateRepository`, also where the repository is damaged. */
export async function findPlace(path: string): Promise<RepositoryPlace | null> {
  const entries = await entriesOf(path);
  if (entries === null) return null;
  if (entries.includes('.git')) {
    const place = await placeOf(path, join(path, '.git'));
    // An init that was cut off leaves a folder without HEAD or config: init again completes it.
    const started = await entriesOf(place.gitDir);
    const complete = started?.includes('HEAD') && (place.commonDir !== place.gitDir || started.includes('config'));
    return complete || (await holdsObjects(place.commonDir)) ? place : null;
  }
  const bare = ['HEAD', 'objects', 'refs'].filter((name) => entries.includes(name));
  if (bare.length === 3 || (bare.includes('objects') && (await holdsObjects(path))))
    return { gitDir: path, commonDir: path, workTree: null };
  const foreign = entries.filter((name) => !HARMLESS.has(name));
  if (foreign.length === 0) return null;
  throw new StoreError('format', `${path} holds files but is not a git repository`, {
    remedy: `Set \`path\` to a new or empty folder, or run \`git init\` in ${path} if it is meant to be one.`,
  });
}

/** Whether this is what git writes into HEAD or another ref. */
export function isRefContent(text: string): boolean {
  return /^(ref: refs\/\S+|[0-9a-f]{40}(?:[0-9a-f]{24})?)\s*$/.test(text);
}

/** Whether anything was ever saved in a repository. */
export async function holdsObjects(commonDir: string): Promise<boolean> {
  const names = (await readdir(join(commonDir, 'objects')).catch(() => [])).filter((name) =>
    /^[0-9a-f]{2}$/.test(name),
  );
  const packs = await readdir(join(commonDir, 'objects', 'pack')).catch(() => []);
  return names.length > 0 || packs.some((name) => name.endsWith('.pack'));
}

function damaged(file: string, text: string | null): StoreError {
  return new RepositoryDamage(
    `the repository is damaged: ${file} is ${text === null ? 'missing' : 'not readable'}`,
    'Run `flowkeep backup`: it writes the file again. By hand: copy it from another clone of the repository.',
  );
}

/** What a fresh disk or a file manager puts into an empty folder. */
const HARMLESS = new Set(['lost+found', '.DS_Store']);

/** `.git` is a folder, or in linked work trees and submodules a file that names one. */
async function placeOf(workTree: string, dotGit: string): Promise<RepositoryPlace> {
  const found = await lstat(dotGit);
  if (found.isDirectory()) return { gitDir: dotGit, commonDir: dotGit, workTree };
  const named = found.isFile() ? /^gitdir: (.+)$/m.exec(await readFile(dotGit, 'utf8'))?.[1] : undefined;
  if (named === undefined) throw strange(dotGit, 'is neither a folder nor a file that names one');
  const gitDir = resolve(workTree, named);
  const commonDir = await ownerOf(gitDir, dotGit);
  if (commonDir === null) throw strange(dotGit, `names ${gitDir}, which does not say that its work tree is here`);
  return { gitDir, commonDir, workTree };
}

/** The common folder of the repository that a `.git` file names; null where that repository does not point back. */
async function ownerOf(gitDir: string, dotGit: string): Promise<string | null> {
  const back = await firstLine(join(gitDir, 'gitdir'));
  const common = await firstLine(join(gitDir, 'commondir'));
  if (back !== null && common !== null && (await isSame(resolve(gitDir, back), dotGit))) return resolve(gitDir, common);
  // A submodule, or a git directory of its own: its settings name the work tree.
  const config = await readFile(join(gitDir, 'config'), 'utf8').catch(() => '');
  const lines = config.split('\n').map((line) => line.trim());
  const workTree = lines.find((line) => /^worktree *=/i.test(line))?.replace(/^[^=]*=/, '');
  if (workTree === undefined) return null;
  return (await isSame(resolve(gitDir, workTree.trim().replaceAll('"', '')), dirname(dotGit))) ? gitDir : null;
}

async function firstLine(path: string): Promise<string | null> {
  return readFile(path, 'utf8').then(
    (text) => text.split('\n', 1)[0] ?? '',
    () => null,
  );
}

async function isSame(path: string, other: string): Promise<boolean> {
  return (await realpath(path).catch(() => path)) === (await realpath(other));
}

function strange(dotGit: string, what: string): StoreError {
  return new StoreError('format', `${dotGit} ${what}`, {
    remedy:
      `Set \`path\` to the repository itself. If its work tree is meant to be here, say so there: ` +
      `\`git --git-dir=REPOSITORY config core.worktree ${dirname(dotGit)}\`.`,
  });
}

/** The names in a folder; null where there is no such folder. @throws StoreError `format` where it is a file */
export async function entriesOf(path: string): Promise<string[] | null> {
  try {
    return await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (code === 'ENOTDIR')
      throw new StoreError('format', `${path} is not a folder`, {
        remedy: 'Set `path` of the store to a folder.',
      });
    throw error;
  }
}
