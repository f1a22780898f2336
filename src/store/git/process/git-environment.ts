import type { Secret } from '../../../lib/secrets/secret.ts';
import { isStoreError } from '../../errors.ts';
import { revealNow } from '../../reveal.ts';
import type { GitAuth, GitSsh } from '../options.ts';
import { commandOf } from './git-failure.ts';

export interface GitEnvironmentOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Without user information. */
  readonly remoteUrl?: string;
  readonly auth?: GitAuth;
  readonly ssh?: GitSsh;
  readonly idleMs: number;
}

/** The token of the remote, read for each process. No variable, so that a process gets it by `withToken` alone. */
const TOKEN = Symbol('token');

export type GitEnvironment = Readonly<Record<string, string>> & { readonly [TOKEN]?: Secret };

/** A repository without its settings: repository/view.ts. */
export interface RepositoryView {
  /** Stands for the repository's common folder (GIT_COMMON_DIR). */
  readonly folder: string;
  /** The common folder itself. */
  readonly commonDir: string;
  /** Names of settings of the repository that are for servers, which git does not get to know. */
  readonly unread: readonly string[];
}

/** A repository and the environment in which git works on it. */
export interface GitContext {
  readonly gitDir: string;
  /** null: bare, or its work tree is not touched. */
  readonly workTree: string | null;
  readonly environment: GitEnvironment;
  /** Stands for the repository's common folder, so that its settings are not read; absent: it is our own. */
  readonly view?: RepositoryView;
}

/**
 * The variables that bind git to this very repository: neither one around the folder nor one that the environment
 * names can be meant by mistake.
 */
export function repositoryVariables({ gitDir, workTree, environment, view }: GitContext): GitEnvironment {
  return {
    ...environment,
    GIT_DIR: gitDir,
    ...(workTree === null ? {} : { GIT_WORK_TREE: workTree }),
    ...(view ? { GIT_COMMON_DIR: view.folder } : {}),
  };
}

/** No repository, and no token: for what runs before anything of a repository is known. */
export function nowhere({ [TOKEN]: _token, ...environment }: GitEnvironment): GitContext {
  return { gitDir: '/', workTree: null, environment };
}

const REACH_THE_REMOTE = ['fetch', 'push', 'ls-remote'];

/**
 * For commands that may reach the remote: all but these few do so only for objects that a clone lacks, and go on where
 * the token cannot be read, since a repository with all objects needs none.
 * @throws StoreError `denied` where a command needs the token and it cannot be read any more
 */
export function withToken(environment: GitEnvironment, args: readonly string[]): GitEnvironment {
  const token = environment[TOKEN];
  if (token === undefined) return environment;
  try {
    return { ...environment, FLOWKEEP_GIT_TOKEN: revealNow(token) };
  } catch (error) {
    if (!isStoreError(error, 'denied') || REACH_THE_REMOTE.includes(commandOf(args))) throw error;
    return environment;
  }
}

/** What git and its helpers (curl, ssh) need of the environment. Everything else is left out. */
const PASSED_ON = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'SSH_AUTH_SOCK', 'SYSTEMROOT', 'LD_LIBRARY_PATH'],
  ...['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO', 'GIT_SSL_CAPATH', 'GIT_SSL_CERT', 'GIT_SSL_KEY'],
];

/** The remote's name. It lives in the environment alone, so that it never disagrees with the configuration. */
export const REMOTE = 'flowkeep';

/**
 * The environment of every git process: git asks nobody, runs no hook, helper or signer of the machine, reads no
 * configuration but what flowkeep takes of the repository's own (repository/view.ts), and speaks one language.
 * Configuration and the token travel in variables, never in argv, a URL or a file.
 */
export function buildGitEnvironment(options: GitEnvironmentOptions): GitEnvironment {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = options.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passedOn),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS_REQUIRE: 'never',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_SSH_VARIANT: 'ssh',
    // Stronger than any `protocol.*.allow` or `core.gitProxy`, should a setting of the repository reach git after all.
    GIT_ALLOW_PROTOCOL: PROTOCOLS.join(':'),
    GIT_PROXY_COMMAND: '',
    GIT_SSH_COMMAND: sshCommand(options.ssh, options.idleMs),
    ...configVariables([...FIXED_CONFIG, ...remoteConfig(options)]),
    ...(options.auth ? { [TOKEN]: options.auth.token } : {}),
  };
}

