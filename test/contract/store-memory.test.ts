import { emptyMemoryState, MemoryStore } from '../support/memory-store.ts';
import { describeStoreContract } from './store.suite.ts';

describeStoreContract('memory', async () => {
  const state = emptyMemoryState();
  return {
    open: async () => new MemoryStore('memory', state),
    async [Symbol.asyncDispose]() {},
  };
});
