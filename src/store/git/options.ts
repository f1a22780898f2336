import type { Logger } from '../../lib/logger.ts';
import type { Secret } from '../../lib/secrets/secret.ts';
import type { Clock } from '../../lib/time.ts';

/** Where a git store is and how it gets there. It has a `path`, a `remote`, or both. */
export interface GitStoreOptions {
  /** The store's name in the config. */
  readonly name: string;
  /** Folder of the local repository; created on first use, with `branch` checked out. */
  readonly path?: string;
  /** https, http, ssh, git or file URL, `user@host:path`, or an absolute path. Never with a password. */
  readonly remote?: string;
  readonly branch?: string;
  /** For an http or https remote. */
  readonly auth?: GitAuth;
  /** For an ssh remote. */
  readonly ssh?: GitSsh;
  /**
   * Where clones live of a remote that has no `path`, and views of the repositories that have one. Only this user may
   * write to it. Everything in it can be thrown away while nothing runs.
   */
  readonly cacheDir: string;
  /** Author and committer of every commit. */
  readonly author?: GitAuthor;
  readonly timeouts?: Partial<GitTimeouts>;
  readonly logger?: Logger;
  /** The environment to take PATH, HOME, proxies and certificate paths from; nothing else of it reaches git. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
}

export interface GitAuth {
  /** Default: `x-access-token`, which GitHub, GitLab and Gitea accept beside a token. */
  readonly username?: string;
  readonly token: Secret;
}

export interface GitSsh {
  /** Absolute path of the private key; with it, neither the agent nor the user's ssh config is used. */
  readonly keyFile?: string;
  /** Absolute path; without it ssh uses its own known_hosts. */
  readonly knownHostsFile?: string;
}

export interface GitAuthor {
  readonly name: string;
  readonly email: string;
  /** Ends each message with `Signed-off-by`, for servers that ask for it. */
  readonly signOff?: boolean;
}

/** All in milliseconds. */
export interface GitTimeouts {
  /** A transfer that moves no byte, or a connection that is not answered, for this long has failed. */
  readonly idleMs: number;
  /**
   * How long a writer tries to get in between others. Each time that it is too late another one has got in, so that all
   * of them do in the end; the default is enough for a few hundred, at a second each.
   */
  readonly contentionMs: number;
}

export const DEFAULT_BRANCH = 'main';
export const DEFAULT_AUTHOR: GitAuthor = { name: 'flowkeep', email: 'flowkeep@localhost' };
export const DEFAULT_TIMEOUTS: GitTimeouts = { idleMs: 60_000, contentionMs: 600_000 };
