import { join, resolve } from 'node:path';
import * as z from 'zod';
import { makePrivateFolder } from '../../store/git/repository/private-folder.ts';
import { isBranchName } from '../../store/git/branch/branch-name.ts';
import { DEFAULT_AUTHOR, DEFAULT_BRANCH } from '../../store/git/options.ts';
import { formatDuration } from '../duration.ts';
import { setting, type Environment } from '../environment/env-values.ts';
import { isSection } from '../problems/path.ts';
import { rule, text, type ValidationIssue } from '../problems/validation-issue.ts';
import { duration, filePath } from '../schema/fields.ts';
import { storeFields } from '../schema/store-fields.ts';
import { gitAuthField, type ResolveContext } from '../secrets.ts';
import { credentialsInUrl, userinfo, withoutUserinfo } from '../urls.ts';
import type { StoreType, UrlReading } from './store-type.ts';

/** The folder of the store where nothing is said. */
const DEFAULT_FOLDER = 'n8n-backup';
const GIT_URL = /^git\+(?=(?:https?|ssh|file):\/\/)/;
/** Git transports that take no command of their own; `ext::` and the like are left out on purpose. */
const REMOTE_PROTOCOLS = ['https:', 'http:', 'ssh:', 'file:'];
const SCP_LIKE = /^(?:[\w.-]+@)?[\w][\w.-]*:(?!\/\/|:)[^\s]+$/;

export const gitStore: StoreType<ReturnType<typeof schema>> = {
  schema,
  variables: [
    setting('FLOWKEEP_GIT_PATH', 'path', 'path'),
    setting('FLOWKEEP_GIT_REMOTE', 'remote'),
    setting('FLOWKEEP_GIT_BRANCH', 'branch'),
    setting('FLOWKEEP_GIT_TIMEOUT', 'timeout'),
    setting('FLOWKEEP_GIT_AUTHOR_NAME', 'author.name'),
    setting('FLOWKEEP_GIT_AUTHOR_EMAIL', 'author.email'),
    setting('FLOWKEEP_GIT_AUTHOR_SIGN_OFF', 'author.signOff', 'boolean'),
    setting('FLOWKEEP_GIT_TOKEN', 'auth', 'secret'),
    setting('FLOWKEEP_GIT_USERNAME', 'auth.username'),
    setting('FLOWKEEP_GIT_SSH_KEY_FILE', 'ssh.keyFile', 'path'),
    setting('FLOWKEEP_GIT_SSH_KNOWN_HOSTS_FILE', 'ssh.knownHostsFile', 'path'),
  ],
  urlForms: ['git:./folder', 'git+https://…', 'git+ssh://…', 'git+file://…'],
  parseUrl(text, cwd) {
    if (GIT_URL.test(text)) return parseRemote(text.replace(GIT_URL, ''));
    const isPath = /^git:(?!\/\/)[^-]/.test(text) && !text.includes('://');
    return isPath ? { settings: { path: resolve(cwd, text.slice('git:'.length)) } } : null;
  },
  complete(store, cwd) {
    if (store['path'] === undefined && store['remote'] === undefined) store['path'] = resolve(cwd, DEFAULT_FOLDER);
    const { auth } = store;
    if (!isSection(auth) || 'env' in auth || 'file' in auth) return [];
    delete store['auth'];
    const remedy = 'set FLOWKEEP_GIT_TOKEN or FLOWKEEP_GIT_TOKEN_FILE, or remove it';
    return [{ path: 'FLOWKEEP_GIT_USERNAME', message: 'has no effect without a token', remedy }];
  },
  print({ remote, auth, ssh, timeout, ...rest }) {
    return {
      ...rest,
      ...(ssh === undefined ? {} : { ssh }),
      timeout: formatDuration(timeout),
      ...(remote === undefined ? {} : { remote: withoutUserinfo(remote) }),
      // In a file the reference to the token stands beside the user name, not below a key of its own.
      ...(auth === undefined ? {} : { auth: 'username' in auth ? auth : auth.token }),
    };
  },
  async open({ timeout, ...store }, { env, logger, clock }) {
    const { createGitStore } = await import('../../store/git/store.ts');
    return createGitStore({
      ...store,
      timeouts: { idleMs: timeout },
      cacheDir: cacheFolder(env),
      env,
      logger,
      clock,
    });
  },
};

