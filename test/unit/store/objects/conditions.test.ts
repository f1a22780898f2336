import { describe, expect, it } from 'vitest';
import type { Logger } from '../../../../src/lib/logger.ts';
import { silentLogger } from '../../../../src/lib/logger.ts';
import type { Store } from '../../../../src/store/store.ts';
import { makeDraft } from '../../../support/drafts.ts';
import { firstTimes } from '../../../support/s3/faults.ts';
import { readAll } from '../../../support/s3/files.ts';
import { S3StandIn } from '../../../support/s3/stand-in.ts';
import { createS3Store } from '../../../support/s3/store.ts';

const draft = makeDraft({ files: { a: 'a' } });

describe.each(['ignored', 'unsupported'] as const)('a server on which conditions are %s', (conditions) => {
  it('is reported by check in a warning, once, and nothing stays behind', async () => {
    await using server = await S3StandIn.start({ conditions });
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (_fields, message) => warnings.push(message) };
    await using store = createS3Store(server.storeOptions(), { logger });
    await store.check();
    await store.check();
    await store.writeDocument('lock', Buffer.from('me'), null);

    expect(warnings).toEqual([expect.stringContaining('no conditional writes')]);
    expect([...server.objects.keys()]).toEqual(['n8n/documents/lock']);
  });

  it('keeps snapshots: the same id again changes nothing, and other content is refused', async () => {
    await using server = await S3StandIn.start({ conditions });
    await using store = createS3Store(server.storeOptions());
    await store.save(draft);
    expect(await store.save(draft)).toMatchObject({ filesWritten: 0 });
    const other = makeDraft({ id: draft.info.id, files: { a: 'other' } });

    await expect(store.save(other)).rejects.toMatchObject({ reason: 'conflict' });
    expect(await readAll(await store.latest('prod'))).toEqual({ a: 'a' });
  });

  it('still refuses a document to who did not see the newest version', async () => {
    await using server = await S3StandIn.start({ conditions });
    await using store = createS3Store(server.storeOptions());
    const first = await store.writeDocument('lock', Buffer.from('one'), null);
    const second = await store.writeDocument('lock', Buffer.from('two'), first);

    await expect(store.writeDocument('lock', Buffer.from('x'), null)).rejects.toMatchObject({
      reason: 'conflict',
    });
    await expect(store.writeDocument('lock', Buffer.from('x'), first)).rejects.toMatchObject({
      reason: 'conflict',
    });
    await expect(store.removeDocument('lock', first)).rejects.toMatchObject({ reason: 'conflict' });
    await store.removeDocument('lock', second);
    expect(await store.readDocument('lock')).toBeNull();
  });

  it('finds a writer that came in between', async () => {
    await using server = await S3StandIn.start({ conditions });
    await using one = createS3Store(server.storeOptions());
    await using two = createS3Store(server.storeOptions());
    await one.check();
    await two.check();
    // Both have found nothing before either writes, and both have written before either reads back.
    const { promise: bothWrite, resolve } = Promise.withResolvers<void>();
    server.calls.length = 0;
    server.fault = ({ method }) => {
      if (server.count('PUT') === 2) resolve();
      return method === 'PUT' ? { until: bothWrite } : null;
    };
    const write = (store: Store, text: string): Promise<string> => store.writeDocument('lock', Buffer.from(text), null);
    const results = await Promise.allSettled([write(one, 'one'), write(two, 'two')]);

    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('a server that honours conditions', () => {
  it('a server that honours conditions passes the check, which leaves nothing behind', async () => {
    await using server = await S3StandIn.start();
    await using store = createS3Store(server.storeOptions());
    await store.check();
    expect(server.objects.size).toBe(0);
  });

  it('a server that honours conditions tells at check that writing is forbidden', async () => {
    await using server = await S3StandIn.start();
    server.fault = ({ method }) => (method === 'PUT' ? { status: 403, code: 'AccessDenied' } : null);
    await using store = createS3Store(server.storeOptions());
    await expect(store.check()).rejects.toMatchObject({
      reason: 'denied',
      message: expect.stringContaining('s3:PutObject') as string,
    });
  });

  it('a lost answer to a document write is no conflict with oneself', async () => {
    await using server = await S3StandIn.start();
    await using store = createS3Store(server.storeOptions());
    await store.check();
    server.fault = firstTimes(1, ({ method }) => method === 'PUT', { loseAnswer: true });
    const first = await store.writeDocument('lock', Buffer.from('one'), null);
    server.fault = firstTimes(1, ({ method }) => method === 'PUT', { loseAnswer: true });
    const second = await store.writeDocument('lock', Buffer.from('two'), first);

    const stored = await store.readDocument('lock');
    expect(stored?.version).toBe(second);
    expect(Buffer.from(stored?.content ?? []).toString()).toBe('two');
  });

  it('documents of the same content have versions of their own', async () => {
    await using server = await S3StandIn.start();
    await using store = createS3Store(server.storeOptions());
    const first = await store.writeDocument('lock', Buffer.from('same'), null);
    const second = await store.writeDocument('lock', Buffer.from('same'), first);
    expect(second).not.toBe(first);
  });
});
