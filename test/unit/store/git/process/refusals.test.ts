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
