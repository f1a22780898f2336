import { createS3Bucket } from '../../src/store/objects/buckets/s3.ts';
import { S3StandIn } from '../support/s3/stand-in.ts';
import { describeBucketContract } from './bucket.suite.ts';

describeBucketContract('s3', async () => {
  const server = await S3StandIn.start();
  return {
    open: () => createS3Bucket(server.storeOptions()),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
});
