import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { day, idsOf, MirrorWorld } from '../../support/mirror-world.ts';

let world: MirrorWorld;
beforeEach(() => {
  world = new MirrorWorld();
});
afterEach(() => world[Symbol.dispose]());

const [first, second, third, fourth] = [day(1, 'one'), day(2, 'two'), day(3, 'three'), day(4, 'four')];

describe('a folder whose remote is down', () => {
  it('a folder whose remote is down says of a run that owes nothing that the remote could not be asked', async () => {
    await world.run().save(first);
    world.takeDown();
    expect((await world.run().latest('prod'))?.owed?.message).toMatch(
      /could not be asked, and what .*here has is used/,
    );
  });

  it('a folder whose remote is down is read, and it is said once that the remote could not be asked', async () => {
    await world.run().save(first);
    await world.run().save(second);
    world.takeDown();
    const store = world.run();
    expect((await store.list('prod')).map(({ id }) => id)).toEqual(idsOf(second, first));
    expect((await store.latest('prod'))?.info.id).toBe(second.info.id);
    const opened = await store.open('prod', first.info.id);
    expect(Buffer.from(await opened.read('a.json')).toString()).toBe('one');
    expect(world.warnings).toEqual([expect.stringMatching(/could not be asked/)]);
  });

  it('a folder whose remote is down is not said to be empty, nor to lack a snapshot that may be there', async () => {
    world.takeDown();
    await expect(world.run().list()).rejects.toThrow(/could not be asked, and .*here has nothing/);
    await world.run().save(first);
    await expect(world.run().open('prod', second.info.id)).rejects.toThrow(/is owed/);
  });

  it('a folder whose remote was down goes on top of what others pushed meanwhile', async () => {
    await world.run().save(first);
    world.takeDown();
    await world.run().save(second);
    world.bringUp();
    await world.open().save(day(2, 'other', 'staging'));
    expect((await world.run().save(third)).owed).toBeUndefined();
    expect(world.ids('remote')).toEqual(idsOf(third, second, day(2, 'other', 'staging'), first));
    expect(world.ids('here')).toEqual(world.ids('remote'));
  });

  it('a folder whose remote has never been asked begins a history, which goes on top of that of the remote', async () => {
    await world.open().save(first);
    world.takeDown();
    expect((await world.run().save(second)).owed).toBeDefined();
    world.bringUp();
    await world.run().list();
    expect(world.ids('remote')).toEqual(idsOf(second, first));
  });
});

describe('documents of a folder whose remote is down', () => {
  const text = (content: string): Buffer => Buffer.from(content);

  it('documents of a folder whose remote is down are those of the last run that could ask, also what others wrote', async () => {
    const elsewhere = world.open();
    await world.run().save(first);
    const known = await elsewhere.writeDocument('prod/identity.json', text('{"1":"2"}'), null);
    await world.run().latest('prod');
    world.takeDown();
    const found = await world.run().readDocument('prod/identity.json');
    expect(found).toMatchObject({ version: known });
    await world.run().writeDocument('prod/identity.json', text('{"1":"2","3":"4"}'), known);
    world.bringUp();
    // A run that only looks delivers it.
    await world.run().latest('prod');
    expect((await elsewhere.readDocument('prod/identity.json'))?.content.toString()).toBe('{"1":"2","3":"4"}');
  });

  it('documents of a folder whose remote was down give way to what others wrote there, and are kept', async () => {
    await world.run().writeDocument('prod/identity.json', text('base'), null);
    world.takeDown();
    const base = await world.run().readDocument('prod/identity.json');
    await world.run().writeDocument('prod/identity.json', text('mine'), base?.version ?? null);
    world.bringUp();
    await world.open().writeDocument('prod/identity.json', text('theirs'), base?.version ?? null);
    expect((await world.run().readDocument('prod/identity.json'))?.content.toString()).toBe('theirs');
    const [kept = ''] = world.refs('here', 'refs/flowkeep/replaced');
    expect(world.git('here', 'show', `${kept}:content`)).toBe('mine');
    expect(world.warnings.join()).toContain(kept);
  });
});

