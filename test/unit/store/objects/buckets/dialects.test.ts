import { describe, expect, it } from 'vitest';
import { silentLogger, type Logger } from '../../../../../src/lib/logger.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import type { Dialect } from '../../../../support/s3/dialects.ts';
import { readAll, workflows } from '../../../../support/s3/files.ts';
import { S3StandIn } from '../../../../support/s3/stand-in.ts';
import { createS3Store } from '../../../../support/s3/store.ts';

const files = workflows(2);
const draft = makeDraft({ files });

describe.each<Dialect>(['b2', 'ovh', 'gcs', 'gcs-signature', 'huawei'])(
  'a server that refuses checksums: %s',
  (dialect) => {
    it('is told so by check and backup, with the setting that helps, and not for a wrong key or a broken server', async () => {
      await using server = await S3StandIn.start({ dialect });
      await using store = createS3Store(server.storeOptions());
      const told = {
        reason: 'failed',
        message: expect.stringContaining('checksum headers') as string,
        remedy: expect.stringContaining('checksums: when-required') as string,
      };
      await expect(store.check()).rejects.toMatchObject(told);
      await expect(store.save(draft)).rejects.toMatchObject(told);
      expect(server.objects.size).toBe(0);
    });

    it('takes what is sent with checksums: when-required', async () => {
      await using server = await S3StandIn.start({ dialect });
      await using store = createS3Store(server.storeOptions({ checksums: 'when-required' }));
      await store.check();
      await store.save(draft);
      expect(await readAll(await store.latest('prod'))).toEqual(files);
    });
  },
);

describe.each<Dialect>(['conditions-400', 'oss'])('a server that refuses conditional headers: %s', (dialect) => {
  it('keeps snapshots and documents all the same, and this is said once', async () => {
    await using server = await S3StandIn.start({ dialect });
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (_fields, message) => warnings.push(message) };
    await using store = createS3Store(server.storeOptions(), { logger });
    await store.save(draft);
    expect(await readAll(await store.latest('prod'))).toEqual(files);
    await expect(store.save(makeDraft({ id: draft.info.id, files: { a: 'other' } }))).rejects.toMatchObject({
      reason: 'conflict',
    });
    const version = await store.writeDocument('lock', Buffer.from('me'), null);
    await store.removeDocument('lock', version);
    await store.check();
    expect(warnings).toEqual([expect.stringContaining('no conditional writes')]);
  });
});

it('a wrong key is told as one', async () => {
  await using server = await S3StandIn.start();
  server.fault = () => ({ status: 403, code: 'SignatureDoesNotMatch' });
  await using store = createS3Store(server.storeOptions());
  await expect(store.save(draft)).rejects.toMatchObject({ reason: 'denied' });
});
