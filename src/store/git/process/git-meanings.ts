import type { StoreErrorCode } from '../../errors.ts';
import { anyOf } from './any-of.ts';
import { DAMAGED_HERE, DAMAGED_THERE } from './damage-words.ts';
import type { GitFailure } from './git-failure.ts';

export interface Meaning {
  readonly says: RegExp;
  readonly reason: StoreErrorCode;
  readonly message: string;
  readonly remedy: string;
}

/** Words for an answer that no git server gives: another server's, or one that was damaged on its way. */
export const NOT_GIT = anyOf(
  /not valid: is this a git repository|unable to parse remote|bad line length/i,
  /invalid server response|expected (flush|response end|'packfile')|bad band/i,
  /git-http-push failed/i,
);

/**
 * What git's words mean (git 2.39, LC_ALL=C). The first match counts: what is particular stands before what is general,
 * because ssh's "Permission denied" would be taken for a file's, and "Could not read from remote repository" ends the
 * report of any ssh failure.
 */
export const MEANINGS: readonly Meaning[] = [
  {
    says: /cannot start git: .*ENOENT/,
    reason: 'failed',
    message: 'git is not installed, or not in PATH',
    remedy: 'Install git 2.32 or newer.',
  },
  {
    says: /dubious ownership|unsafe repository/,
    reason: 'denied',
    message: 'the repository belongs to another user than the one that git runs as',
    remedy:
      'For a folder: run `chown -R USER` on it, or run flowkeep as its owner. On a server: let the user that git ' +
      'runs as there run `git config --global --add safe.directory FOLDER`.',
  },
  {
    says: /No user exists for uid/,
    reason: 'denied',
    message: 'ssh does not run for a user that has no entry in /etc/passwd',
    remedy:
      'Run as a user that the system knows (in the image: 1000), mount an /etc/passwd with a line for this uid, or ' +
      'use an https remote.',
  },
  {
    says: /push protection|cannot contain secrets|secret(s)? (was|were) (detected|found)|contains? (a )?secret/i,
    reason: 'denied',
    message: 'the remote refuses the push because of a secret in a commit',
    remedy:
      'Move the secret to an n8n credential, or set `secrets: redact` of the store: the next backup leaves the ' +
      'refused commit out. Or allow the secret where the remote says.',
  },
  {
    says: anyOf(
      /GH001|exceeds (GitHub's|the) (file|maximum)|larger than the (maximum|allowed)|file size limit/i,
      /pack exceeds maximum allowed size|over the (file )?size limit/i,
    ),
    reason: 'denied',
    message: 'the remote does not take a file, or a push, of this size',
    remedy: 'Raise the limit on the server, or leave out what is large (`pinData: drop`, `kinds`).',
  },
  {
    says: /HTTP 413|returned error: 413/,
    reason: 'failed',
    message: 'the server, or a proxy in front of it, does not take a push of this size',
    remedy: 'Raise its limit for the size of a request (nginx: `client_max_body_size`), or use an ssh remote.',
  },
  {
    says: /Host key verification failed|No \w+ host key is known|REMOTE HOST IDENTIFICATION HAS CHANGED/,
    reason: 'denied',
    message: "the server's ssh host key is unknown or has changed",
    remedy: 'Add the right key (`ssh-keyscan HOST`, verified) to the file of `ssh.knownHostsFile`.',
  },
  {
    says: /UNPROTECTED PRIVATE KEY FILE|bad permissions/,
    reason: 'denied',
    message: 'ssh refuses the key file because others may read it',
    remedy: 'Run `chmod 600` on the key file (Kubernetes: defaultMode: 0400 of the secret volume).',
  },
  {
    says: anyOf(
      /Permission denied \([^)]*(publickey|password|keyboard)/,
      /Load key .*(invalid format|No such file|error in libcrypto)/,
      /Identity file .* not accessible/,
    ),
    reason: 'denied',
    message: 'the server does not accept the ssh key',
    remedy: 'Check `ssh.keyFile`, and that its public key has write access to the repository.',
  },
  {
    says: anyOf(
      /must (have verified signatures|be signed)|signed with a GPG|unsigned commit/i,
      /commits? .*(is|are) not signed|push commits that were signed/i,
    ),
    reason: 'denied',
    message: 'the server takes signed commits alone, and flowkeep does not sign',
    remedy: 'Exempt the branch of the backups from that rule, or set `branch` to one that it is not for.',
  },
  {
    says: /\bDCO\b|Signed-off-by|sign-?off/i,
    reason: 'denied',
    message: 'the server takes commits alone that are signed off',
    remedy: 'Set `author` of the store to the name and email that stand for it, with `signOff: true`.',
  },
  {
    says: anyOf(
      /cannot push commits for|committer email|committer's (email|name)|author's (email|name)/i,
      /(author|committer) .*(is not a member|does not follow|not verified)/i,
    ),
    reason: 'denied',
    message: 'the server does not take commits of this author',
    remedy: "Set `author` of the store to a name and email that the server knows, such as those of the token's user.",
  },
  {
    says: /protected branch|pre-receive hook declined|hook declined|GH\d{3}|You are not allowed to push|TF40\d{4}/i,
    reason: 'denied',
    message: 'the server refuses the push: the branch is protected, or one of its hooks declined',
    remedy: 'Allow this user to push to the branch, or set `branch` to another one.',
  },
  {
    says: anyOf(
      /requested URL returned error: 401|Authentication failed/,
      /could not read (Username|Password)|terminal prompts disabled/,
      /HTTP Basic: Access denied/,
    ),
    reason: 'denied',
    message: 'the server does not accept the token, or none is set',
    remedy: 'Check `auth` of the store: the token may be wrong, expired, or for another host.',
  },
  {
    says: anyOf(
      /requested URL returned error: 403|write access .*(denied|not granted)/i,
      /Permission to .* denied|key is read-only|marked as read only|not authorized/i,
      /access denied/i,
    ),
    reason: 'denied',
    message: 'the user may not write to the repository',
    remedy: 'Give the token or key write access (GitHub: contents, read and write; GitLab: write_repository).',
  },
  {
    says: anyOf(
      /requested URL returned error: 404|Repository not found|repository '.*' not found/i,
      /does not appear to be a git repository/i,
      /could not be found or you don't have permission/i,
    ),
    reason: 'not-found',
    message: 'there is no repository at that address, or the user may not see it',
    remedy: 'Check `remote` of the store, and create the (empty) repository on the server first.',
  },
  {
    says: NOT_GIT,
    reason: 'format',
    message: 'the address answers, but not like a git server',
    remedy: "Check `remote` of the store: it must be the repository's clone URL, without a login page in front of it.",
  },
  {
    says: /SSL certificate problem|server certificate verification failed|certificate/i,
    reason: 'unreachable',
    message: "the server's TLS certificate is not trusted",
    remedy: 'Name the file of your certificate authority in GIT_SSL_CAINFO.',
  },
  {
    says: /No space left on device|Out of diskspace|Disk quota exceeded|ENOSPC/i,
    reason: 'full',
    message: 'the disk is full',
    remedy: 'Free some space and run again: what was saved before is intact.',
  },
  {
    says: anyOf(
      /(unable to create|could not lock|cannot lock|unable to lock)[^]*(File exists|Unable to create)/i,
      /\.lock': File exists|Another git process seems to be running/i,
    ),
    reason: 'failed',
    message: 'the repository is locked by another git process, or by one that crashed',
    remedy: 'Wait for it to end. If no git process is running there, delete the .lock file that the message names.',
  },
  {
    says: DAMAGED_THERE,
    reason: 'integrity',
    message: 'the repository on the server is damaged',
    remedy:
      'Run `git fsck` there. Fetch what is missing into it from another clone, or push such a clone to a new ' +
      'repository and set `remote` to that one.',
  },
  {
    says: DAMAGED_HERE,
    reason: 'integrity',
    message: 'the repository is damaged',
    remedy:
      'Run `flowkeep backup`: it mends what it can and says what. What is lost then, another clone may have: ' +
      'run `git fetch CLONE` there.',
  },
  {
    says: /invalid index-pack output|index-pack failed/i,
    reason: 'unreachable',
    message: 'what the server sent was damaged on its way, or by the server',
    remedy: 'Run again. If it fails again, run `git fsck` on the server.',
  },
  {
    says: anyOf(
      /Read-only file system|unable to create (temporary file|directory)/i,
      /insufficient permission|could not create|cannot mkdir|unable to write/i,
      /unable to append|EACCES|EROFS|Permission denied/i,
    ),
    reason: 'denied',
    message: 'this user may not write to the folder',
    remedy: 'Give the user that flowkeep runs as write access to the folder, or mount it writable.',
  },
  {
    says: /Could not resolve host|Name or service not known|Temporary failure in name resolution|unable to look up/i,
    reason: 'unreachable',
    message: "the server's name cannot be resolved",
    remedy: 'Check the host in `remote` of the store, and DNS where flowkeep runs.',
  },
  {
    says: anyOf(
      /Failed to connect|Couldn't connect|Connection (refused|timed out|reset|closed)/i,
      /No route to host|Network is unreachable|unable to connect|timed out/i,
      /Operation too slow|RPC failed|early EOF|hung up unexpectedly|unexpected disconnect/i,
      /requested URL returned error: (5\d\d|429|408)|Empty reply|transfer closed/i,
      /kex_exchange_identification|Recv failure|gnutls_handshake|SSL_ERROR/i,
      /Could not read from remote repository/i,
    ),
    reason: 'unreachable',
    message: 'the server cannot be reached, or the connection broke',
    remedy: 'Check the network and the server; what was saved before is intact, and the next run tries again.',
  },
  {
    says: /not a git repository/i,
    reason: 'format',
    message: 'the folder is not a git repository',
    remedy: 'Set `path` of the store to a git repository, or to an empty or new folder.',
  },
  {
    says: /unable to write file|file write error|fsync error/i,
    reason: 'failed',
    message: 'writing to the disk failed',
    remedy: 'Check the disk and run again.',
  },
];

/** What a failure means; undefined where git said something that is not in the table. */
export function meaningOf(failure: GitFailure): Meaning | undefined {
  return MEANINGS.find(({ says }) => failure.says(says));
}