describe('a remote whose history was rewritten', () => {
  it('a remote that was moved back gets nothing of what was taken from it', async () => {
    for (const draft of [first, second, third]) await world.run().save(draft);
    world.git('remote', 'update-ref', 'refs/heads/main', 'main~2');
    expect((await world.run().latest('prod'))?.info.id).toBe(first.info.id);
    expect(world.ids('remote')).toEqual(idsOf(first));
    await world.run().save(fourth);
    expect(world.ids('remote')).toEqual(idsOf(fourth, first));
  });

  it.each(['with a folder', 'without'])(
    'a remote that is moved back while n8n is read gets nothing of it either, %s',
    async (how) => {
      const store = how === 'without' ? world.open() : world.run();
      for (const draft of [first, second]) await store.save(draft);
      await store.latest('prod');
      world.git('remote', 'update-ref', 'refs/heads/main', 'main~1');
      await store.save(third);
      expect(world.ids('remote')).toEqual(idsOf(third, first));
    },
  );

  it('a remote that was rewritten is not written to where the folder has commits of others on what is gone', async () => {
    await world.run().save(first);
    await world.run().save(second);
    world.commitFile('here', 'mine.txt', 'mine');
    world.git('remote', 'update-ref', 'refs/heads/main', 'main~1');
    const { owed } = await world.run().save(third);
    expect(owed).toMatchObject({ reason: 'conflict', message: expect.stringContaining('was rewritten') as string });
    expect(world.ids('remote')).toEqual(idsOf(first));
    const command = /rebase -X theirs --onto FETCH_HEAD \w+ main/.exec(owed?.remedy ?? '')?.[0] ?? '';
    world.git('here', 'fetch', '--quiet', world.at('remote'), 'main');
    world.git('here', ...command.split(' '));
    await world.run().latest('prod');
    expect(world.ids('remote')).toEqual(idsOf(third, first));
  });

  it('a remote whose branch is gone does not get it back by itself, and is told how to', async () => {
    await world.run().save(first);
    world.git('remote', 'update-ref', '-d', 'refs/heads/main');
    for (const store of [world.run(), world.run()]) {
      const { owed } = await store.save(second);
      expect(owed?.message).toMatch(/branch main is gone from .*, where it was at/);
    }
    expect(world.git('remote', 'for-each-ref', 'refs/heads')).toBe('');
    expect((await world.run().list('prod')).map(({ id }) => id)).toEqual(idsOf(second, first));
    world.git('here', 'push', '--quiet', world.at('remote'), 'main');
    expect((await world.run().save(third)).owed).toBeUndefined();
    expect(world.ids('remote')).toEqual(idsOf(third, second, first));
  });

  it('a remote whose branch was removed on purpose begins again as the remedy says', async () => {
    await world.run().save(first);
    world.git('remote', 'update-ref', '-d', 'refs/heads/main');
    const { owed } = await world.run().save(second);
    expect(owed?.remedy).toMatch(/branch -m main former-main.*switch --orphan main/);
    world.git('here', 'branch', '-m', 'main', 'former-main');
    world.git('here', 'switch', '--quiet', '--orphan', 'main');
    expect((await world.run().save(third)).owed).toBeUndefined();
    expect(world.ids('remote')).toEqual(idsOf(third));
    expect(world.read('here/prod/a.json')).toBe('three');
  });

  it('a remote that is another one than before gets all that the folder has', async () => {
    await world.run().save(first);
    world.createRepository('new', '--bare');
    await world.open({ path: world.at('here'), remote: `file://${world.at('new')}` }).save(second);
    expect(world.ids('new')).toEqual(idsOf(second, first));
  });

  it('a remote that was rewritten gets nothing back from a clone that can be thrown away, and it is said', async () => {
    for (const draft of [day(1, 'hunter2'), second]) await world.open().save(draft);
    await world.open().list();
    world.purge('hunter2');
    const store = world.open();
    await store.latest('prod');
    await store.save(third);
    expect((await store.list()).map(({ id }) => id)).toHaveLength(3);
    expect(world.everything('remote')).not.toContain('hunter2');
    expect(world.warnings).toEqual([expect.stringMatching(/branch main at .* was rewritten since it was last seen/)]);
  });
});

