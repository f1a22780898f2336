import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitStore } from '../../../../../src/store/git/store.ts';
import type { Store } from '../../../../../src/store/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { Repository, type TreeEntry } from '../../../../support/hostile/tampered-git.ts';

/** Entries that git's own commands refuse to make, or that flowkeep does not write, put into the folder `workflows`. */
type Hostile = readonly [what: string, says: RegExp, entries: (repository: Repository) => readonly TreeEntry[]];

const blob = (repository: Repository, text = '{}'): string => repository.object('blob', Buffer.from(text));

const HOSTILE: readonly Hostile[] = [
  [
    'a symbolic link',
    /"prod\/workflows\/x", which is a symbolic link/,
    (r) => [{ mode: '120000', name: 'x', oid: blob(r, '/etc/passwd') }],
  ],
  [
    'a submodule',
    /"prod\/workflows\/sub", which is a submodule/,
    () => [{ mode: '160000', name: 'sub', oid: '1'.repeat(40) }],
  ],
  [
    'the same name twice',
    /"prod\/workflows\/a.json", which occurs twice/,
    (r) => [{ mode: '100644', name: 'a.json', oid: blob(r, '{"evil":1}') }],
  ],
  [
    'a name that is not UTF-8',
    /which has a name that is not UTF-8/,
    (r) => [{ mode: '100644', name: Buffer.from([0xff, 0xfe]), oid: blob(r) }],
  ],
  ['an empty name', /a folder that git cannot read/, (r) => [{ mode: '100644', name: '', oid: blob(r) }]],
  [
    'a folder that is not there',
    /a folder that git cannot read/,
    () => [{ mode: '040000', name: 'x', oid: '1'.repeat(40) }],
  ],
  ['a folder that is a file', /a folder that git cannot read/, (r) => [{ mode: '040000', name: 'x', oid: blob(r) }]],
];

const files = new Map([
  ['flowkeep.json', Buffer.from('{}')],
  ['workflows/a.json', Buffer.from('{}')],
]);
let folder: string;
let repository: Repository;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowkeep-tree-'));
  repository = new Repository(join(folder, 'repo'));
  store = createGitStore({ name: 'repo', path: repository.path, cacheDir: join(folder, 'cache'), env: process.env });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

it.each(HOSTILE)('%s is refused, and gone with the next snapshot', async (_what, says, entries) => {
  const takenAt = '2026-11-21T00:00:00Z';
  repository.commit({ instance: 'prod', files, takenAt, extra: (r) => ({ workflows: entries(r) }) });
  await expect(store.latest('prod')).rejects.toMatchObject({
    reason: 'integrity',
    exitCode: 5,
    message: expect.stringMatching(says) as string,
  });

  await store.save(makeDraft({ takenAt: '2026-11-22T00:00:00Z', files: { 'flowkeep.json': '{}' } }));
  expect([...((await store.latest('prod'))?.files.keys() ?? [])]).toEqual(['flowkeep.json']);
  expect(repository.git(['ls-tree', '-r', '--name-only', 'main'])).toBe('prod/flowkeep.json');
});

it('a file that git has lost is listed, named where it is read, and written again', async () => {
  const takenAt = '2026-11-21T00:00:00Z';
  const lost: TreeEntry = {
    mode: '100644',
    name: 'lost.json',
    oid: repository.object('blob', Buffer.from('lost')),
  };
  repository.commit({ instance: 'prod', files, takenAt, extra: () => ({ workflows: [lost] }) });
  rmSync(join(repository.path, '.git', 'objects', lost.oid.slice(0, 2), lost.oid.slice(2)));
  const latest = await store.latest('prod');
  expect([...(latest?.files.keys() ?? [])]).toContain('workflows/lost.json');
  await expect(latest?.read('workflows/lost.json')).rejects.toThrow('prod/workflows/lost.json');

  const draft = makeDraft({
    takenAt: '2026-11-22T00:00:00Z',
    files: { 'flowkeep.json': '{}', 'workflows/lost.json': 'lost' },
  });
  await store.save(draft);
  const healed = await (await store.latest('prod'))?.read('workflows/lost.json');
  expect(Buffer.from(healed ?? []).toString()).toBe('lost');
});

it.each([
  ['files', 'more than 300,000 files'],
  ['folders', 'more than 900,000 files and folders'],
])('a tree that stands for a billion %s is refused, and replaced by the next snapshot', async (what, says) => {
  const takenAt = '2026-11-21T00:00:00Z';
  const bomb = (r: Repository): string =>
    nested(r, r.tree(what === 'files' ? [{ mode: '100644', name: 'x', oid: blob(r) }] : []));
  const extra = (r: Repository) => ({ '': [{ mode: '040000', name: 'workflows', oid: bomb(r) } as const] });
  const header = new Map([['flowkeep.json', Buffer.from('{}')]]);
  const oid = repository.commit({ instance: 'prod', files: header, takenAt, extra });
  repository.git(['repack', '-a', '-d', '-q']);
  await expect(store.latest('prod')).rejects.toMatchObject({
    exitCode: 5,
    message: expect.stringContaining(says) as string,
  });

  const draft = makeDraft({ takenAt: '2026-11-22T00:00:00Z', files: { 'flowkeep.json': '{}' } });
  const { warnings } = await store.save(draft);
  expect(warnings.join()).toContain(`commit ${oid} has more than 1,000,000 files and folders`);
  expect([...((await store.latest('prod'))?.files.keys() ?? [])]).toEqual(['flowkeep.json']);

  // What the warning says to do ends it.
  repository.git(['reset', '--quiet', '--hard']);
  const next = makeDraft({ takenAt: '2026-11-23T00:00:00Z', files: { 'flowkeep.json': '{"a":1}' } });
  expect((await store.save(next)).warnings).toEqual([]);
  expect(repository.git(['status', '--porcelain'])).toBe('');
});

/** The same folder ten times, in a folder that is there ten times, and so on. */
function nested(repository: Repository, leaf: string): string {
  let tree = leaf;
  for (let depth = 0; depth < 9; depth++) {
    const entries = [...'0123456789'].map((name) => ({ mode: '040000', name, oid: tree }) as const);
    tree = repository.tree(entries);
  }
  return tree;
}
