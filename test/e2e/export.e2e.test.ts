import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportSnapshot } from '../../src/jobs/export/export.ts';
import { openVerified } from '../../src/jobs/snapshots/open-verified.ts';
import { canonicalJson, type JsonObject } from '../../src/lib/json/json.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { noProgress } from '../../src/lib/progress.ts';
import type { N8nClient } from '../../src/n8n/http/types.ts';
import { systemClock } from '../../src/lib/time.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { clientFor, latestFiles, takeBackup } from '../support/backup.ts';
import { startN8n, type RunningN8n } from '../support/n8n/start.ts';
import { grepOutput } from '../support/secrets/grep.ts';

/** What an n8n answers with, as far as these tests look at it. */
type Answer = JsonObject & { id: string };

const trigger = {
  id: 'start',
  name: 'Schedule',
  type: 'n8n-nodes-base.scheduleTrigger',
  typeVersion: 1,
  position: [0, 0],
  parameters: {},
};

let folder: string;
let fresh: RunningN8n;
let client: N8nClient;
const store = new MemoryStore();
const ids: Record<string, string> = {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowkeep-export-e2e-'));
  const source = await startN8n({ licensed: true });
  const from = clientFor(source);
  await fill(from);
  await takeBackup(source, { store });
  await from.close();
  await source.stop();
  fresh = await startN8n({ licensed: true });
  client = clientFor(fresh);
});
afterAll(async () => {
  await client.close();
  await fresh.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A project with a folder in a folder, a tag, a credential, a data table, and workflows that use them. */
async function fill(from: N8nClient): Promise<void> {
  const post = async (name: string, path: string, body: JsonObject): Promise<void> => {
    ids[name] = ((await from.post(path, body)) as Answer).id;
  };
  // POST /projects answers with the project, whose id is needed for what lies in it.
  await post('project', '/projects', { name: 'Team' });
  await post('outer', `/projects/${ids.project}/folders`, { name: 'Outer' });
  await post('inner', `/projects/${ids.project}/folders`, { name: 'Inner', parentFolderId: ids.outer! });
  await post('tag', '/tags', { name: 'important' });
  await post('credential', '/credentials', {
    name: 'Key',
    type: 'httpHeaderAuth',
    data: { name: 'X-Key', value: 'the secret' },
  });
  await post('table', '/data-tables', { name: 'Orders', columns: [{ name: 'amount', type: 'number' }] });
  const using = {
    ...trigger,
    id: 'http',
    name: 'HTTP',
    type: 'n8n-nodes-base.httpRequest',
    credentials: { httpHeaderAuth: { id: ids.credential!, name: 'Key' } },
  };
  const body = { connections: {}, settings: {} };
  await post('mine', '/workflows', { ...body, name: 'Mine', nodes: [trigger, using] });
  await post('deep', '/workflows', {
    ...body,
    name: 'Deep',
    nodes: [trigger],
    projectId: ids.project!,
    parentFolderId: ids.inner!,
  });
  await from.put(`/workflows/${ids.mine}/tags`, [{ id: ids.tag! }]);
}

async function exportTo(format: 'n8np' | 'n8n-cli'): Promise<string> {
  const signal = new AbortController().signal;
  const out = join(folder, format);
  const opened = await openVerified([store], 'prod', 'latest', { clock: systemClock, logger: silentLogger, signal });
  await exportSnapshot({ opened, out, format, progress: noProgress, signal });
  return out;
}

/** Runs the export's own script, as somebody without flowkeep would. */
async function importAll(out: string): Promise<void> {
  const env = { PATH: process.env.PATH, N8N_URL: fresh.url, N8N_API_KEY: fresh.apiKey };
  try {
    const { stdout, stderr } = await promisify(execFile)('sh', [join(out, 'import.sh')], {
      env,
      cwd: folder,
    });
    grepOutput('the output of import.sh', stdout + stderr);
  } catch (error) {
    throw new Error(`import.sh said: ${(error as { stdout: string }).stdout}`, { cause: error });
  }
}

describe('packages', () => {
  it('packages bring everything back under its id, with sh and curl alone', async () => {
    const out = await exportTo('n8np');
    await importAll(out);
    await takeBackup(fresh, { store, instance: 'fresh' });
    const before = await latestFiles(store);
    const after = await latestFiles(store, 'fresh');
    const folders = (files: ReadonlyMap<string, string>): JsonObject =>
      JSON.parse(files.get('folders.json') ?? '{}') as JsonObject;
    expect(folders(after).workflows).toEqual(folders(before).workflows);
    expect(folders(after).workflows).toEqual({ [ids.deep!]: ids.inner });
    for (const name of ['mine', 'deep']) expect([...after.keys()]).toContain(`workflows/${name}.${ids[name]}.json`);
    expect([...after.keys()]).toContain(`credentials/key.${ids.credential}.json`);
    expect([...after.keys()]).toContain(`data-tables/orders.${ids.table}/table.json`);
    const mine = JSON.parse(after.get(`workflows/mine.${ids.mine}.json`) ?? '{}') as JsonObject;
    expect(mine.tags).toEqual([{ id: ids.tag, name: 'important' }]);
    const stored = JSON.parse(before.get(`workflows/mine.${ids.mine}.json`) ?? '{}') as JsonObject;
    expect(canonicalJson(mine.nodes)).toBe(canonicalJson(stored.nodes));
  });

  it('packages change nothing when they are imported again', async () => {
    await importAll(join(folder, 'n8np'));
    const again = await takeBackup(fresh, { store, instance: 'fresh' });
    expect(again.stores[0]).toMatchObject({ status: 'unchanged' });
  });
});

describe('what the command line of n8n makes of credential stubs', () => {
  async function importStub(name: string, stub: JsonObject): Promise<string> {
    const input = join(folder, name);
    mkdirSync(input);
    writeFileSync(join(input, 'stub.json'), JSON.stringify(stub));
    return fresh.cli(['import:credentials', '--separate', `--input=${input}`]);
  }

  async function decrypted(id: string): Promise<unknown> {
    const file = join(folder, `decrypted-${crypto.randomUUID()}.json`);
    await fresh.cli(['export:credentials', `--id=${id}`, '--decrypted', `--output=${file}`]);
    return (JSON.parse(readFileSync(file, 'utf8')) as { data: unknown }[])[0]?.data;
  }

  it("n8n's command line takes credential stubs with empty data", async () => {
    await importStub('new', { id: 'stubStubStub0001', name: 'Stub', type: 'httpHeaderAuth', data: {} });
    expect(await decrypted('stubStubStub0001')).toEqual({});
  });

  it("n8n's command line empties the secret of an existing credential: why the README warns", async () => {
    const type = 'httpHeaderAuth';
    const data = { name: 'X-Key', value: 'precious' };
    const { id } = (await client.post('/credentials', { name: 'Precious', type, data })) as Answer;
    expect(await decrypted(id)).toEqual(data);
    await importStub('over', { id, name: 'Precious', type, data: {} });
    expect(await decrypted(id)).toEqual({});
  });

  it("n8n's command line takes no credential stub without data", async () => {
    const stub = { id: 'stubStubStub0002', name: 'None', type: 'httpHeaderAuth' };
    await expect(importStub('none', stub)).rejects.toMatchObject({ code: 1 });
    await expect(client.get('/credentials/stubStubStub0002')).rejects.toMatchObject({ kind: 'not-found' });
  });
});
