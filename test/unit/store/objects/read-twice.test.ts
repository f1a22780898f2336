import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../../../src/store/objects/store.ts';
import { makeDraft } from '../../../support/drafts.ts';
import { firstTimes, type S3Call } from '../../../support/s3/faults.ts';
import { content, readAll, workflows } from '../../../support/s3/files.ts';
import { S3StandIn } from '../../../support/s3/stand-in.ts';
import { createS3Store } from '../../../support/s3/store.ts';

const files = { ...workflows(3), 'flowkeep.json': content('header') };
const FOLDERS = ['snapshots', 'objects', 'documents', 'index'] as const;

let server: S3StandIn;
let store: ObjectStore;
beforeEach(async () => {
  server = await S3StandIn.start();
  await using first = createS3Store(server.storeOptions());
  for (let day = 1; day <= 12; day++)
    await first.save(makeDraft({ takenAt: `2026-11-${String(day).padStart(2, '0')}T06:00:00Z`, files }));
  await first.writeDocument('identity.json', Buffer.from('{"a":1}'), null);
  store = createS3Store(server.storeOptions());
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const isRead =
  (folder: string) =>
  ({ method, key }: S3Call): boolean =>
    method === 'GET' && key.startsWith(`n8n/${folder}/`);

async function readEverything(): Promise<unknown> {
  const listed = await store.list('prod');
  const document = await store.readDocument('identity.json');
  return [listed, await readAll(await store.latest('prod')), Buffer.from(document?.content ?? []).toString()];
}

describe('what is damaged on its way', () => {
  it.each(FOLDERS)('once is read again: %s', async (folder) => {
    const truth = await readEverything();
    await store[Symbol.asyncDispose]();
    store = createS3Store(server.storeOptions());
    server.fault = firstTimes(1, isRead(folder), { flipByte: 5 });
    expect(await readEverything()).toEqual(truth);
  });

  it.each(['snapshots', 'objects', 'documents'])(
    'differently each time is no damage of the store: %s',
    async (folder) => {
      let place = 0;
      server.fault = (call) => (isRead(folder)(call) ? { flipByte: ++place } : null);
      await expect(readEverything()).rejects.toMatchObject({
        reason: 'unreachable',
        message: expect.stringContaining('differently each time') as string,
      });
    },
  );

  it.each(['snapshots', 'objects'])('is believed where the same bytes come twice: %s', async (folder) => {
    server.fault = (call) => (isRead(folder)(call) ? { flipByte: 5 } : null);
    await expect(readEverything()).rejects.toMatchObject({ reason: 'integrity' });
  });
});
