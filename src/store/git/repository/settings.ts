import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../../errors.ts';
import { type GitEnvironment, nowhere } from '../process/git-environment.ts';
import { runGitGroup } from '../process/git-process.ts';
import type { RepositoryPlace } from './locate.ts';

const BOOLEAN = /^(true|false|yes|no|on|off|1|0|)$/i;

/**
 * The settings of a repository that flowkeep's git gets to know, and the values that it takes: how the files are to be
 * understood, and what the file system can do. None of them names a program, a file or a server. Everything else that
 * `.git/config` says is not read: docs/internal/git-settings.md.
 */
export const READ_SETTINGS: Readonly<Record<string, RegExp>> = {
  'core.repositoryformatversion': /^\d+$/,
  'core.bare': BOOLEAN,
  'core.filemode': BOOLEAN,
  'core.ignorecase': BOOLEAN,
  'core.precomposeunicode': BOOLEAN,
  'core.symlinks': BOOLEAN,
  'core.logallrefupdates': /^(true|false|always)$/i,
  'core.sparsecheckout': BOOLEAN,
  'core.sparsecheckoutcone': BOOLEAN,
  // Not `all`, and no mode but 0660: what is saved is for nobody else to read.
  'core.sharedrepository': /^(umask|group|true|false|0660)$/i,
};

/** Extensions change how a repository is to be read: one that is not known here, or has another value, is an error. */
const READ_EXTENSIONS: Readonly<Record<string, RegExp>> = {
  'extensions.noop': BOOLEAN,
  'extensions.objectformat': /^sha(1|256)$/i,
  'extensions.compatobjectformat': /^sha(1|256)$/i,
  'extensions.refstorage': /^(files|reftable)$/i,
  'extensions.preciousobjects': BOOLEAN,
  'extensions.relativeworktrees': BOOLEAN,
};

/** Says which file holds settings besides `config`: it is read, and then no longer needed. */
const WORKTREE_CONFIG = 'extensions.worktreeconfig';
const PARTIAL = /^(extensions\.partialclone|remote\.[^]*\.promisor)$/;
/** What people set to reach a server: where it cannot be reached, they are told that flowkeep does not read it. */
const FOR_SERVERS = /^(http|url|credential|include|includeif)\.|^core\.(sshcommand|gitproxy)$/;
/** Anyone who sets these does the housekeeping as they want it. */
const HOUSEKEEPING = /^(gc|maintenance)\./;

/** The files with a repository's settings, those that exist: the shared ones and those of one work tree. */
export async function settingsFiles({ gitDir, commonDir }: RepositoryPlace): Promise<string[]> {
  const paths = [join(commonDir, 'config'), join(gitDir, 'config.worktree')];
  const found = await Promise.all(paths.map((path) => lstat(path).catch(() => null)));
  return paths.filter((_path, index) => found[index]?.isFile());
}

export interface ReadSettings {
  /** A configuration with nothing but what flowkeep takes. */
  readonly text: string;
  /** Names of settings for servers, which it does not take. */
  readonly unread: readonly string[];
}

/**
 * What flowkeep takes of these files. Files that they include are not read.
 * @throws StoreError `format` where git must know more than that to understand the repository
 * @throws GitFailure where git cannot read them
 */
export async function readSettings(files: readonly string[], environment: GitEnvironment): Promise<ReadSettings> {
  const unread = new Set<string>();
  const settings = new Map<string, string>([['core.repositoryformatversion', '0']]);
  for (const file of files) {
    for (const [name, value] of await listSettings(file, environment)) {
      if (PARTIAL.test(name)) throw partial(file);
      if (FOR_SERVERS.test(name)) unread.add(name);
      if (HOUSEKEEPING.test(name)) settings.set('gc.auto', '0');
      else if (READ_SETTINGS[name]?.test(value)) settings.set(name, value);
      else if (name.startsWith('extensions.') && name !== WORKTREE_CONFIG) {
        if (!READ_EXTENSIONS[name]?.test(value)) throw unknown(file, name);
        settings.set(name, value);
      }
    }
  }
  const text = [...settings].map(([name, value]) => `[${name.replace('.', ']\n\t')} = ${value}\n`).join('');
  return { text, unread: [...unread] };
}

/** Every setting of a file, the names in lower case as git compares them. */
async function listSettings(
  file: string,
  environment: GitEnvironment,
): Promise<(readonly [name: string, value: string])[]> {
  const args = ['config', '--file', file, '--no-includes', '--list', '-z'];
  // A repository that is none: this git reads the file and nothing else.
  const { stdout } = await runGitGroup(nowhere(environment), args, { variables: { GIT_DIR: '/dev/null' } });
  const entries = stdout.split('\0').filter((entry) => entry !== '');
  return entries.map((entry) => {
    const end = entry.indexOf('\n');
    // A name alone means that it is true.
    return end < 0 ? [entry, 'true'] : [entry.slice(0, end), entry.slice(end + 1)];
  });
}

function partial(file: string): StoreError {
  return new StoreError('format', `${file} says that this is a partial clone, in which objects are missing`, {
    remedy: 'Replace it by a whole clone (`git clone` without --filter), or leave `path` out: flowkeep then makes one.',
  });
}

function unknown(file: string, name: string): StoreError {
  return new StoreError('format', `${file} sets ${name}, which flowkeep does not know`, {
    remedy: 'Use a newer flowkeep, or clone the repository without this extension and set `path` to the clone.',
  });
}
