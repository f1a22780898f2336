import { afterEach, beforeEach, expect, it } from 'vitest';
import { day, idsOf, MirrorWorld } from '../../support/mirror-world.ts';

let world: MirrorWorld;
beforeEach(() => {
  world = new MirrorWorld();
});
afterEach(() => world[Symbol.dispose]());

const [first, second, third, fourth] = [day(1, 'one'), day(2, 'two'), day(3, 'three'), day(4, 'four')];

const SECRET = [
  'error: GH013: Push cannot contain secrets',
  '  path: prod/a.json:1',
  '  https://git.example.com/unblock/1',
];

it('a folder whose remote is down takes the snapshot, says that the push is owed, and the next run pushes it', async () => {
  await world.run().save(first);
  world.takeDown();
  const { owed, filesWritten } = await world.run().save(second);
  expect(filesWritten).toBe(1);
  expect(owed?.message).toMatch(/^saved in .*\/here; the push to file:.*\/remote is owed: there is no repository/);
  expect(owed?.remedy).toMatch(/Check `remote`.*The next run pushes it\.$/);
  expect(world.read('here/prod/a.json')).toBe('two');
  // Nothing to save: it is owed still.
  expect((await world.run().latest('prod'))?.owed?.message).toMatch(/the push to .* is owed/);
  world.bringUp();
  const latest = await world.run().latest('prod');
  expect([latest?.info.id, latest?.owed]).toEqual([second.info.id, undefined]);
  expect(world.ids('remote')).toEqual(idsOf(second, first));
});

it('a remote whose history was rewritten gets nothing back of what was purged, and the snapshots it never had', async () => {
  await world.run().save(day(1, 'hunter2'));
  await world.run().save(second);
  world.takeDown();
  await world.run().save(third);
  world.bringUp();
  world.purge('hunter2');
  const purged = world.ids('remote');

  const { warnings: told, owed } = await world.run().save(fourth);
  expect(owed).toBeUndefined();
  expect(world.everything('remote')).not.toContain('hunter2');
  expect(world.ids('remote')).toEqual([...idsOf(fourth, third), ...purged]);
  expect(world.git('here', 'rev-parse', 'main')).toBe(world.git('remote', 'rev-parse', 'main'));
  expect(world.git('here', 'status', '--porcelain')).toBe('');
  expect(told.join()).toMatch(/was rewritten: 2 commits .* gone from it.* 1 snapshots that were never there/);

  // The command that the warning gives deletes it here as well.
  const [command = ''] = /`git -C .*`/.exec(told.join()) ?? [];
  for (const part of command.slice(1, -1).split(' && ')) world.git('here', ...part.split(' ').slice(3));
  expect(world.everything('here')).not.toContain('hunter2');
  expect((await world.run().save(day(5, 'five'))).warnings).toEqual([]);
});

it('a remote that refuses a commit gets the cleaned one, which says what is missing before it', async () => {
  await world.run().save(first);
  world.refuse('s3cret', SECRET);
  const bad = day(2, 's3cret');
  const { owed } = await world.run().save(bad);
  expect(owed?.message).toMatch(
    /is owed: .*secret in a commit. The remote said:\n.*GH013.*\n.*prod\/a.json:1\n.*unblock/,
  );
  expect((await world.run().latest('prod'))?.owed?.message).toContain('unblock/1');
  expect(world.ids('here')).toEqual(idsOf(bad, first));

  const saved = await world.run().save(third);
  expect(saved.owed).toBeUndefined();
  expect(saved.warnings).toEqual([expect.stringContaining(`refs/flowkeep/refused/${bad.info.id}`)]);
  expect(world.ids('remote')).toEqual(idsOf(third, first));
  expect(world.ids('here')).toEqual(world.ids('remote'));
  expect(world.git('remote', 'log', '-1', '--format=%b', 'main')).toContain(`refused them:\n- ${bad.info.id}\n\nFlow`);
  expect((await world.run().list('prod')).map(({ id }) => id)).toEqual(idsOf(third, first));
  expect(world.git('here', 'show', `refs/flowkeep/refused/${bad.info.id}:prod/a.json`)).toBe('s3cret');
  expect(world.everything('remote')).not.toContain('s3cret');
  expect((await world.run().latest('prod'))?.owed).toBeUndefined();
});

it('documents of a folder whose remote is down keep its runs apart, and reach the remote later', async () => {
  await world.run().save(first);
  world.takeDown();
  const version = await world.run().writeDocument('prod/lease.json', Buffer.from('mine'), null);
  await expect(world.run().writeDocument('prod/lease.json', Buffer.from('other'), null)).rejects.toMatchObject({
    reason: 'conflict',
  });
  expect(world.warnings.join()).toMatch(/keeps runs on this folder apart/);
  world.bringUp();
  // The holder goes on where the remote is back.
  const renewed = await world.run().writeDocument('prod/lease.json', Buffer.from('renewed'), version);
  expect(await world.open().readDocument('prod/lease.json')).toMatchObject({ version: renewed });
  await world.run().removeDocument('prod/lease.json', renewed);
  expect(await world.open().readDocument('prod/lease.json')).toBeNull();
});
