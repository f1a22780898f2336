import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store } from '../../../../src/store/store.ts';
import { takeBackup } from '../../../support/backup.ts';
import { S3StandIn } from '../../../support/s3/stand-in.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { addWorkflow } from '../../../support/stand-in/workflow-actions.ts';
import { createS3Store } from '../../../support/s3/store.ts';

let n8n: StandIn;
let s3: S3StandIn;
let store: Store;

beforeEach(async () => {
  n8n = await startStandIn();
  s3 = await S3StandIn.start();
  store = createS3Store(s3.storeOptions(), { inline: false });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await s3[Symbol.asyncDispose]();
  await n8n.stop();
});

it('a backup reads nothing again of workflows that a package brought back', async () => {
  for (let index = 0; index < 20; index++) {
    const workflow = addWorkflow(n8n.state, { id: `w${index}`, name: `Flow ${index}` });
    workflow.sourceWorkflowId = workflow.id;
  }
  await takeBackup(n8n, { store });
  s3.calls.length = 0;
  const again = await takeBackup(n8n, { store });
  expect(again.stores[0]).toMatchObject({ status: 'unchanged' });
  const read = s3.calls.filter(({ method, key }) => method === 'GET' && key.includes('objects/'));
  // Only flowkeep.json, which this store is told to keep as an object too.
  expect(read.length).toBeLessThanOrEqual(1);
  expect(n8n.requests.filter(({ path }) => path.includes('/workflows/w')).length).toBe(20);
});
