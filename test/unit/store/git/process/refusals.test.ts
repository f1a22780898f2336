import { chownSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toStoreError } from '../../../../../src/store/git/process/git-errors.ts';
import { GitFailure } from '../../../../../src/store/git/process/git-failure.ts';
import { createGitStore } from '../../../../../src/store/git/store.ts';
import type { Store } from '../../../../../src/store/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { GitFolder } from '../../../../support/git-folder.ts';
import { GitHttpServer } from '../../../../support/git-http.ts';

let folder: GitFolder;
beforeEach(() => {
  folder = new GitFolder();
});
afterEach(() => folder[Symbol.dispose]());

const draft = makeDraft({ files: { 'a.json': 'alpha' } });
const openStore = (remote: string): Store =>
  createGitStore({ name: 'repo', remote, cacheDir: folder.at('cache'), env: process.env });

/** What servers say of a commit that they do not take, in the words of their own that are known. */
const RULES: readonly (readonly [server: string, says: string, message: RegExp, remedy: RegExp])[] = [
  ['GitHub', 'GH006: Commits must have verified signatures.', /takes signed commits alone/, /branch/],
  ['GitLab', 'GitLab: Commit must be signed with a GPG key', /takes signed commits alone/, /branch/],
  ['GitLab', 'GitLab: Commit message must contain a DCO signoff', /signed off/, /signOff: true/],
  [
    'GitLab',
    "GitLab: You cannot push commits for 'flowkeep@localhost'. You can only push commits if the committer email is one " +
      'of your own verified emails.',
    /does not take commits of this author/,
    /Set `author`/,
  ],
  [
    'GitLab',
    "GitLab: Committer's email 'flowkeep@localhost' does not follow the pattern '@example.com$'",
    /does not take commits of this author/,
    /Set `author`/,
  ],
  ['any server', 'no more pushes today', /one of its hooks declined/, /Allow this user/],
];

describe('a push that a rule of the server refuses', () => {
  it.each(RULES)('a push that a rule of %s refuses with %j is told with cause and remedy', async (...rule) => {
    const [, says, message, remedy] = rule;
    folder.createRepository('remote', '--bare');
    folder.write('remote/hooks/pre-receive', `#!/bin/sh\ncat >/dev/null\ncat >&2 <<'END'\n${says}\nEND\nexit 1\n`);
    folder.makeExecutable('remote/hooks/pre-receive');
    await using store = openStore(`file://${folder.at('remote')}`);
    await expect(store.save(draft)).rejects.toMatchObject({
      reason: 'denied',
      message: expect.stringMatching(message) as string,
      remedy: expect.stringMatching(remedy) as string,
    });
    await expect(store.save(draft)).rejects.toThrow(says);
  });
});

/** What GitHub's push protection says. */
const PUSH_PROTECTION = [
  'error: GH013: Repository rule violations found for refs/heads/main.',
  '',
  '- GITHUB PUSH PROTECTION',
  '  ——————————————————————————',
  '    - Push cannot contain secrets',
  '',
  '     (?) Learn how to resolve a blocked push',
  '     https://docs.example.com/code-security/resolving-a-blocked-push',
  '',
  '      —— Chat API Token ———————————————',
  '       locations:',
  '         - commit: 8728dbe67ab',
  '           path: prod/workflows/invoice-sync.a1.json:41',
  '',
  '     (?) To push, remove secret from commit(s) or follow this URL to allow the secret.',
  '     https://git.example.com/me/backup/security/secret-scanning/unblock-secret/2abcdef',
];

/** The remote refuses each push in which a file holds this word. */
function refuse(word: string, says: readonly string[]): void {
  folder.createRepository('remote', '--bare');
  const hook = [
    '#!/bin/sh',
    'while read old new ref; do',
    `  for commit in $(git rev-list "$new" --not --all); do`,
    `    if git grep -q ${word} "$commit"; then cat >&2 <<'END'`,
    ...says,
    'END',
    '    exit 1; fi',
    '  done',
    'done',
  ];
  folder.write('remote/hooks/pre-receive', `${hook.join('\n')}\n`);
  folder.makeExecutable('remote/hooks/pre-receive');
}

describe('a commit that the remote refuses because of what is in it', () => {
  it('a commit that the remote refuses is told in its own words, with file and link, as printable lines', async () => {
    refuse('alpha', [...PUSH_PROTECTION, '\u001b[31mred', ...Array.from({ length: 60 }, (_, i) => `line ${i}`)]);
    await using store = openStore(`file://${folder.at('remote')}`);
    const error = await store.save(draft).then(
      () => new Error('saved'),
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ reason: 'denied', remedy: expect.stringContaining('secrets: redact') as string });
    expect(error.message.split('\n')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^store repo .*because of a secret in a commit. The remote said:$/) as string,
        '             path: prod/workflows/invoice-sync.a1.json:41',
        '       https://git.example.com/me/backup/security/secret-scanning/unblock-secret/2abcdef',
      ]),
    );
    expect(error.message).not.toMatch(/[\u0000-\u0009\u000b-\u001f]|line 59/);
    expect(error.message).toMatch(/\(and \d+ more lines\)$/);
  });

  it('a commit that the remote refuses keeps no later one out that is without it', async () => {
    refuse('alpha', PUSH_PROTECTION);
    await using store = openStore(`file://${folder.at('remote')}`);
    for (const again of [draft, draft]) await expect(store.save(again)).rejects.toMatchObject({ reason: 'denied' });
    const cleaned = makeDraft({ takenAt: '2026-11-24T01:54:42Z', files: { 'a.json': 'clean' } });
    await store.save(cleaned);
    expect(await openStore(`file://${folder.at('remote')}`).list()).toEqual([cleaned.info]);
  });
});

it('a push that is too large for a proxy is told as such, and not tried again', async () => {
  await using server = await GitHttpServer.start({ root: folder.path });
  await using store = openStore(server.createRepository('remote.git'));
  server.fault = { status: 413, body: '<html>Request Entity Too Large</html>' };
  await expect(store.save(draft)).rejects.toMatchObject({
    reason: 'failed',
    message: expect.stringContaining('does not take a push of this size') as string,
    remedy: expect.stringContaining('client_max_body_size') as string,
  });
  expect(server.requests).toHaveLength(1);
});

it.runIf(process.getuid?.() === 0)('a remote folder of another user is told as such, with what to do', async () => {
  folder.createRepository('remote', '--bare');
  chownSync(folder.at('remote'), 65_534, 65_534);
  await using store = openStore(`file://${folder.at('remote')}`);
  await expect(store.check()).rejects.toMatchObject({
    reason: 'denied',
    message: expect.stringContaining('belongs to another user than the one that git runs as') as string,
    remedy: expect.stringContaining('chown') as string,
  });
});

it('ssh for a user without an entry in /etc/passwd is told as such, with what to do', () => {
  // In the words of OpenSSH and git, run by user 54321 of a container.
  const said = 'No user exists for uid 54321\nfatal: Could not read from remote repository.\n';
  const error = toStoreError(new GitFailure(['ls-remote'], 128, said), { store: 'repo', location: 'ssh://git@host/r' });
  expect(error).toMatchObject({
    reason: 'denied',
    message: expect.stringContaining('ssh does not run for a user that has no entry in /etc/passwd') as string,
    remedy: expect.stringContaining('mount an /etc/passwd') as string,
  });
});
