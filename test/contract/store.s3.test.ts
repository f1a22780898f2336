import { S3StandIn, type StandInOptions } from '../support/s3/stand-in.ts';
import { describeStoreContract, type StoreHarness } from './store.suite.ts';
import { createS3Store } from '../support/s3/store.ts';

async function standInHarness(options: StandInOptions, inline: boolean): Promise<StoreHarness> {
  const server = await S3StandIn.start(options);
  return {
    open: async () => createS3Store(server.storeOptions(), { inline }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describeStoreContract('s3', () => standInHarness({}, true));
describeStoreContract('s3, every file an object', () => standInHarness({}, false));
