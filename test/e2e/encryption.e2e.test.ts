import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { Encrypter } from 'age-encryption';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonObject } from '../../src/lib/json/json.ts';
import type { N8nClient } from '../../src/n8n/http/types.ts';
import { sha256 } from '../../src/lib/hash.ts';
import { ageDecrypt, ageKeygen, installAge, type KeyFile } from '../support/age.ts';
import { flowkeep, type FlowkeepRun } from '../support/flowkeep.ts';
import { startN8n, type RunningN8n } from '../support/n8n/start.ts';
import { startGate, type Gate } from '../support/restore/gate.ts';
import { clientFor } from '../support/restore/run.ts';
import { startCountingProxy, type CountingProxy } from '../support/s3/counting-proxy.ts';
import { startRgw, type RunningRgw } from '../support/s3/rgw.ts';
import { seed, type Seeded } from '../support/seed.ts';

/** Two real n8n, a git repository, a real bucket and Debian's age: a daemon without the identity, and its owner. */
const folder = mkdtempSync(join(tmpdir(), 'flowkeep-encryption-'));
const BUCKET = 'vault';
const repository = join(folder, 'backup');
const reference = join(folder, 'reference');

let source: RunningN8n;
let target: RunningN8n;
let gate: Gate;
let rgw: RunningRgw;
let proxy: CountingProxy;
let owner: KeyFile;
let stranger: KeyFile;
let seeded: Seeded;
/** Requests whose path has this are refused. */
let refused: string | null = null;

beforeAll(async () => {
  installAge();
  owner = ageKeygen(folder, 'owner.txt');
  stranger = ageKeygen(folder, 'stranger.txt');
  rgw = await startRgw();
  await rgw.createBucket(BUCKET);
  proxy = await startCountingProxy(rgw.port);
  source = await startN8n({ licensed: true });
  target = await startN8n({ licensed: true });
  gate = await startGate(source.url, ({ path }) =>
    refused !== null && path.includes(refused) ? { status: 400 } : undefined,
  );
  seeded = await seed(source, { licensed: true });
  configure();
});
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]();
  await source?.stop();
  await target?.stop();
  await proxy?.[Symbol.asyncDispose]();
  await rgw?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function configure(): void {
  const rateLimit = { concurrency: 4, requestsPerSecond: 1000 };
  const instances = {
    source: { url: gate.url, apiKey: { env: 'SOURCE_KEY' }, rateLimit },
    target: { url: target.url, apiKey: { env: 'TARGET_KEY' }, rateLimit },
  };
  const encrypt = { recipients: [owner.recipient] };
  const s3 = {
    type: 's3',
    bucket: BUCKET,
    endpoint: proxy.endpoint,
    forcePathStyle: true,
    region: 'us-east-1',
  };
  const keys = { accessKeyId: { env: 'S3_ID' }, secretAccessKey: { env: 'S3_SECRET' } };
  const stores = { repo: { type: 'git', path: repository, encrypt }, bucket: { ...s3, ...keys, encrypt } };
  writeFileSync(join(folder, 'flowkeep.yaml'), JSON.stringify({ instances, stores }));
}

function run(...args: string[]): Promise<FlowkeepRun> {
  const keys = { SOURCE_KEY: source.apiKey, TARGET_KEY: target.apiKey };
  const env = { ...keys, S3_ID: rgw.accessKey, S3_SECRET: rgw.secretKey };
  return flowkeep([...args, ...(args.includes('--instance') ? [] : ['--instance', 'source'])], {
    cwd: folder,
    env,
  });
}

/** Gives a workflow another name, and its nodes another place. */
async function rename(client: N8nClient, id: string, more: string): Promise<void> {
  const { name, nodes, connections, settings } = (await client.get(`/workflows/${id}`)) as JsonObject;
  const moved = (nodes as JsonObject[]).map((node) => ({ ...node, position: [7, 7] }));
  await client.put(`/workflows/${id}`, { name: `${name as string} ${more}`, nodes: moved, connections, settings });
}

function git(...args: string[]): string {
  return execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
}

/** The files of a folder, by path below it. */
function tree(at: string): Map<string, Buffer> {
  const files = readdirSync(at, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(at.length + 1), readFileSync(path)];
    }),
  );
}

function statuses(done: FlowkeepRun): unknown[] {
  const { instances } = JSON.parse(done.stdout) as { instances: { stores: { status: string }[] }[] };
  return instances.flatMap(({ stores }) => stores.map(({ status }) => status));
}

