import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../../../../src/lib/secrets/secret.ts';
import type { StoreError } from '../../../../../../src/store/errors.ts';
import { makeDraft } from '../../../../../support/drafts.ts';
import { S3StandIn } from '../../../../../support/s3/stand-in.ts';
import { createS3Store, type S3StoreOptions } from '../../../../../support/s3/store.ts';

let server: S3StandIn;
beforeEach(async () => {
  server = await S3StandIn.start();
});
afterEach(() => server[Symbol.asyncDispose]());

const draft = makeDraft({ files: { a: 'a' } });

/** What each thing that an operator does first says. */
async function refusals(options: Partial<S3StoreOptions> = {}): Promise<StoreError[]> {
  await using store = createS3Store(server.storeOptions(options), { maxAttempts: 2, timeoutMs: 300 });
  const tries = [store.check(), store.save(draft), store.list(), store.latest('prod')];
  return (await Promise.allSettled(tries)).map((result) => {
    if (result.status === 'fulfilled') throw new Error('this should have been refused');
    return result.reason as StoreError;
  });
}

describe('refusals', () => {
  it.each<[code: string, status: number, reason: string, remedy: string]>([
    ['SignatureDoesNotMatch', 403, 'denied', 'secretAccessKey'],
    ['InvalidAccessKeyId', 403, 'denied', 'accessKeyId'],
    ['ExpiredToken', 400, 'denied', 'session token'],
    ['AccessDenied', 403, 'denied', 'Allow s3:ListBucket on backups'],
    ['NoSuchBucket', 404, 'not-found', 'Create the bucket'],
    ['RequestTimeTooSkewed', 403, 'failed', 'clock'],
    ['PermanentRedirect', 301, 'failed', 'region'],
    ['AuthorizationHeaderMalformed', 400, 'failed', 'region'],
    ['QuotaExceeded', 403, 'full', 'quota'],
    ['SlowDown', 503, 'unreachable', 'rate limit'],
    ['InternalError', 500, 'unreachable', 'Run again later'],
  ])('%s comes with a remedy', async (code, status, reason, remedy) => {
    server.fault = () => ({ status, code });
    for (const refusal of await refusals()) {
      expect(refusal).toMatchObject({ name: 'StoreError', reason });
      expect(refusal.message).toContain('s3://backups/n8n');
      expect(refusal.remedy).toContain(remedy);
    }
    expect(server.objects.size).toBe(0);
  });

  it('a wrong access key is refused with a remedy', async () => {
    for (const refusal of await refusals({ accessKeyId: new Secret('wrong') })) {
      expect(refusal).toMatchObject({ reason: 'denied', exitCode: 1 });
    }
  });

  it('a missing bucket is reported with a remedy', async () => {
    for (const refusal of await refusals({ bucket: 'missing' })) {
      expect(refusal).toMatchObject({ reason: 'not-found', exitCode: 2 });
      expect(refusal.message).toContain('"missing"');
    }
  });

  it('a server that does not exist is reported with a remedy', async () => {
    const gone = await S3StandIn.start();
    const port = gone.port;
    await gone[Symbol.asyncDispose]();
    for (const refusal of await refusals({ endpoint: `http://127.0.0.1:${port}` })) {
      expect(refusal.reason).toBe('unreachable');
      expect(refusal.message).toContain('ECONNREFUSED');
    }
  });

  it('a server that never answers is reported with a remedy', async () => {
    server.fault = () => ({ silent: true });
    for (const refusal of await refusals()) expect(refusal.reason).toBe('unreachable');
  });

  it('a server without TLS that is asked for TLS is reported with a remedy', async () => {
    for (const refusal of await refusals({ endpoint: `https://127.0.0.1:${server.port}` })) {
      expect(refusal.name).toBe('StoreError');
    }
  });

  it('refusals never show a secret', async () => {
    const endpoint = `http://user:hunter2@127.0.0.1:${server.port}`;
    server.fault = () => ({ status: 403, code: 'SignatureDoesNotMatch' });
    for (const refusal of await refusals({ endpoint, secretAccessKey: new Secret('swordfish') })) {
      expect(`${refusal.message} ${refusal.remedy}`).not.toMatch(/hunter2|swordfish/);
    }
  });
});

describe('a clock that is off', () => {
  it.each([
    [2 * 60 * 60 * 1000, 'behind'],
    [-2 * 60 * 60 * 1000, 'ahead of'],
  ])('a clock that is off by %d ms keeps a snapshot from getting a wrong name', async (clockAheadMs, direction) => {
    server.options = { clockAheadMs };
    await using store = createS3Store(server.storeOptions());
    for (const attempt of [() => store.check(), () => store.save(draft)]) {
      await expect(attempt()).rejects.toMatchObject({
        message: expect.stringContaining(`120 minutes ${direction}`) as string,
        remedy: expect.stringContaining('clock') as string,
      });
    }
    expect(server.objects.size).toBe(0);
  });

  it('a clock that is off by a minute does not matter', async () => {
    server.options = { clockAheadMs: 60_000 };
    await using store = createS3Store(server.storeOptions());
    await store.save(draft);
    expect(await store.list()).toHaveLength(1);
  });
});
