import { afterAll, beforeAll } from 'vitest';
import { createS3Store } from '../../src/store/s3/store.ts';
import { describeStoreContract } from '../contract/store.suite.ts';
import { startRgw, type RunningRgw } from '../support/s3/rgw.ts';

let rgw: RunningRgw;
beforeAll(async () => {
  rgw = await startRgw();
});
afterAll(() => rgw[Symbol.asyncDispose]());

let buckets = 0;
async function newBucket(locked = false): Promise<string> {
  const bucket = `bucket-${++buckets}`;
  await rgw.createBucket(bucket, { locked });
  return bucket;
}

for (const inline of [true, false]) {
  describeStoreContract(inline ? 's3 on Ceph' : 's3 on Ceph, every file an object', async () => {
    const bucket = await newBucket();
    return {
      open: async () => createS3Store(rgw.storeOptions(bucket), { inline }),
      async [Symbol.asyncDispose]() {},
    };
  });
}