/** What a manifest of S3 lists, and the stored bytes of each file, without flowkeep. */
async function filesInBucket(): Promise<Map<string, Buffer>> {
  const { Contents = [] } = await rgw.client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  const read = async (key: string): Promise<Buffer> => {
    const { Body } = await rgw.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    return gunzipSync(await Body!.transformToByteArray());
  };
  const manifests = Contents.flatMap(({ Key = '' }) => (Key.startsWith('snapshots/source/') ? [Key] : []));
  const [, , ...lines] = (await read(manifests.sort().at(-1)!)).toString().trimEnd().split('\n');
  const files = new Map<string, Buffer>();
  for (const line of lines) {
    const [path, hash, , more] = JSON.parse(line) as [string, string, number, { base64?: string }?];
    const inline = more?.base64;
    const bytes = inline === undefined ? await read(`objects/${hash.slice(0, 2)}/${hash}.gz`) : null;
    files.set(path, bytes ?? Buffer.from(inline!, 'base64'));
  }
  return files;
}

it('an encrypted store saves to git and to S3 what Debian’s age decrypts to the very files that flowkeep exports', async () => {
  const done = await run('backup', '--json');
  expect(done.code, done.stdout + done.stderr).toBe(0);
  expect(statuses(done)).toEqual(['saved', 'saved']);
  const exported = await run('export', 'latest', '--out', reference, '--identity', owner.file);
  expect(exported.code, exported.stderr).toBe(0);

  const plain = new Set([...tree(join(reference, 'source')).values()].map(sha256));
  expect(plain.size).toBeGreaterThan(seeded.workflowIds.length);
  for (const stored of [tree(join(repository, 'source')), await filesInBucket()]) {
    const ids = [...stored.keys()].filter((path) => /^workflows\/[^/]+(?<!published)\.json\.age$/.test(path));
    expect(ids.map((path) => /\/(\w+)\./.exec(path)?.[1]).sort()).toEqual([...seeded.workflowIds].sort());
    const opened = new Set<string>();
    for (const [path, bytes] of stored) {
      if (path === 'flowkeep.json') opened.add(sha256(bytes));
      if (path.endsWith('.age') && !path.startsWith('names-')) opened.add(sha256(ageDecrypt(bytes, owner.file)));
    }
    expect(opened).toEqual(plain);
    const names = JSON.parse(ageDecrypt(stored.get('names-workflows.json.age')!, owner.file).toString()) as Record<
      string,
      string
    >;
    for (const [path, name] of Object.entries(names))
      expect(ageDecrypt(stored.get(`${path}.age`)!, owner.file)).toEqual(readFileSync(join(reference, 'source', name)));
  }
});

it('an encrypted store shows no name, and nothing that others can decrypt', async () => {
  const names = [...tree(join(reference, 'source')).keys()].flatMap((path) => {
    const slug = /^(?:workflows|credentials|data-tables)\/([^./]+)\./.exec(path)?.[1];
    return slug === undefined || slug.length < 5 ? [] : [slug];
  });
  expect(names.length).toBeGreaterThan(10);
  const visible = [git('log', '--all', '-p', '--text', '--name-only', '--format=%B'), git('log', '--all', '-p')];
  for (const [path, bytes] of await filesInBucket()) visible.push(path, bytes.toString('latin1'));
  for (const name of names) expect(visible.join('\n')).not.toContain(name);

  const [path = ''] = [...tree(join(repository, 'source')).keys()].filter((each) => each.endsWith('.age'));
  const bytes = readFileSync(join(repository, 'source', path));
  expect(() => ageDecrypt(bytes, stranger.file)).toThrow(/no identity matched any of the recipients/);
});

it('an encrypted store changes nothing where nothing changed: no commit, no upload, without the identity', async () => {
  const head = git('rev-parse', 'HEAD');
  proxy.requests.length = 0;
  const done = await run('backup', '--json');

  expect(done.code, done.stderr).toBe(0);
  expect(statuses(done)).toEqual(['unchanged', 'unchanged']);
  expect(git('rev-parse', 'HEAD')).toBe(head);
  expect(proxy.requests.filter((each) => !/^(GET|HEAD) /.test(each))).toEqual([]);
});

it('an encrypted store uploads one object for one edit, and names nothing in the commit', async () => {
  const client = clientFor(source);
  const id = seeded.workflowIds.at(-1)!;
  await rename(client, id, 'edited');
  await client.close();
  proxy.requests.length = 0;

  const done = await run('backup', '--json');
  expect(done.code, done.stderr).toBe(0);
  expect(proxy.requests.filter((each) => each.startsWith(`PUT /${BUCKET}/objects/`))).toHaveLength(1);
  expect(git('log', '-1', '--format=%s').trim()).toBe('source: 1 workflow changed');
  const changed = git('diff', '--name-only', 'HEAD~1').trim().split('\n');
  expect(changed.filter((path) => path.startsWith('source/workflows/'))).toEqual([`source/workflows/${id}.json.age`]);
  expect(changed).toContain('source/names-workflows.json.age');
});

