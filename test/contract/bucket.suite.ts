import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InterruptedError } from '../../src/lib/errors.ts';
import type { Bucket, ListedObject, ListedPage } from '../../src/store/objects/bucket.ts';

/** A bucket that is empty at first. */
export interface BucketHarness extends AsyncDisposable {
  /** Called again, it gives what another process would have: a second driver on the same bucket. */
  open(): Bucket;
}

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
const bytesOf = (content: string): Uint8Array => Buffer.from(content);

/** Runs everything that src/store/objects/bucket.ts promises against one driver. */
export function describeBucketContract(name: string, createHarness: () => Promise<BucketHarness>): void {
  describe(`bucket contract: ${name}`, () => {
    let harness: BucketHarness;
    let bucket: Bucket;
    let other: Bucket;
    beforeEach(async () => {
      harness = await createHarness();
      bucket = harness.open();
      other = harness.open();
    });
    afterEach(async () => {
      await bucket[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
      await harness[Symbol.asyncDispose]();
    });

    const pages = async (prefix: string, startAfter?: string): Promise<ListedPage[]> => {
      const found: ListedPage[] = [];
      for await (const page of bucket.list(prefix, startAfter)) found.push(page);
      return found;
    };
    const listed = async (prefix: string, startAfter?: string): Promise<ListedObject[]> =>
      (await pages(prefix, startAfter)).flatMap(({ objects }) => objects);
    const keys = async (prefix: string, startAfter?: string): Promise<string[]> =>
      (await listed(prefix, startAfter)).map(({ key }) => key);

    describe('list', () => {
      it('the list of a bucket gives one empty page where there is nothing', async () => {
        expect(await pages('none/')).toEqual([{ objects: [], isLast: true }]);
      });

      it('the list of a bucket gives the keys below a prefix in the order of their bytes', async () => {
        const below = ['p/B', 'p/a', 'p/a-b', 'p/a.gz', 'p/a/deep/b', 'p/a0', 'p/c%20d%2Fe'];
        for (const key of [...below, 'pq', 'o']) await bucket.put(key, bytesOf(key));
        expect(await keys('p/')).toEqual(below.sort());
        expect(await keys('p/a')).toEqual(['p/a', 'p/a-b', 'p/a.gz', 'p/a/deep/b', 'p/a0']);
      });

      it('the list of a bucket begins behind a key, whether that one exists or not', async () => {
        for (const key of ['p/1', 'p/2', 'p/3']) await bucket.put(key, bytesOf(key));
        expect(await keys('p/', 'p/1')).toEqual(['p/2', 'p/3']);
        expect(await keys('p/', 'p/15')).toEqual(['p/2', 'p/3']);
        expect(await keys('p/', 'p/3')).toEqual([]);
      });

      it('the list of a bucket gives pages of at most 1,000, of which the last one says so', async () => {
        const names = Array.from({ length: 1001 }, (_, index) => `p/${String(index).padStart(4, '0')}`);
        await Promise.all(names.map((key) => bucket.put(key, new Uint8Array(0))));
        const found = await pages('p/');
        expect(found.map(({ isLast }) => isLast)).toEqual(found.map((_, index) => index === found.length - 1));
        expect(Math.max(...found.map(({ objects }) => objects.length))).toBeLessThanOrEqual(1000);
        expect(found.flatMap(({ objects }) => objects.map(({ key }) => key))).toEqual(names);
      });

      it('the list of a bucket can be left after its first page', async () => {
        await bucket.put('p/1', bytesOf('1'));
        for await (const { objects } of bucket.list('p/')) {
          expect(objects).toHaveLength(1);
          break;
        }
      });
    });

    describe('get', () => {
      it('get gives what was put, by another process too, also nothing at all', async () => {
        const all = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
        await bucket.put('p/all', all);
        await bucket.put('p/empty', new Uint8Array(0));
        expect(Buffer.compare((await other.get('p/all', 70_000))?.bytes ?? bytesOf(''), all)).toBe(0);
        expect((await other.get('p/empty', 0))?.bytes).toHaveLength(0);
      });

      it('get gives null where there is no such object', async () => {
        await bucket.put('p/a/b', bytesOf('x'));
        expect(await bucket.get('p/c', 10)).toBeNull();
        expect(await bucket.get('p/a', 10)).toBeNull();
      });

      it('get refuses more bytes than are wanted', async () => {
        await bucket.put('p/a', bytesOf('0123456789'));
        await expect(bucket.get('p/a', 9)).rejects.toMatchObject({ reason: 'integrity' });
        expect(text((await bucket.get('p/a', Infinity))?.bytes)).toBe('0123456789');
      });
    });

    it('getBeginning gives the first bytes, or all where there are fewer, or null', async () => {
      await bucket.put('p/a', bytesOf('0123456789'));
      await bucket.put('p/empty', new Uint8Array(0));
      expect(text((await bucket.getBeginning('p/a', 4))?.bytes)).toBe('0123');
      expect(text((await bucket.getBeginning('p/a', 40))?.bytes)).toBe('0123456789');
      expect((await bucket.getBeginning('p/empty', 4))?.bytes).toHaveLength(0);
      expect(await bucket.getBeginning('p/none', 4)).toBeNull();
    });

    it('head, list, get and put agree on an object', async () => {
      const etag = await bucket.put('p/a', bytesOf('0123'));
      const head = await other.head('p/a');
      expect(head).toMatchObject({ key: 'p/a', size: 4, etag });
      expect(await listed('p/')).toMatchObject([{ key: 'p/a', size: 4, etag }]);
      expect((await bucket.get('p/a', 4))?.etag).toBe(etag);
      expect((await bucket.getBeginning('p/a', 2))?.etag).toBe(etag);
      expect(await bucket.head('p/none')).toBeNull();
      const { now, skewMs } = bucket.serverTime();
      expect(Math.abs(now - (head?.lastModified ?? 0))).toBeLessThan(60_000);
      expect(Math.abs(now - skewMs - Date.now())).toBeLessThan(60_000);
    });

    describe('put', () => {
      it('put replaces an object, and gives it another ETag', async () => {
        const first = await bucket.put('p/a', bytesOf('one'));
        const second = await bucket.put('p/a', bytesOf('two'), { rarelyRead: true });
        expect(second).not.toBe(first);
        expect(text((await bucket.get('p/a', 3))?.bytes)).toBe('two');
      });

      it('puts a new object only where there is none, if asked to', async () => {
        await bucket.put('p/a', bytesOf('one'), { ifNoneMatch: '*' });
        const again = other.put('p/a', bytesOf('two'), { ifNoneMatch: '*' });
        await expect(again).rejects.toMatchObject({ reason: 'conflict' });
        expect(text((await bucket.get('p/a', 3))?.bytes)).toBe('one');
      });

      it('put replaces only the version that is named, if asked to', async () => {
        const first = await bucket.put('p/a', bytesOf('one'));
        const second = await other.put('p/a', bytesOf('two'), { ifMatch: first });
        for (const key of ['p/a', 'p/none']) {
          const late = bucket.put(key, bytesOf('three'), { ifMatch: first });
          await expect(late).rejects.toMatchObject({ reason: 'conflict' });
        }
        expect(await bucket.head('p/a')).toMatchObject({ etag: second });
        expect(await bucket.head('p/none')).toBeNull();
      });

      it.each(['ifNoneMatch', 'ifMatch'] as const)('put has one winner of ten writers with %s', async (condition) => {
        const etag = condition === 'ifMatch' ? await bucket.put('p/a', bytesOf('before')) : '';
        const options = condition === 'ifMatch' ? { ifMatch: etag } : { ifNoneMatch: '*' as const };
        const tries = Array.from({ length: 10 }, (_, index) =>
          (index % 2 ? bucket : other).put('p/a', bytesOf(`writer ${index}`), options),
        );
        const results = await Promise.allSettled(tries);
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const result of results) {
          if (result.status === 'rejected') expect(result.reason).toMatchObject({ reason: 'conflict' });
        }
      });
    });

    describe('delete', () => {
      it('delete removes an object, and succeeds if there is none', async () => {
        await bucket.put('p/a', bytesOf('one'));
        expect(await bucket.delete('p/a')).toBe(false);
        expect(await bucket.delete('p/a')).toBe(false);
        expect(await other.get('p/a', 3)).toBeNull();
        expect(await keys('p/')).toEqual([]);
      });

      it('delete removes only the version that is named, if asked to', async () => {
        const first = await bucket.put('p/a', bytesOf('one'));
        const second = await bucket.put('p/a', bytesOf('two'));
        await expect(bucket.delete('p/a', first)).rejects.toMatchObject({ reason: 'conflict' });
        await bucket.delete('p/a', second);
        expect(await bucket.head('p/a')).toBeNull();
      });
    });

    it('every method can be cancelled', async () => {
      await bucket.put('p/a', bytesOf('one'));
      const signal = AbortSignal.abort();
      for (const call of [
        () => bucket.list('p/', undefined, signal).next(),
        () => bucket.get('p/a', 3, signal),
        () => bucket.getBeginning('p/a', 3, signal),
        () => bucket.head('p/a', signal),
        () => bucket.put('p/a', bytesOf('two'), {}, signal),
        () => bucket.delete('p/a', undefined, signal),
      ]) {
        await expect(call()).rejects.toThrow(InterruptedError);
      }
      expect(text((await bucket.get('p/a', 3))?.bytes)).toBe('one');
    });

    it('says where it is, and how many calls it takes at once', () => {
      expect(bucket.location).not.toBe('');
      expect(bucket.concurrency).toBeGreaterThan(0);
    });
  });
}
