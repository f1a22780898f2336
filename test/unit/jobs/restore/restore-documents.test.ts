import { expect, it } from 'vitest';
import { RestoreDocuments } from '../../../../src/jobs/restore/restore-documents.ts';
import { silentLogger, type Logger } from '../../../../src/lib/logger.ts';
import { encrypted, newKeys } from '../../../support/encryption.ts';
import { emptyMemoryState, MemoryStore } from '../../../support/memory-store.ts';

const signal = new AbortController().signal;
const pair = { kind: 'workflows' as const, from: 'a', to: 'b' };

/** What restores remember in an encrypted store, and the store underneath, where others may write. */
async function remembered() {
  const inner = new MemoryStore('vault', emptyMemoryState());
  const { recipient } = await newKeys();
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_fields, message) => void warnings.push(message) };
  const documents = (allowUnverified = false, store = encrypted(inner, { recipient })) =>
    new RestoreDocuments(store, 'prod', signal, { logger, allowUnverified });
  const overwrite = async (name: string, content: unknown): Promise<void> => {
    const version = (await inner.readDocument(name))?.version ?? null;
    await inner.writeDocument(name, Buffer.from(JSON.stringify(content)), version);
  };
  return { inner, documents, overwrite, warnings };
}

const journal = {
  flowkeepRestoreJournal: 1 as const,
  startedAt: '2026-11-23T01:54:42Z',
  snapshot: 's',
  before: {},
  temporaryCredentials: ['c1'],
  stubs: [],
};

it('what restores remember is read again as it was written', async () => {
  const { documents, warnings } = await remembered();
  await documents().addIdentity('prod', [pair]);
  await documents().writeJournal(journal);

  expect(await documents().readIdentity('prod')).toEqual([pair]);
  expect(await documents().readJournal()).toEqual(journal);
  expect(warnings).toEqual([]);
});

it('what somebody else wrote in its place is ignored with a warning, and used where that is allowed', async () => {
  const { documents, overwrite, warnings } = await remembered();
  await documents().addIdentity('prod', [pair]);
  const forged = { ...pair, to: 'evil' };
  await overwrite('prod/identity.json', { flowkeepIdentity: 1, sources: { prod: [forged] } });
  // The credentials that a journal names are removed by the next restore.
  await overwrite('prod/restore-journal.json', { ...journal, temporaryCredentials: ['evil'] });

  expect(await documents().readIdentity('prod')).toEqual([]);
  expect(await documents().readJournal()).toBeNull();
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toMatch(/prod\/identity\.json in store vault is ignored: .*--allow-unverified/);
  expect(await documents(true).readIdentity('prod')).toEqual([forged]);

  await documents().addIdentity('prod', [pair]);
  expect(await documents().readIdentity('prod')).toEqual([pair]);
});

it('what restores remember is readable for a store that is not encrypted any more', async () => {
  const { documents, inner } = await remembered();
  await documents().addIdentity('prod', [pair]);

  expect(await documents(false, encrypted(inner, { recipient: null })).readIdentity('prod')).toEqual([pair]);
});
