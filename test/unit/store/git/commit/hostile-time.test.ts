import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitStore } from '../../../../../src/store/git/store.ts';
import type { Store } from '../../../../../src/store/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { Repository } from '../../../../support/hostile/tampered-git.ts';

const draft = makeDraft({ takenAt: '2026-11-22T00:00:00Z', files: { 'flowkeep.json': '{}' } });
const next = makeDraft({ takenAt: '2026-11-23T00:00:00Z', files: { 'flowkeep.json': '{"a":1}' } });

let folder: string;
let repository: Repository;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowkeep-time-'));
  repository = new Repository(join(folder, 'repo'));
  store = createGitStore({ name: 'repo', path: repository.path, cacheDir: join(folder, 'cache'), env: process.env });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** A commit on top of the branch that calls itself a snapshot, with this id and committed at this time. */
function commit(id: string, seconds: number): void {
  const person = `Mallory <mallory@example.com> ${seconds} +0000`;
  const lines = [
    `tree ${repository.git(['rev-parse', 'main^{tree}'])}`,
    `parent ${repository.git(['rev-parse', 'main'])}`,
    ...[`author ${person}`, `committer ${person}`, '', 'prod: 1 workflow changed', ''],
    ...[`Flowkeep-Snapshot: ${id}`, 'Flowkeep-Instance: prod', 'Flowkeep-Format: 1', ''],
  ];
  repository.git(['update-ref', 'refs/heads/main', repository.object('commit', Buffer.from(lines.join('\n')))]);
}

it.each(['zz', '20269999T999999Z-x'])(
  'a commit without a time, in its id %s or of its own, is no snapshot',
  async (id) => {
    await store.save(draft);
    commit(id, 99_999_999_999_999);
    expect((await store.list('prod')).map((info) => info.id)).toEqual([draft.info.id]);
    expect((await store.latest('prod'))?.info.id).toBe(draft.info.id);

    await store.save(next);
    expect((await store.latest('prod'))?.info.id).toBe(next.info.id);
  },
);

it('a commit whose id has no time is of the time of the commit', async () => {
  await store.save(draft);
  commit('20269999T999999Z-x', Date.parse('2026-11-22T12:00:00Z') / 1000);
  expect((await store.latest('prod'))?.info).toMatchObject({
    id: '20269999T999999Z-x',
    takenAt: '2026-11-22T12:00:00Z',
  });
});