function schema(context: ResolveContext) {
  const path = filePath(context);
  return z
    .strictObject({
      type: z.literal('git').describe('A git repository.'),
      path: path.exactOptional().describe('Folder of the local repository, created on first use.'),
      remote: text(remoteIssue).exactOptional().describe('URL that snapshots are pushed to: https, http, ssh or file.'),
      branch: branch.default(DEFAULT_BRANCH).describe('Branch that holds the snapshots.'),
      timeout: duration.prefault('60s').describe('Idle timeout of a transfer from or to the remote.'),
      author: z
        .strictObject({
          name: identity.default(DEFAULT_AUTHOR.name).describe('Name of author and committer.'),
          email: identity.default(DEFAULT_AUTHOR.email).describe('Their email.'),
          signOff: z.boolean().default(false).describe('Whether each commit is signed off (`Signed-off-by`).'),
        })
        .exactOptional()
        .describe('Author and committer of the commits, for servers that have rules for them.'),
      auth: gitAuthField(context).exactOptional().describe('Token for an https remote, and the user name beside it.'),
      ssh: z
        .strictObject({
          keyFile: path.exactOptional().describe('Private key for an ssh remote.'),
          knownHostsFile: path.exactOptional().describe("Host keys to trust; without it, ssh's own known_hosts."),
        })
        .exactOptional()
        .describe('Key and host keys for an ssh remote.'),
      ...storeFields(context),
    })
    .check(
      rule('path', ({ path, remote }) => path != null || remote != null, {
        message: 'is missing, and so is remote',
        remedy: 'give a path for a local repository, a remote, or both',
      }),
      rule('auth', ({ auth, remote }) => auth == null || !isRemoteOtherThan(/^https?:/, remote), {
        message: 'is for an https remote only',
        remedy: 'remove it, or use an https remote; ssh takes its key from ssh.keyFile',
      }),
      rule('ssh', ({ ssh, remote }) => ssh == null || !isRemoteOtherThan(/^ssh:|^[^/@]+@[^/:]+:/, remote), {
        message: 'is for an ssh remote only',
        remedy: 'remove it, or use an ssh remote',
      }),
    );
}

const branch = text((value) => {
  if (isBranchName(value)) return null;
  return { message: 'is not the name of a git branch', remedy: 'for example: main' };
});

/** A name or an email in a commit's header. */
const identity = text((value) => {
  if (value.trim() !== '' && !/[<>\u0000-\u001f\u007f]/.test(value)) return null;
  return { message: 'is empty, or has a < or > or a line break in it', remedy: 'for example: Backup Bot' };
});

/** What is wrong with the remote of a git store. */
export function remoteIssue(value: string): ValidationIssue | null {
  const remedy = 'write https://host/repo.git, ssh://git@host/repo.git, git@host:repo.git or file:///folder';
  const url = URL.parse(value);
  if (url && REMOTE_PROTOCOLS.includes(url.protocol)) return remoteUserinfoIssue(url);
  if (value.startsWith('-') || value.includes('://') || !SCP_LIKE.test(value) || !value.includes('@')) {
    return { message: 'is not the URL of a git remote', remedy };
  }
  return null;
}

/** Over ssh a user name is part of the address; a password never is. */
function remoteUserinfoIssue(url: URL): ValidationIssue | null {
  const named = url.username !== '' && url.protocol !== 'ssh:';
  if (url.username.startsWith('-')) return { message: 'has a user name that begins with a dash', remedy: 'remove it' };
  if (url.hostname.startsWith('-')) return { message: 'has a host that begins with a dash', remedy: 'correct it' };
  return named || url.password !== '' ? userinfo('use auth: { env: NAME, username: NAME }') : null;
}

/** A missing remote counts too: there is nothing to authenticate to. Values that are no text are reported elsewhere. */
function isRemoteOtherThan(wanted: RegExp, remote: unknown): boolean {
  return remote === undefined || (typeof remote === 'string' && !wanted.test(remote));
}

function parseRemote(remote: string): UrlReading | null {
  const url = URL.parse(remote);
  if (!url) return null;
  const isNamed = url.password !== '' || (url.username !== '' && url.protocol !== 'ssh:');
  return isNamed ? credentialsInUrl('FLOWKEEP_GIT_USERNAME and FLOWKEEP_GIT_TOKEN') : { settings: { remote } };
}

/**
 * Where clones of remotes without a path live, and views of repositories. Everything in it can be made again. An empty
 * variable counts as not set: it would stand for the working directory.
 * @throws FlowkeepError
 */
function cacheFolder(env: Environment): string {
  const base = env['XDG_CACHE_HOME'] || (env['HOME'] ? join(env['HOME'], '.cache') : env['TMPDIR'] || '/tmp');
  return makePrivateFolder(join(base, 'flowkeep'), 'Set XDG_CACHE_HOME to a folder of your own.');
}
