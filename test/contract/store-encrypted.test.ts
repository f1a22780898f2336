import { emptyMemoryState, MemoryStore } from '../support/memory-store.ts';
import { encrypted, newKeys } from '../support/encryption.ts';
import { S3StandIn } from '../support/s3/stand-in.ts';
import { describeStoreContract } from './store.suite.ts';
import { createS3Store } from '../support/s3/store.ts';

describeStoreContract('encrypted, in memory', async () => {
  const state = emptyMemoryState();
  const keys = await newKeys();
  return {
    open: async () => encrypted(new MemoryStore('memory', state), keys),
    async [Symbol.asyncDispose]() {},
  };
});

describeStoreContract('encrypted, s3', async () => {
  const server = await S3StandIn.start({});
  const keys = await newKeys();
  return {
    open: async () => encrypted(createS3Store(server.storeOptions()), keys),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
});
