import { isStoreError } from '../../../src/store/errors.ts';
import type { ObjectStore } from '../../../src/store/objects/store.ts';
import type { SnapshotDraft } from '../../../src/store/store.ts';
import { makeDraft } from '../drafts.ts';
import { content, readAll } from './files.ts';

const INSTANCE = 'prod';

/**
 * Rounds of what must never lose a file: two saves of one instance that want old, new and each other's objects, the
 * removal of the snapshot that they build on, and a collection of garbage, all at the same moment. After each round
 * both snapshots are listed and every file of theirs is read.
 * @param openStore gives what another process would have
 * @param settle runs between rounds: makes what was uploaded old
 * @returns how many objects were collected in all
 */
export async function runCollisions(
  rounds: number,
  openStore: () => ObjectStore,
  settle: () => Promise<void> | void,
): Promise<number> {
  await using first = openStore();
  await using second = openStore();
  await using pruner = openStore();
  let collected = 0;
  for (let round = 0; round < rounds; round++) {
    await settle();
    const [one, two] = [draftOf(round, 'one'), draftOf(round, 'two')];
    const old = (await pruner.list(INSTANCE)).at(-1);
    const removeOld = async (): Promise<void> => {
      if (old) await pruner.remove(INSTANCE, old.id);
    };
    const [, , , report] = await Promise.all([first.save(one), second.save(two), removeOld(), pruner.collectGarbage()]);
    collected += report.removed;
    await pruneAllBut(pruner, [one, two]);
    collected += (await pruner.collectGarbage()).removed;
    await expectWhole(openStore, [one, two]);
  }
  return collected;
}

/**
 * Files that come and go: one that both write, one of each writer's own, some from earlier rounds that are garbage by
 * now, and some that stay.
 */
function draftOf(round: number, writer: string): SnapshotDraft {
  const takenAt = `${new Date(Date.UTC(2026, 0, 1) + round * 60_000 + (writer === 'one' ? 0 : 1000)).toISOString().slice(0, 19)}Z`;
  return makeDraft({
    instance: INSTANCE,
    takenAt,
    files: {
      'workflows/shared.json': content(`shared ${round}`),
      [`workflows/${writer}.json`]: content(`${writer} ${round}`),
      'workflows/back-again.json': content(`shared ${round - 3}`),
      'workflows/long-gone.json': content(`shared ${round - 25}`),
      'workflows/every-other.json': content(`every other ${round % 2}`),
      'workflows/stable.json': content('stable'),
    },
  });
}

async function pruneAllBut(store: ObjectStore, kept: readonly SnapshotDraft[]): Promise<void> {
  const ids = new Set(kept.map(({ info }) => info.id));
  for (const { id } of await store.list(INSTANCE)) if (!ids.has(id)) await store.remove(INSTANCE, id);
}

async function expectWhole(openStore: () => ObjectStore, drafts: readonly SnapshotDraft[]): Promise<void> {
  await using reader = openStore();
  const listed = (await reader.list(INSTANCE)).map(({ id }) => id);
  for (const { info, files } of drafts) {
    if (!listed.includes(info.id)) throw new Error(`snapshot ${info.id} is not listed`);
    try {
      const read = await readAll(await reader.open(INSTANCE, info.id));
      if (Object.keys(read).length !== files.size) throw new Error(`snapshot ${info.id} lost a file`);
    } catch (error) {
      if (isStoreError(error, 'integrity')) throw new Error(`snapshot ${info.id} lost an object: ${error.message}`);
      throw error;
    }
  }
}
