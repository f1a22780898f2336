import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitStore } from '../../../../src/store/git/store.ts';
import type { Store } from '../../../../src/store/store.ts';
import { latestFiles, takeBackup } from '../../../support/backup.ts';
import { makeDraft } from '../../../support/drafts.ts';
import { GitFolder } from '../../../support/git-folder.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { addWorkflow } from '../../../support/stand-in/workflow-actions.ts';

let n8n: StandIn;
let folder: GitFolder;
let store: Store;

beforeEach(async () => {
  n8n = await startStandIn({ licensed: true });
  folder = new GitFolder();
  store = createGitStore({ name: 'repo', path: folder.at('repo'), cacheDir: folder.at('cache'), env: process.env });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
  await n8n.stop();
});

it('a backup keeps ids with NUL, slashes, line breaks and reserved names as data, under paths that are safe', async () => {
  const ids = ['nul\0nul', '../../up', 'line\nbreak', 'CON'];
  for (const id of ids) addWorkflow(n8n.state, { id, name: 'Flow' });
  const { header } = await takeBackup(n8n, { store });
  expect(header.kinds.workflows).toMatchObject({ coverage: 'complete', items: ids.length });

  const drafts = [...(await latestFiles(store))].filter(([path]) => path.startsWith('workflows/'));
  expect(drafts.map(([, text]) => (JSON.parse(text) as { id: string }).id).sort()).toEqual([...ids].sort());
  for (const [path] of drafts) expect(path).toMatch(/^workflows\/flow\.[A-Za-z0-9_-]+~[0-9a-f]{16}\.json$/);
  expect(folder.git('repo', 'status', '--porcelain')).toBe('');
  expect((await takeBackup(n8n, { store })).stores).toMatchObject([{ status: 'unchanged' }]);
});

it('a backup says which id no request can name, and takes it for no other', async () => {
  addWorkflow(n8n.state, { id: '..', name: 'Up' });
  const { header } = await takeBackup(n8n, { store });
  expect(header.kinds.workflows).toMatchObject({
    coverage: 'failed',
    reason: { code: 'error', message: expect.stringContaining('the id ".."') as string },
  });
});

it('a backup saves nothing over a snapshot of a newer format', async () => {
  const newer = makeDraft({ files: { 'flowkeep.json': JSON.stringify({ format: 2, instance: 'prod' }) } });
  await store.save(newer);
  addWorkflow(n8n.state, { id: 'w1', name: 'Flow' });
  await expect(takeBackup(n8n, { store })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('format 2') as string,
    remedy: expect.stringContaining('flowkeep') as string,
  });
  expect((await store.list('prod')).map(({ id }) => id)).toEqual([newer.info.id]);
});