const SECRET = [
  'error: GH013: Push cannot contain secrets',
  '  path: prod/a.json:1',
  '  https://git.example.com/unblock/1',
];

describe('a remote that refuses a commit', () => {
  it('a remote that refuses one of many commits gets the others, each in its turn', async () => {
    await world.run().save(first);
    world.takeDown();
    const drafts = [day(2, 'two'), day(3, 's3cret a'), day(4, 'four'), day(5, 's3cret b'), day(6, 's3cret c')];
    for (const draft of drafts) await world.run().save(draft);
    bringUpAndRefuse();
    expect((await world.run().latest('prod'))?.owed?.message).toContain('GH013');
    expect(world.ids('remote')).toEqual(idsOf(day(4, 'four'), day(2, 'two'), first));
    // What is refused still and is the newest stays in the folder, and is listed there.
    expect((await world.run().list('prod')).map(({ id }) => id)).toEqual(
      idsOf(day(6, 's3cret c'), day(5, 's3cret b'), day(4, 'four'), day(2, 'two'), first),
    );
    expect((await world.run().save(day(7, 'seven'))).owed).toBeUndefined();
    expect(world.ids('remote')[0]).toBe(day(7, 'seven').info.id);
    expect(world.everything('remote')).not.toContain('s3cret');
  });

  it('a remote that refuses a commit and allows it later gets all of them, as they are', async () => {
    await world.run().save(first);
    world.refuse('s3cret', SECRET);
    const bad = [day(2, 's3cret a'), day(3, 's3cret b'), day(4, 's3cret c')];
    for (const draft of bad) expect((await world.run().save(draft)).owed).toBeDefined();
    expect(world.ids('here')).toHaveLength(4);
    world.hook(['cat >/dev/null']);
    expect((await world.run().latest('prod'))?.owed).toBeUndefined();
    expect(world.ids('remote')).toEqual(idsOf(...bad.toReversed(), first));
    expect(world.refs('here', 'refs/flowkeep/refused')).toEqual([]);
  });

  it.each([
    ['a protected branch', 'error: GH006: Protected branch update failed for refs/heads/main.'],
    ['a user without the right', 'You are not allowed to push code to this project.'],
    ['a full disk', 'fatal: write error: No space left on device'],
  ])('a remote that refuses every commit (%s) costs none of them', async (_what, says) => {
    await world.run().save(first);
    world.hook(['cat >/dev/null', `echo '${says}' >&2`, 'exit 1']);
    for (const draft of [second, third]) expect((await world.run().save(draft)).owed?.message).toContain(says);
    world.hook(['cat >/dev/null']);
    await world.run().save(fourth);
    expect(world.ids('remote')).toEqual(idsOf(fourth, third, second, first));
  });

  it('a remote that refuses a push for its size gets it in parts', async () => {
    await world.run().save(first);
    world.takeDown();
    const large = [2, 3, 4].map((number) => day(number, `${number}`.repeat(9) + randomText(40_000)));
    for (const draft of large) await world.run().save(draft);
    world.bringUp();
    world.git('remote', 'config', 'receive.maxInputSize', '60000');
    expect((await world.run().latest('prod'))?.owed).toBeUndefined();
    expect(world.ids('remote')).toEqual(idsOf(...large.toReversed(), first));
  });

  it('a remote that refuses a commit of others between costs nothing', async () => {
    await world.run().save(first);
    world.refuse('s3cret', SECRET);
    await world.run().save(day(2, 's3cret'));
    world.commitFile('here', 'mine.txt', 'mine');
    expect((await world.run().save(third)).owed?.message).toContain('GH013');
    expect(world.git('here', 'log', '--format=%s', 'main').split('\n')).toHaveLength(4);
    expect(world.ids('remote')).toEqual(idsOf(first));
  });
});

function bringUpAndRefuse(): void {
  world.bringUp();
  world.refuse('s3cret', SECRET);
}

/** Text that no compression makes small. */
function randomText(length: number): string {
  return randomBytes(length / 2).toString('hex');
}
