import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSnapshot, snapshotIds } from './bucket-truth.ts';
import { startBucketWorld, type BucketWorld } from './bucket-world.ts';

/** A bucket whose manifests are all gone: no empty store, for any command, and the next backup begins it again. */

let world: BucketWorld;
beforeAll(async () => {
  world = await startBucketWorld();
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

it.each([
  ['the index', ['snapshots', 'removed', 'objects', 'documents']],
  ['the copies of removed manifests', ['snapshots', 'index', 'objects', 'documents']],
  ['old objects', ['snapshots', 'index', 'removed', 'documents']],
])('of which %s is left', async (_what, gone) => {
  world.reset();
  const { objects } = world.s3;
  for (const key of objects.keys()) if (gone.includes(key.split('/')[1] ?? '')) objects.delete(key);
  for (const object of objects.values()) object.lastModified -= 24 * 60 * 60 * 1000;

  for (const args of [['snapshots'], ['verify', '--all']]) {
    const run = await world.run(...args);
    expect(run, args.join(' ')).toMatchObject({ code: 5 });
    expect(`${run.stdout}${run.stderr}`).toContain('versions');
  }
  const json = await world.run('snapshots', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ snapshots: [], emptied: [{ code: 'store-empty' }] });
  await world.run('backup');
  const second = await world.run('backup');
  expect(second).toMatchObject({ code: 0 });
  const [newest = ''] = snapshotIds(objects).slice(-1);
  expect(readSnapshot(objects, newest)).not.toBeNull();
  expect(await world.run('verify', '--all')).toMatchObject({ code: 0 });
  expect(await world.run('snapshots')).toMatchObject({ code: 0 });
});
