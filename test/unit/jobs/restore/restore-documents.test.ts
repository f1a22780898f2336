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
  const store = encrypted(inner, { recipient });
  const documents = (allowUnverified = false, where = store) =>
    new RestoreDocuments(where, 'prod', signal, { logger, allowUnverified });
  const overwrite = async (name: string, content: unknown): Promise<void> => {
    const version = (await inner.readDocument(name))?.version ?? null;
    await inner.writeDocument(name, Buffer.from(JSON.stringify(content)), version);
  };
  return { inner, store, documents, overwrite, warnings };
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

it('what is ignored is set aside before it is overwritten, under the name that the warning gives', async () => {
  const { documents, overwrite, warnings, store } = await remembered();
  // As an earlier flowkeep wrote it, which added no code.
  const old = { flowkeepIdentity: 1, sources: { prod: [{ ...pair, from: 'old', to: 'mapped' }] } };
  const asides = () => warnings.map((warning) => /kept as (\S+)$/.exec(warning)?.[1] ?? '');
  const readAside = async (name: string): Promise<unknown> => {
    const document = await store.readDocument(name);
    return document && JSON.parse(Buffer.from(document.content).toString());
  };
  await overwrite('prod/identity.json', old);
  await overwrite('prod/restore-journal.json', journal);

  const first = documents();
  expect(await first.readIdentity('prod')).toEqual([]);
  await first.writeJournal({ ...journal, snapshot: 'other' });
  await first.addIdentity('prod', [pair]);
  expect(asides()).toEqual([
    expect.stringMatching(/^prod\/identity\.ignored-[0-9a-f]{8}\.json$/),
    expect.stringMatching(/^prod\/restore-journal\.ignored-[0-9a-f]{8}\.json$/),
  ]);
  expect(await Promise.all(asides().map(readAside))).toEqual([old, journal]);
  expect(warnings[1]).not.toContain('items that came back');

  await overwrite('prod/identity.json', { ...old, sources: {} });
  await documents().addIdentity('prod', [pair]);
  expect(await readAside(asides()[0]!)).toEqual(old);
  expect(await readAside(asides()[2]!)).toEqual({ ...old, sources: {} });
});

it('what restores remember is readable for a store that is not encrypted any more', async () => {
  const { documents, inner } = await remembered();
  await documents().addIdentity('prod', [pair]);

  expect(await documents(false, encrypted(inner, { recipient: null })).readIdentity('prod')).toEqual([pair]);
});
