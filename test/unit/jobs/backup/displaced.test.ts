import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand, type CommandRun } from '../../../support/hostile/commands.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { addWorkflow } from '../../../support/stand-in/workflow-actions.ts';

let n8n: StandIn;
let folder: string;

const run = (...args: string[]): Promise<CommandRun> =>
  runCommand(args, {
    cwd: folder,
    env: { N8N_URL: n8n.url, N8N_API_KEY: n8n.apiKey, FLOWKEEP_INSTANCE: 'prod', FLOWKEEP_STORE: 'git:./repo' },
  });
const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=M', '-c', 'user.email=m@example.com', ...args], {
    cwd: join(folder, 'repo'),
  }).toString();
const FILE = 'prod/workflows/sync.w1.json';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowkeep-displaced-'));
  n8n = await startStandIn();
  addWorkflow(n8n.state, { id: 'w1', name: 'Sync', nodes: [] });
  expect(await run('backup')).toMatchObject({ code: 0 });
});
afterEach(async () => {
  await n8n.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a backup into a repository that people committed to by hand', () => {
  it('writes the instance’s folder again where somebody deleted it, says so, and is unchanged after that', async () => {
    const before = git('ls-tree', '-r', 'HEAD', 'prod');
    git('rm', '-rq', 'prod');
    git('commit', '-qm', 'clean up');

    const { code, stdout, stderr } = await run('backup');
    expect(code).toBe(0);
    expect(stdout + stderr).toMatch(/folder prod at the tip of the branch is gone/);
    expect(git('ls-tree', '-r', 'HEAD', 'prod')).toBe(before);
    expect(existsSync(join(folder, 'repo', FILE))).toBe(true);
    expect((await run('backup')).stdout).toContain('unchanged since');
  });

  it('puts an edited file back, and keeps the edit in the history', async () => {
    const path = join(folder, 'repo', FILE);
    const saved = readFileSync(path, 'utf8');
    writeFileSync(path, saved.replace('Sync', 'Edited'));
    git('commit', '-qam', 'edit');

    const { stdout, stderr } = await run('backup');
    expect(stdout + stderr).toMatch(/at the tip of the branch is not that of the last snapshot/);
    expect(git('show', `HEAD:${FILE}`)).toBe(saved);
    expect(git('show', `HEAD~1:${FILE}`)).toContain('Edited');
    expect(await run('verify', '--all')).toMatchObject({ code: 0 });
  });

  it('takes no notice of commits that change other files', async () => {
    writeFileSync(join(folder, 'repo', 'README.md'), 'ours');
    git('add', 'README.md');
    git('commit', '-qm', 'words');
    expect((await run('backup')).stdout).toContain('unchanged since');
  });
});
