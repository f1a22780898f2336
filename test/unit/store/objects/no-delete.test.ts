import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdLeases } from '../../../../src/jobs/lock/hold-leases.ts';
import { silentLogger } from '../../../../src/lib/logger.ts';
import { systemClock } from '../../../../src/lib/time.ts';
import type { ObjectStore } from '../../../../src/store/objects/store.ts';
import type { Store } from '../../../../src/store/store.ts';
import { makeDraft } from '../../../support/drafts.ts';
import { readAll, workflows } from '../../../support/s3/files.ts';
import { S3StandIn } from '../../../support/s3/stand-in.ts';
import { createS3Store } from '../../../support/s3/store.ts';

let server: S3StandIn;
let store: ObjectStore;
beforeEach(async () => {
  server = await S3StandIn.start();
  server.fault = ({ method }) => (method === 'DELETE' ? { status: 403, code: 'AccessDenied' } : null);
  store = createS3Store(server.storeOptions());
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const NAME = 'prod/lease.json';
const bytes = (text: string): Uint8Array => Buffer.from(text);

/** The name of the one writer who won, or an error where none or several did. */
async function winnerOf(writers: readonly Store[], expected: string | null): Promise<number> {
  const results = await Promise.allSettled(
    writers.map((writer, index) => writer.writeDocument(NAME, bytes(`${index}`), expected)),
  );
  const winners = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
  if (winners.length !== 1) throw new Error(`${winners.length} writers won`);
  return winners[0]!;
}

describe.each([
  ['honoured', 'asked before'],
  ['honoured', 'not asked'],
  ['ignored', 'asked before'],
  ['ignored', 'not asked'],
  ['unsupported', 'asked before'],
  ['unsupported', 'not asked'],
] as const)('a key that may not delete, where conditional writes are %s and %s', (conditions, asked) => {
  beforeEach(async () => {
    server.options = { conditions };
    if (asked === 'asked before') await store.check();
  });

  it('a key that may not delete removes a document, which can be written again', async () => {
    for (const text of ['first', 'second']) {
      const version = await store.writeDocument(NAME, bytes(text), null);
      expect(await store.readDocument(NAME)).toEqual({ content: bytes(text), version });
      await store.removeDocument(NAME, version);
      expect(await store.readDocument(NAME)).toBeNull();
      await store.removeDocument(NAME, version);
    }
  });

  it('a key that may not delete is refused the removal of what another writer changed', async () => {
    const version = await store.writeDocument(NAME, bytes('mine'), null);
    const theirs = await store.writeDocument(NAME, bytes('theirs'), version);
    await expect(store.removeDocument(NAME, version)).rejects.toMatchObject({ reason: 'conflict' });
    expect(await store.readDocument(NAME)).toEqual({ content: bytes('theirs'), version: theirs });
    await expect(store.writeDocument(NAME, bytes('mine'), null)).rejects.toMatchObject({ reason: 'conflict' });
  });
});

describe('a key that may not delete', () => {
  it('a key that may not delete has exactly one winner among those who write a removed document anew', async () => {
    await store.removeDocument(NAME, await store.writeDocument(NAME, bytes('old'), null));
    const writers = Array.from({ length: 8 }, () => createS3Store(server.storeOptions()));
    const winner = await winnerOf(writers, null);
    const document = await store.readDocument(NAME);
    expect(Buffer.from(document!.content).toString()).toBe(`${winner}`);
    for (const writer of writers) await writer[Symbol.asyncDispose]();
  });

  it('a key that may not delete gives its lock back at once, without a word in the log', async () => {
    const said: string[] = [];
    const logger = { ...silentLogger, warn: (_fields: object, message: string) => void said.push(message) };
    for (let times = 0; times < 3; times++) {
      await using _lease = await holdLeases({
        ...{ stores: [store], instance: 'prod', purpose: 'backup', waitMs: 0, clock: systemClock, logger },
        ...{ holder: { host: 'elsewhere', pid: 1 }, signal: new AbortController().signal },
      });
    }
    expect(said).toEqual([]);
  });

  it('a key that may not delete repairs what is damaged, once', async () => {
    const files = workflows(3);
    const draft = makeDraft({ files });
    await store.save(draft);
    const snapshot = await store.open('prod', draft.info.id);
    const objects = [...snapshot.files.keys()].flatMap((path) => snapshot.objectOf?.(path) ?? []);
    await store.markDamaged(objects);
    expect(await store.repair(draft.files)).toHaveLength(3);
    expect(await store.repairNeeded()).toEqual([]);
    expect(await readAll(await store.latest('prod'))).toEqual(files);
    await store.markDamaged(objects);
    expect(await store.repairNeeded()).toHaveLength(3);
  });
});
