import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needsOf, SCOPE_NEEDS, type ScopeNeed } from '../../src/kinds/scopes.ts';
import { DEFAULT_KINDS } from '../../src/kinds/kinds.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { latestFiles, takeBackup } from '../support/backup.ts';
import { flowkeep, type FlowkeepRun } from '../support/flowkeep.ts';
import { startN8n, type RunningN8n } from '../support/n8n/start.ts';
import { seed } from '../support/seed.ts';

/** The table of scopes (docs/api-key.md) against a real n8n: it is enough, and nothing in it is too much. */

const folder = mkdtempSync(join(tmpdir(), 'flowkeep-scopes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let n8n: RunningN8n;
/** What a key with every scope reads, without the header. */
let everything: Map<string, string>;

beforeAll(async () => {
  n8n = await startN8n({ licensed: true });
  await seed(n8n, { workflows: 12, credentials: 3, tags: 3, dataTables: 1, rows: 20, licensed: true });
  everything = (await read(n8n.apiKey)).files;
});
afterAll(() => n8n.stop());

const toRead = needsOf('backup', DEFAULT_KINDS);
const scopesOf = (needs: readonly ScopeNeed[]): string[] => [...new Set(needs.map(({ scope }) => scope))];

describe('a key with the scopes of `backup` alone', () => {
  it('a key with the scopes of `backup` alone reads everything that a key with all scopes reads', async () => {
    const { kinds, files } = await read(await n8n.createKey(scopesOf(toRead)));
    for (const kind of DEFAULT_KINDS) expect(kinds[kind]?.coverage, kind).toBe('complete');
    expect(files).toEqual(everything);
  });

  it.each(toRead)(
    'a key with the scopes of `backup` alone loses what the table says without $scope ($kind)',
    async ({ scope, kind, without }) => {
      const { kinds, files } = await read(await n8n.createKey(scopesOf(toRead).filter((each) => each !== scope)));
      if (without === undefined) expect(kinds).toMatchObject({ [kind]: { coverage: 'unavailable' } });
      else expect(files).not.toEqual(everything);
    },
  );

  it('a key with the scopes of `backup` alone is just right for `flowkeep check`, and may not restore', async () => {
    const { code, stdout } = await run(await n8n.createKey(scopesOf(toRead)), ['check']);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain('the key has every scope of `backup`');
    expect(stdout).toContain('`restore` lacks:');
    expect(stdout).not.toContain('a key with fewer scopes is safer');
    expect(stdout).not.toContain('unattended runs');
  });
});

describe('a key with every scope', () => {
  it('a key with every scope is more than flowkeep needs, and far more than a backup does', async () => {
    const report = await checkOf(n8n.apiKey);
    expect(report.needless).toEqual(expect.arrayContaining(['user:delete', 'execution:delete', 'credential:read']));
    const onlyRestore = scopesOf(needsOf('restore', DEFAULT_KINDS)).filter(
      (scope) => !scopesOf(toRead).includes(scope),
    );
    expect(report.unattended.commands).toEqual(['backup']);
    expect(report.unattended.needless).toEqual([...onlyRestore, 'sourceControl:pull', 'sourceControl:read'].sort());
    const { stdout } = await run(n8n.apiKey, ['check']);
    expect(stdout).toMatch(/a key with fewer scopes is safer:\n +[^\n]*user:delete/);
    expect(stdout).toMatch(/unattended runs \(`backup`\) need none of these[^\n]*:\n +[^\n]*workflow:delete/);
  });

  it('a key with every scope needs those of a pull where one is scheduled', async () => {
    const report = await checkOf(n8n.apiKey, { FLOWKEEP_SCHEDULE_PULL: '0 4 * * *' });
    expect(report.unattended.commands).toEqual(['backup', 'pull']);
    expect(report.unattended.needless).not.toContain('sourceControl:pull');
    expect(report.unattended.needless).toContain('workflow:delete');
  });
});

it('a key with the scopes of `restore`, without those of its flags, brings a workflow back', async () => {
  const nodes = [
    {
      id: 'n',
      name: 'Start',
      type: 'n8n-nodes-base.manualTrigger',
      typeVersion: 1,
      position: [0, 0],
      parameters: {},
    },
  ];
  const created = await api('POST', '/workflows', {
    name: 'To be lost',
    nodes,
    connections: {},
    settings: {},
  });
  const { id } = created as { id: string };
  const saved = await run(n8n.apiKey, ['backup']);
  expect(saved.code, saved.stderr).toBe(0);
  await api('DELETE', `/workflows/${id}`);
  const needs = needsOf('restore', DEFAULT_KINDS).filter(({ onlyWith }) => onlyWith === undefined);
  const restored = await run(await n8n.createKey(scopesOf(needs)), ['restore', '--yes']);
  expect(restored.code, restored.stdout + restored.stderr).toBe(0);
  expect(await api('GET', `/workflows/${id}`)).toMatchObject({ id, name: 'To be lost' });
});

it('n8n holds keys to their scopes without a licence, too', async () => {
  await using community = await startN8n({ licensed: false });
  const key = await community.createKey(['workflow:list', 'workflow:read']);
  const { kinds } = await read(key, community.url);
  expect(kinds.workflows?.coverage).toBe('complete');
  expect(kinds.tags).toMatchObject({ coverage: 'unavailable', reason: { code: 'scope' } });
});

it('every scope of the table is one that n8n gives', async () => {
  const scopes = (await n8n.rest('GET', '/api-keys/scopes')) as string[];
  expect(scopes).toEqual(expect.arrayContaining(scopesOf(SCOPE_NEEDS)));
});

async function read(apiKey: string, url = n8n.url) {
  const store = new MemoryStore();
  const { header } = await takeBackup({ url, apiKey }, { store });
  const files = await latestFiles(store);
  files.delete('flowkeep.json');
  return { kinds: header.kinds, files };
}

function run(apiKey: string, args: readonly string[], more: Record<string, string> = {}): Promise<FlowkeepRun> {
  const env = {
    N8N_URL: n8n.url,
    N8N_API_KEY: apiKey,
    FLOWKEEP_RATE_LIMIT_REQUESTS_PER_SECOND: '1000',
    ...more,
  };
  return flowkeep(args, { cwd: folder, env });
}

interface Checked {
  readonly needless: readonly string[];
  readonly unattended: { readonly commands: readonly string[]; readonly needless: readonly string[] };
}

async function checkOf(apiKey: string, more: Record<string, string> = {}): Promise<Checked> {
  const { stdout } = await run(apiKey, ['--json', 'check'], more);
  return (JSON.parse(stdout) as { instances: [Checked] }).instances[0];
}

async function api(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${n8n.url}/api/v1${path}`, {
    method,
    headers: { 'x-n8n-api-key': n8n.apiKey, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
  return answer.json();
}