type ConfigEntry = readonly [key: string, value: string];

/** Plain transports. `ext` and other helpers run what a URL says. */
const PROTOCOLS = ['https', 'http', 'ssh', 'git', 'file'] as const;

const FIXED_CONFIG: readonly ConfigEntry[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.autocrlf', 'false'],
  ['core.attributesFile', '/dev/null'],
  // A program that lists the refs of borrowed objects; this one lists none.
  ['core.alternateRefsCommand', 'true'],
  ['core.excludesFile', '/dev/null'],
  ['core.useReplaceRefs', 'false'],
  // A snapshot that was reported as saved survives a power cut.
  ['core.fsync', 'committed,reference'],
  ['core.fsyncMethod', 'batch'],
  // Another writer holds a lock for moments: waiting (ms) is better than failing.
  ['core.filesRefLockTimeout', '5000'],
  ['core.packedRefsTimeout', '5000'],
  ['commit.gpgSign', 'false'],
  ['push.gpgSign', 'false'],
  ['push.followTags', 'false'],
  ['push.recurseSubmodules', 'no'],
  ['fetch.recurseSubmodules', 'false'],
  ['credential.helper', ''],
  // Housekeeping is started by the store itself, in the foreground: a container must be able to end.
  ['maintenance.auto', 'false'],
  ['gc.autoDetach', 'false'],
  // What `git log` prints is parsed.
  ['log.showSignature', 'false'],
  ['log.mailmap', 'false'],
  ['grep.patternType', 'basic'],
  ['trailer.separators', ':'],
  ['i18n.commitEncoding', 'UTF-8'],
  ['i18n.logOutputEncoding', 'UTF-8'],
  ['protocol.allow', 'never'],
  ...PROTOCOLS.map((name) => [`protocol.${name}.allow`, 'always'] as const),
];

function remoteConfig({ remoteUrl, auth, idleMs }: GitEnvironmentOptions): ConfigEntry[] {
  if (remoteUrl === undefined) return [];
  const config: ConfigEntry[] = [
    [`remote.${REMOTE}.url`, remoteUrl],
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', String(Math.ceil(idleMs / 1000))],
  ];
  if (!auth || !/^https?:/.test(remoteUrl)) return config;
  // A helper bound to the host, not a header: git sends a header on to wherever it is redirected, the token too.
  const { origin } = new URL(remoteUrl);
  return [
    ...config,
    [`credential.${origin}.username`, auth.username ?? 'x-access-token'],
    [`credential.${origin}.helper`, TOKEN_HELPER],
  ];
}

/** A credential helper in shell: git runs it only when the server asks for a password. */
const TOKEN_HELPER = '!f() { test "$1" = get && printf "password=%s\\n" "$FLOWKEEP_GIT_TOKEN"; }; f';

function configVariables(entries: readonly ConfigEntry[]): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(entries.length) };
  entries.forEach(([key, value], index) => {
    variables[`GIT_CONFIG_KEY_${index}`] = key;
    variables[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return variables;
}

function sshCommand(ssh: GitSsh | undefined, idleMs: number): string {
  const connectSeconds = Math.max(1, Math.min(30, Math.ceil(idleMs / 1000)));
  const settings = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `ConnectTimeout=${connectSeconds}`,
    `ServerAliveInterval=${connectSeconds}`,
    'ServerAliveCountMax=2',
  ];
  if (ssh?.keyFile !== undefined) settings.push('IdentitiesOnly=yes', 'IdentityAgent=none');
  if (ssh?.knownHostsFile !== undefined) settings.push(`UserKnownHostsFile="${ssh.knownHostsFile}"`);
  const key = ssh?.keyFile === undefined ? [] : ['-F', '/dev/null', '-i', ssh.keyFile];
  return ['ssh', ...key, ...settings.flatMap((setting) => ['-o', setting])].map(shellQuote).join(' ');
}

function shellQuote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
