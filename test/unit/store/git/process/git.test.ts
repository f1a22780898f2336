import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FlowkeepError } from '../../../../../src/lib/errors.ts';
import { Secret } from '../../../../../src/lib/secrets/secret.ts';
import { git } from '../../../../../src/store/git/process/git.ts';
import { buildGitEnvironment, type GitContext } from '../../../../../src/store/git/process/git-environment.ts';
import { toStoreError } from '../../../../../src/store/git/process/git-errors.ts';
import { runGitGroup } from '../../../../../src/store/git/process/git-process.ts';
import { GitFolder } from '../../../../support/git-folder.ts';

let folder: GitFolder;
beforeEach(() => {
  folder = new GitFolder();
  folder.createRepository('repo');
});
afterEach(() => folder[Symbol.dispose]());

/** The repository, seen by the git that is found in `path`. */
function context(path = process.env.PATH, token = new Secret('planted-t0ken')): GitContext {
  const env = { ...process.env, PATH: path };
  const auth = { token };
  const environment = buildGitEnvironment({
    env,
    auth,
    remoteUrl: 'https://git.example.com/x',
    idleMs: 1000,
  });
  return { gitDir: folder.at('repo/.git'), workTree: folder.at('repo'), environment };
}

/** As `context`, with a script in the place of git. */
function withScript(script: string): GitContext {
  folder.write('bin/git', `#!/bin/sh\n${script}\n`);
  folder.makeExecutable('bin/git');
  return context(`${folder.at('bin')}:${process.env.PATH ?? ''}`);
}

describe.each([
  ['git', async (...args: Parameters<typeof git>) => git(...args)],
  ['runGitGroup', async (...args: Parameters<typeof runGitGroup>) => (await runGitGroup(...args)).stdout],
])('%s', (_name, run) => {
  it('gives what git printed, as it is', async () => {
    const args = ['rev-parse', '--symbolic-full-name', '--branches'];
    expect(await run(context(), args)).toBe('');
    folder.commitFile('repo', 'ü.txt', 'x');
    expect(await run(context(), args)).toBe('refs/heads/main\n');
    expect(await run(context(), ['ls-tree', '-z', '--name-only', 'HEAD', '--', 'ü.txt'])).toBe('ü.txt\0');
  });

  it('feeds git what it is to read', async () => {
    expect(await run(context(), ['hash-object', '--stdin'], { input: 'x\n' })).toBe(
      '587be6b4c3f93f93c489c0111bba5596147a26cb\n',
    );
  });

  it('fails with the exit code and the words of git', async () => {
    await expect(run(context(), ['rev-parse', '--verify', 'nothing'])).rejects.toMatchObject({
      name: 'GitFailure',
      command: 'rev-parse',
      exitCode: 128,
      stderr: 'fatal: Needed a single revision\n',
    });
    await expect(run(context(), ['rev-parse', '--verify', '--quiet', 'nothing'])).rejects.toMatchObject({
      exitCode: 1,
      stderr: '',
    });
  });

  it('says that git is not installed', async () => {
    const error: unknown = await run(context(folder.at('empty')), ['version']).catch((caught: unknown) => caught);
    expect(toStoreError(error, { store: 'repo', location: '/repo' })).toMatchObject({
      message: 'store repo (/repo): git is not installed, or not in PATH: cannot start git: spawn git ENOENT',
    });
  });

  it('says that git was killed', async () => {
    await expect(run(withScript('kill -9 $$'), ['gc'])).rejects.toMatchObject({ exitCode: null });
  });

  it('ends git when it is interrupted, and starts none after that', async () => {
    const repository = withScript(`echo $$ > ${folder.at('pid')}; exec tail -f /dev/null`);
    const controller = new AbortController();
    const running = run(repository, ['log'], { signal: controller.signal });
    await vi.waitUntil(() => folder.has('pid') && folder.read('pid').endsWith('\n'));
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'interrupted' });
    expect(() => process.kill(Number(folder.read('pid')), 0)).toThrow('ESRCH');
    folder.write('pid', '');
    await expect(run(repository, ['log'], { signal: controller.signal })).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect(folder.read('pid')).toBe('');
  });
});

it('the git runner gives the token to those commands alone that may reach a server', async () => {
  const repository = withScript('printf %s "$FLOWKEEP_GIT_TOKEN"');
  expect(await git(repository, ['log'])).toBe('');
  expect((await runGitGroup(repository, ['fetch'])).stdout).toBe('planted-t0ken');
});

it('the git runner goes on without a token that cannot be read, but for commands that reach a server', async () => {
  const read = (): string => {
    throw new FlowkeepError('secret', 'its file is gone');
  };
  const repository = context(process.env.PATH, new Secret('planted-t0ken', { read }));
  // The name of an instance, which may be that of a command.
  expect((await runGitGroup(repository, ['ls-files', '--', 'push'])).stdout).toBe('');
  await expect(runGitGroup(repository, ['push', 'origin', 'main'])).rejects.toMatchObject({ reason: 'denied' });
});

it('the git runner ends the programs that git started when it ends git', async () => {
  const program = `trap 'echo > ${folder.at('ended')}; exit' TERM; echo > ${folder.at('started')}; tail -f /dev/null & wait`;
  const controller = new AbortController();
  const running = runGitGroup(withScript(`sh -c "${program}"; exit 1`), ['fetch'], {
    signal: controller.signal,
  });
  await vi.waitUntil(() => folder.has('started'));
  controller.abort();
  await expect(running).rejects.toMatchObject({ code: 'interrupted' });
  await vi.waitUntil(() => folder.has('ended'));
});
