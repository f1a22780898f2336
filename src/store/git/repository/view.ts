import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readFile, readlink, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../../lib/hash.ts';
import { makeFolder } from '../../../lib/make-folder.ts';
import type { GitEnvironment, RepositoryView } from '../process/git-environment.ts';
import type { RepositoryPlace } from './locate.ts';
import { refuseLinks } from './own-files.ts';
import { readSettings, settingsFiles } from './settings.ts';

/** What of a repository is data. Hooks, attributes, grafts and everything unknown stay out. */
const DATA = ['HEAD', 'index', 'objects', 'refs', 'reftable', 'packed-refs', 'logs', 'shallow', 'worktrees'];

/**
 * A folder of flowkeep's own that git takes for the repository's: links to its data, and a configuration that holds
 * only what flowkeep takes of the repository's own. git has no way to leave the settings of a repository unread, and nothing
 * overrules those for one URL. So no setting counts that somebody prepared, changes while flowkeep runs, or that a
 * newer git knows. Locks are those of the repository, since git follows the links before it locks.
 * @param views a folder that only this user can write to; views stay there for the next run
 * @throws StoreError `format` where the repository cannot be used like that
 */
export async function openView(
  place: RepositoryPlace,
  views: string,
  environment: GitEnvironment,
): Promise<RepositoryView> {
  await refuseLinks(place);
  const wanted = join(views, `view-${sha256(`${place.gitDir}\n${place.commonDir}`).slice(0, 24)}`);
  await makeFolder(wanted, 0o700);
  const folder = await realpath(wanted);
  const { commonDir } = place;
  // git makes this folder itself, but not through a link.
  if (place.workTree !== null) await mkdir(join(commonDir, 'logs')).catch(ignore('EEXIST', 'EROFS', 'EACCES'));
  for (const name of DATA) await link(join(commonDir, name), join(folder, name));
  const unread = await bringConfigAlong(place, join(folder, 'config'), environment);
  return { folder, commonDir, unread };
}

/** git removes the list of what a shortened history ends at once it is whole, and then it removed our link to it. */
export async function removeShallowToo({ folder, commonDir }: RepositoryView): Promise<void> {
  const isThere = await readlink(join(folder, 'shallow')).catch(() => null);
  if (isThere === null) await rm(join(commonDir, 'shallow'), { force: true });
}

/** Another process may do the same at this moment, and its git may use the link: one that is right is not touched. */
async function link(target: string, path: string): Promise<void> {
  const now = await readlink(path).catch(ignore('ENOENT', 'EINVAL'));
  const isFolder = /(objects|refs|reftable|logs)$/.test(path);
  const exists = !isFolder || (await stat(target).catch(() => null)) !== null;
  if (exists && now === target) return;
  // A link to somewhere else, or what git made itself where there was no link yet.
  if (now !== null || !exists || (await isFolderThere(path))) await rm(path, { recursive: true, force: true });
  if (exists) await symlink(target, path).catch(ignore('EEXIST'));
}

async function isFolderThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isDirectory() ?? false;
}

/** Written again where the repository's settings changed: a git process each time would cost more than all else. */
async function bringConfigAlong(
  place: RepositoryPlace,
  path: string,
  environment: GitEnvironment,
): Promise<readonly string[]> {
  const files = await settingsFiles(place);
  const sources = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const mark = `# flowkeep's view of settings ${sha256([VERSION, ...files, ...sources].join('\0'))}\n`;
  const now = await readFile(path, 'utf8').catch(() => '');
  if (now.startsWith(mark)) return JSON.parse(now.split('\n', 2)[1]?.slice(UNREAD.length) ?? '[]') as string[];
  const temporary = `${path}.${randomUUID()}.new`;
  const { text, unread } = await readSettings(files, environment);
  await writeFile(temporary, `${mark}${UNREAD}${JSON.stringify(unread)}\n${text}`);
  await rename(temporary, path);
  return unread;
}

const UNREAD = '# not taken: ';

/** Raised when `readSettings` takes something else: views of an older flowkeep are written again. */
const VERSION = '1';

function ignore(...codes: readonly string[]): (error: unknown) => null {
  return (error) => {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  };
}
