import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../../../../src/store/objects/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { content, readAll, workflows } from '../../../../support/s3/files.ts';
import { S3StandIn } from '../../../../support/s3/stand-in.ts';
import { createS3Store } from '../../../../support/s3/store.ts';

let server: S3StandIn;
let store: ObjectStore;
beforeEach(async () => {
  server = await S3StandIn.start();
  store = createS3Store(server.storeOptions());
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const files = workflows(10);
const draft = makeDraft({ files });

/** Flips a byte in each stored object of the snapshot, and marks them as `verify` does. @returns their names */
async function damageAll(): Promise<string[]> {
  const snapshot = await store.open('prod', draft.info.id);
  const objects = [...snapshot.files.keys()].flatMap((path) => snapshot.objectOf?.(path) ?? []);
  for (const [key, object] of server.objects) {
    if (key.includes('/objects/')) object.bytes = Buffer.from(object.bytes).fill(0xff, 30, 31);
  }
  await store.markDamaged(objects);
  return objects;
}

describe('damaged objects', () => {
  it('damaged objects are remembered, and none in a healthy store', async () => {
    await store.save(draft);
    expect(await store.repairNeeded()).toEqual([]);
    const objects = await damageAll();

    expect(objects).toHaveLength(10);
    expect((await store.repairNeeded()).sort()).toEqual(objects.sort());
    await store.markDamaged(objects);
    expect(await store.repairNeeded()).toHaveLength(10);
  });

  it('damaged objects are restored by a repair, without a new snapshot', async () => {
    await store.save(draft);
    const objects = await damageAll();
    await expect(readAll(await store.latest('prod'))).rejects.toMatchObject({ reason: 'integrity' });

    expect((await store.repair(draft.files)).sort()).toEqual(objects.sort());
    expect(await readAll(await store.latest('prod'))).toEqual(files);
    expect(await store.repairNeeded()).toEqual([]);
    expect(await store.list()).toHaveLength(1);
  });

  it('damaged objects are repaired by the next save, for older snapshots too', async () => {
    await store.save(draft);
    await damageAll();
    const next = makeDraft({ takenAt: '2026-11-24T06:00:00Z', files: { ...files, 'w/new': content('new') } });
    await store.save(next);

    expect(await readAll(await store.open('prod', draft.info.id))).toEqual(files);
    expect(await readAll(await store.latest('prod'))).toEqual({ ...files, 'w/new': content('new') });
    expect(await store.repairNeeded()).toEqual([]);
  });

  it('damaged objects stay remembered while nobody has their bytes, and are forgotten with their snapshot', async () => {
    await store.save(draft);
    await damageAll();
    const other = makeDraft({ takenAt: '2026-11-24T06:00:00Z', files: workflows(9) });
    await store.save(other);
    expect(await store.repairNeeded()).toHaveLength(1);

    await store.remove('prod', draft.info.id);
    for (const object of server.objects.values()) object.lastModified = 0;
    await store.collectGarbage();
    expect(await store.repairNeeded()).toEqual([]);
  });

  it('damaged objects may be missing altogether', async () => {
    await store.save(draft);
    const objects = await damageAll();
    for (const key of server.objects.keys()) if (key.includes('/objects/')) server.objects.delete(key);

    expect(await store.repair(draft.files)).toHaveLength(objects.length);
    expect(await readAll(await store.latest('prod'))).toEqual(files);
  });

  it('damaged objects have names that flowkeep knows', async () => {
    await expect(store.markDamaged(['../../other'])).rejects.toMatchObject({ reason: 'not-found' });
  });
});
