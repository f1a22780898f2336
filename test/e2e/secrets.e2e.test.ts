import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/lib/json/json.ts';
import type { SecretFinding } from '../../src/snapshot/treat/finding.ts';
import { flowkeep, type FlowkeepRun } from '../support/flowkeep.ts';
import { startN8n, type RunningN8n } from '../support/n8n/start.ts';
import { plantSecrets, type PlantedSecret } from '../support/plant-secrets.ts';
import { idOf, seedClient, type SeedClient } from '../support/seed/client.ts';

const folder = mkdtempSync(join(tmpdir(), 'flowkeep-secrets-'));

/** A secret in each kind of place of a real n8n, and what each setting makes of it. No output may hold any of them. */
describe('secrets in a real n8n', () => {
  let n8n: RunningN8n;
  let client: SeedClient;
  let secrets: readonly PlantedSecret[];
  let workflowId: string;
  let cleanId: string;

  beforeAll(async () => {
    n8n = await startN8n({ licensed: true });
    client = seedClient(n8n);
    ({ secrets, workflowId, cleanId } = await plantSecrets(client));
  });
  afterAll(async () => {
    await n8n?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs flowkeep with a store of its own for each name. */
  function run(store: string, settings: Readonly<Record<string, string>>, ...args: string[]): Promise<FlowkeepRun> {
    const env = {
      N8N_URL: n8n.url,
      N8N_API_KEY: n8n.apiKey,
      FLOWKEEP_STORE: `git:${join(folder, store)}`,
      ...settings,
    };
    return flowkeep(args, { cwd: folder, env });
  }

  /** All that a store's repository holds, its history too, in one text. */
  function contentOf(store: string): string {
    const path = join(folder, store);
    const history = execFileSync('git', ['-C', path, 'log', '-p', '--format=%B'], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    return (
      history +
      filesBelow(path)
        .map((file) => readFileSync(file, 'utf8'))
        .join('\n')
    );
  }

  it('secrets in a real n8n are all found, and nothing else is', async () => {
    const done = await run('warned', {}, 'backup', '--json');
    expect(done.code).toBe(0);
    const findings = findingsIn(done);
    const table = secrets.map(({ place, expected }) => {
      const found = findings.filter((one) => isAt(one, expected));
      return {
        place,
        found: found.map(({ node, field, rule }) => `${node ?? '-'} | ${field} | ${rule}`).join('; '),
      };
    });
    process.stdout.write(`${table.map(({ place, found }) => `| ${place} | ${found} |`).join('\n')}\n`);
    expect(table.filter(({ found }) => found === '')).toEqual([]);
    const unexpected = findings.filter((one) => !secrets.some(({ expected }) => isAt(one, expected)));
    expect(unexpected).toEqual([]);
    expect(findings.filter(({ id }) => id === cleanId)).toEqual([]);
    const text = await run('warned-in-words', {}, 'backup');
    expect(text.stdout).toMatch(/warning: 2\d secrets in what was saved/);
  });

  it('secrets in a real n8n keep a store from being written that is to hold none', async () => {
    const done = await run('blocked', { FLOWKEEP_SECRETS: 'block' }, 'backup');
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('nothing was saved to default (secrets: block)');
    expect(done.stderr).toContain('workflow "Planted", node "Key header": parameters.headerParameters');
  });

  it('secrets in a real n8n are in no file and no commit of a store that redacts, and an unchanged run commits nothing', async () => {
    const redact = { FLOWKEEP_SECRETS: 'redact' };
    expect((await run('redacted', redact, 'backup')).code).toBe(0);
    const again = await run('redacted', redact, 'backup');
    expect(again.stdout).toContain('unchanged since');
    const content = contentOf('redacted');
    for (const { place, secret } of secrets) expect(content.includes(secret), place).toBe(false);
    expect(content).toContain('[redacted by flowkeep: secret-in-header]');
  });

  it('secrets in a real n8n survive a restore in place, and are asked for where a workflow is created again', async () => {
    const settings = {
      FLOWKEEP_SECRETS: 'redact',
      FLOWKEEP_PIN_DATA: 'drop',
      FLOWKEEP_VARIABLE_VALUES: 'omit',
    };
    expect((await run('strict', settings, 'backup')).code).toBe(0);
    const none = await run('strict', settings, 'diff', '--json');
    const { instances } = JSON.parse(none.stdout) as { instances: [{ kinds: { items: unknown[] }[] }] };
    expect(instances[0].kinds.flatMap(({ items }) => items)).toEqual([]);

    const before = await client.get(`/workflows/${workflowId}`);
    await client.put(`/workflows/${workflowId}?publishIfActive=false`, edited(before));
    const inPlace = await run('strict', settings, 'restore', '--yes');
    expect(inPlace.code, inPlace.stderr + inPlace.stdout).toBe(0);
    const after = await client.get(`/workflows/${workflowId}`);
    for (const member of ['nodes', 'pinData', 'description', 'staticData'])
      expect(after[member]).toEqual(before[member]);

    await deleteAll(n8n, workflowId);
    const anew = await run('strict', settings, 'restore', '--yes', '--json');
    expect(anew.code).toBe(3);
    const { byHand } = JSON.parse(anew.stdout) as { byHand: { kind: string; places: string[] }[] };
    const places = byHand.flatMap((item) => item.places).join('\n');
    for (const { expected } of secrets.filter(({ expected: { node } }) => node !== null && node !== 'Call'))
      if (expected.field !== 'pinData') expect(places).toContain(`node "${expected.node!}": ${expected.field}`);
    expect(byHand.some(({ kind, places: all }) => kind === 'variables' && all[0]?.startsWith('needs its value'))).toBe(
      true,
    );
    const back = await client.get(`/workflows/${workflowId}`);
    expect(JSON.stringify(back.nodes)).toContain('[redacted by flowkeep: ');
  });

  it('a marker that an author typed in a real n8n does not hide the code that replaces it, and is restored as text', async () => {
    const redact = { FLOWKEEP_SECRETS: 'redact' };
    const typed = '[redacted by flowkeep: github-token]';
    const body = (jsCode: string): JsonObject => ({
      name: 'Typed',
      nodes: [
        {
          id: 'c1',
          name: 'Code',
          type: 'n8n-nodes-base.code',
          typeVersion: 2,
          position: [0, 0],
          parameters: { jsCode },
        },
      ],
      connections: {},
      settings: {},
    });
    const id = idOf(await client.post('/workflows', body(typed)));
    expect((await run('typed', redact, 'backup')).code).toBe(0);
    expect((await run('typed', redact, 'backup')).stdout).toContain('unchanged since');
    await client.put(`/workflows/${id}?publishIfActive=false`, body('return steal(items);'));
    const shown = await run('typed', redact, 'diff', '--only', `workflow:${id}`);
    expect(shown.stdout).toContain('return steal(items);');
    expect(shown.stdout).not.toContain('no difference');
    const only = ['--only', `workflow:${id}`];
    expect((await run('typed', redact, 'restore', ...only, '--dry-run')).stdout).toContain('nodes differ');
    const restored = await run('typed', redact, 'restore', ...only, '--yes');
    expect(restored.code, restored.stderr + restored.stdout).toBe(0);
    expect(await client.get(`/workflows/${id}`)).toMatchObject({ nodes: [{ parameters: { jsCode: typed } }] });
    const whole = await run('typed', redact, 'diff');
    expect(whole.stdout).toContain('no difference in what could be compared');
    expect(whole.stdout).toMatch(/\d+ texts? could not be compared \(withheld\)/);
  });
});

function isAt(finding: SecretFinding, { kind, node, field }: PlantedSecret['expected']): boolean {
  return finding.kind === kind && finding.node === node && finding.field.startsWith(field);
}

function findingsIn(done: FlowkeepRun): SecretFinding[] {
  const { instances } = JSON.parse(done.stdout) as {
    instances: [{ stores: [{ secrets: { found: SecretFinding[] } }] }];
  };
  return instances[0].stores[0].secrets.found;
}

/** The workflow with another address in one of the nodes that hold a secret. */
function edited({ name, nodes, connections, settings, pinData, staticData }: JsonObject): JsonObject {
  const changed = (nodes as JsonObject[]).map((node) =>
    node.name === 'Key header' && isJsonObject(node.parameters)
      ? { ...node, parameters: { ...node.parameters, url: 'https://elsewhere.internal' } }
      : node,
  );
  return {
    name: name!,
    nodes: changed,
    connections: connections!,
    settings: settings!,
    pinData: pinData!,
    staticData: staticData!,
  };
}

async function deleteAll({ url, apiKey }: RunningN8n, workflowId: string): Promise<void> {
  const headers = { 'X-N8N-API-KEY': apiKey };
  await fetch(`${url}/api/v1/workflows/${workflowId}`, { method: 'DELETE', headers });
  const { data } = (await (await fetch(`${url}/api/v1/variables`, { headers })).json()) as {
    data: { id: string }[];
  };
  for (const { id } of data) await fetch(`${url}/api/v1/variables/${id}`, { method: 'DELETE', headers });
}

function filesBelow(path: string): string[] {
  return readdirSync(path)
    .filter((name) => name !== '.git')
    .flatMap((name) => {
      const entry = join(path, name);
      return statSync(entry).isDirectory() ? filesBelow(entry) : [entry];
    });
}
