import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitStore } from '../../../../../src/store/git/store.ts';
import type { Store } from '../../../../../src/store/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { GitFolder } from '../../../../support/git-folder.ts';
import { GitHttpServer } from '../../../../support/git-http.ts';

let folder: GitFolder;
let server: GitHttpServer;
let remote: string;
/** What happens while the writer waits for its next try. */
let whileWaiting: () => void;
beforeEach(async () => {
  folder = new GitFolder();
  server = await GitHttpServer.start({ root: folder.path });
  remote = server.createRepository('backup.git');
  whileWaiting = () => undefined;
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const draft = makeDraft({ instance: 'prod', files: { 'a.json': 'alpha' } });
const forms: readonly (readonly [string, () => Store])[] = [
  ['a store with a remote alone', () => openStore({})],
  ['a store with a path and a remote', () => openStore({ path: folder.at('mirror') })],
];

it.each(forms)('%s saves although nine others are faster, one after another', async (_form, open) => {
  await using store = open();
  await store.latest('prod');
  let others = 0;
  server.beforeRequest = async ({ method, url }) => {
    if (method === 'POST' && url?.includes('receive-pack') && others < 9) pushByAnother(others++);
  };
  await store.save(draft);
  expect(others).toBe(9);
  expect(subjects()).toHaveLength(10);
  expect(subjects()[0]).toBe('prod: 1 files');
});

it.each(forms)('%s looks at the remote after it waited, so that the next push is in time', async (_form, open) => {
  pushByAnother(0);
  await using store = open();
  await store.latest('prod');
  pushByAnother(1);
  whileWaiting = () => {
    pushByAnother(2);
    whileWaiting = () => undefined;
  };
  const before = server.requests.length;
  await store.save(draft);
  const looks = server.requests.slice(before).filter((request) => request.startsWith('GET') && isPush(request));
  expect(looks).toHaveLength(2);
  expect(subjects()).toHaveLength(4);
});

function openStore(options: { path?: string }): Store {
  return createGitStore({
    name: 'remote',
    remote,
    cacheDir: folder.at('cache'),
    clock: { now: Date.now, random: Math.random, sleep: async () => whileWaiting() },
    env: process.env,
    ...options,
  });
}

function isPush(request: string): boolean {
  return request.includes('git-receive-pack');
}

function subjects(): string[] {
  return folder.git('backup.git', 'log', '--format=%s', 'main').split('\n');
}

function pushByAnother(number: number): void {
  const parent = number === 0 ? [] : ['from refs/heads/main^0'];
  const lines = [
    'commit refs/heads/main',
    'committer Other <other@example.com> now',
    'data 5',
    'other',
    ...parent,
    `M 100644 inline other-${number}.txt`,
    'data 1',
    'x',
    '',
  ];
  folder.gitWithInput('backup.git', lines.join('\n'), 'fast-import', '--quiet', '--date-format=now');
}