it('an encrypted store carries a kind over that fails, as it is stored', async () => {
  refused = '/api/v1/workflows';
  const failed = await run('backup', '--json');
  refused = null;

  expect(failed.code, failed.stdout + failed.stderr).toBe(3);
  expect(statuses(failed)).toEqual(['saved', 'saved']);
  const changed = git('diff', '--name-only', 'HEAD~1').trim().split('\n');
  expect(changed).toContain('source/flowkeep.json');
  expect(changed.filter((path) => path.endsWith('.age'))).toEqual([]);
  const verified = await run('verify', '--all', '--identity', owner.file);
  expect(verified.code, verified.stdout + verified.stderr).toBe(0);
  expect(statuses(await run('backup', '--json'))).toEqual(['saved', 'saved']);
});

it('an encrypted store says without the identity what it needs, and what it could check', async () => {
  const commands = [
    ['restore', '--to', 'target', '--yes'],
    ['diff'],
    ['diff', 'latest~1', 'latest'],
    ['export', 'latest', '--out', join(folder, 'nothing')],
    ['show', '--html', 'page.html'],
  ];
  for (const command of commands) {
    const done = await run(...command);
    expect([command[0], done.code]).toEqual([command[0], 2]);
    expect(done.stderr).toMatch(/is encrypted, and no identity was given\n.*--identity FILE/);
    const wrong = await run(...command, '--identity', stranger.file);
    expect([command[0], wrong.code]).toEqual([command[0], 2]);
    expect(wrong.stderr).toContain('is not encrypted for the given identity');
  }
  const shown = await run('show');
  expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining('encrypted: needs --identity FILE')]);
  const verified = await run('verify', '--all');
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('contents not read:')]);
});

it('an encrypted store refuses an identity file that it cannot use, without repeating it', async () => {
  const encrypter = new Encrypter();
  encrypter.setPassphrase('correct horse');
  encrypter.setScryptWorkFactor(10);
  writeFileSync(join(folder, 'locked.age'), await encrypter.encrypt(readFileSync(owner.file)));
  const locked = await run('diff', '--identity', 'locked.age');

  expect(locked.code).toBe(2);
  expect(locked.stderr).toMatch(/is protected by a passphrase\n.*--identity <\(age --decrypt FILE\)/);
  writeFileSync(join(folder, 'broken.txt'), readFileSync(owner.file, 'utf8').replace(/.{4}\s*$/, 'XXXX'));
  const broken = await run('diff', '--identity', 'broken.txt');
  expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining('is not an age identity')]);
});

it('an encrypted store restores from either store into another n8n, under the same ids', async () => {
  const client = clientFor(target);
  for (const store of ['bucket', 'repo']) {
    const done = await run('restore', '--to', 'target', '--yes', '--identity', owner.file, '--store', store);
    expect(done.code, done.stdout + done.stderr).toBe(0);
    // A restore with nothing to do would save no safety snapshot in the other store.
    if (store === 'bucket') await rename(client, seeded.workflowIds.at(-1)!, 'changed meanwhile');
  }
  const { data } = (await client.get('/workflows', { query: { limit: 250 } })) as { data: JsonObject[] };
  await client.close();
  expect(data.map(({ id }) => id).sort()).toEqual([...seeded.workflowIds].sort());
  const safety = [...tree(join(repository, 'target')).keys()];
  expect(safety.filter((path) => !/\.age$|^flowkeep\.json$|^encryption\.ndjson$/.test(path))).toEqual([]);
});

it('an encrypted store takes the identity from the environment and from a pipe', async () => {
  const command = [process.execPath, join(import.meta.dirname, '../../src/main.ts')].join(' ');
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    SOURCE_KEY: source.apiKey,
    TARGET_KEY: target.apiKey,
    S3_ID: rgw.accessKey,
    S3_SECRET: rgw.secretKey,
  };
  // Not execFileSync: the proxies that flowkeep talks to run in this process.
  const bash = async (script: string, more: object = {}): Promise<string> => {
    const options = { cwd: folder, env: { ...env, ...more } };
    return (await promisify(execFile)('bash', ['-c', script], options)).stdout;
  };

  const diff = `${command} diff latest~1 latest --stat --instance source`;
  const piped = await bash(`${diff} --identity <(cat owner.txt)`);
  expect(piped).toContain('→');
  expect(await bash(diff, { FLOWKEEP_IDENTITY_FILE: owner.file })).toBe(piped);
});

it('an encrypted store finds bytes that somebody changed', async () => {
  // The newest commit is the safety snapshot of the last restore.
  const path = join(repository, 'target', 'workflows', `${seeded.workflowIds[0]}.json.age`);
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
  git('-c', 'user.name=x', '-c', 'user.email=x@x', 'commit', '-qa', '--amend', '--no-edit');

  for (const args of [[], ['--identity', owner.file]]) {
    const done = await run('verify', '--all', '--instance', 'target', '--store', 'repo', ...args);
    expect(done.code, done.stdout).toBe(5);
    expect(done.stdout).toContain(seeded.workflowIds[0]);
  }
});
