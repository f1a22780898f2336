import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../../../../src/store/objects/store.ts';
import { makeDraft } from '../../../../support/drafts.ts';
import { workflows } from '../../../../support/s3/files.ts';
import { S3StandIn } from '../../../../support/s3/stand-in.ts';
import { createS3Store } from '../../../../support/s3/store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
let server: S3StandIn;
let store: ObjectStore;
beforeEach(async () => {
  server = await S3StandIn.start();
  store = createS3Store(server.storeOptions());
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function removeBelow(...folders: string[]): void {
  for (const key of server.objects.keys())
    if (folders.some((folder) => key.startsWith(`n8n/${folder}/`))) server.objects.delete(key);
}

function age(ms: number): void {
  for (const object of server.objects.values()) object.lastModified -= ms;
}

describe('traces of snapshots that are gone', () => {
  it('an empty bucket has none, and neither has one with snapshots', async () => {
    expect(await store.traces?.('prod')).toBeNull();
    await store.save(makeDraft({ files: workflows(3) }));
    age(DAY_MS);
    expect(await store.traces?.('prod')).toBeNull();
    expect(await store.traces?.('staging')).toBeNull();
  });

  it('objects that no manifest names, once a first save that was broken off cannot have left them', async () => {
    await store.save(makeDraft({ files: workflows(3) }));
    removeBelow('snapshots', 'index');
    expect(await store.traces?.('prod')).toBeNull();
    age(DAY_MS);
    expect(await store.traces?.('prod')).toContain('n8n/objects/');
  });

  it('objects say nothing of one instance while another has manifests', async () => {
    await store.save(makeDraft({ files: workflows(3), instance: 'staging' }));
    age(DAY_MS);
    expect(await store.traces?.('prod')).toBeNull();
  });

  it('marks of damage and old documents', async () => {
    await store.markDamaged(['ab'.repeat(32)]);
    expect(await store.traces?.('prod')).toContain('n8n/damaged/');
    removeBelow('damaged');
    await store.writeDocument('prod/identity.json', Buffer.from('{}'), null);
    expect(await store.traces?.('prod')).toBeNull();
    age(DAY_MS);
    expect(await store.traces?.('prod')).toContain('n8n/documents/prod/');
  });

  it('the copy of a removed manifest', async () => {
    const { info } = await store.save(makeDraft({ files: workflows(3) }));
    await store.remove('prod', info.id);
    removeBelow('index');
    expect(await store.traces?.('prod')).toContain('n8n/removed/prod/');
    expect(await store.traces?.('staging')).toBeNull();
  });
});
