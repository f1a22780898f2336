import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApp, type App } from '../../../src/app/app.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/types.ts';
import { webhook } from '../../../src/daemon/notify/channels/webhook.ts';
import { alertSchema } from '../../../src/daemon/notify/registry.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { redact } from '../../../src/lib/secrets/redact.ts';
import type { Secret } from '../../../src/lib/secrets/secret.ts';
import { makeDraft } from '../../support/drafts.ts';
import { GitHttpServer } from '../../support/git-http.ts';
import { S3StandIn, STAND_IN_ACCESS_KEY, STAND_IN_BUCKET } from '../../support/s3/stand-in.ts';
import { plant } from '../../support/secrets/planted.ts';
import { startStandIn } from '../../support/stand-in/start.ts';
import { startTestDaemon } from '../daemon/support.ts';

const OLD = plant('the-old-value-of-a-secret', 'rotated secret');
const NEW = plant('the-new-value-of-a-secret', 'rotated secret');
const GONE = { message: expect.stringContaining('cannot be read any more') as string };

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowkeep-rotated-'));
  file = join(folder, 'secret');
  rotate(OLD);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As Kubernetes and Vault do it: whole, by a rename. */
function rotate(value: string): void {
  writeFileSync(`${file}.new`, `${value}\n`);
  renameSync(`${file}.new`, file);
}

function load(env: Readonly<Record<string, string>>): Config {
  const all = { N8N_URL: 'http://127.0.0.1:9', N8N_API_KEY_FILE: file, HOME: folder, ...env };
  return loadConfig({ env: all, cwd: folder, alert: alertSchema });
}

function appOf(env: Readonly<Record<string, string>>): App {
  const options = { logger: silentLogger, version: '1', temporaryFolder: folder, identityFiles: [] };
  return createApp({ ...options, config: load(env), env: { PATH: process.env.PATH, HOME: folder } });
}

async function storeOf(app: App) {
  const [store] = await app.stores(app.instances()[0]!);
  return store!;
}

describe('a secret in a file', () => {
  const secretOf = (env: Readonly<Record<string, string>> = {}): Secret => load(env).instances[0]!.apiKey;

  it('a secret in a file is read at each use, and hidden in what is printed from then on', () => {
    const secret = secretOf();
    expect(secret.reveal()).toBe(OLD);
    const fresh = `${NEW}-of-this-test`;
    rotate(fresh);
    expect(secret.reveal()).toBe(fresh);
    for (const value of [OLD, fresh]) expect(redact(`key ${value}, ${encodeURIComponent(value)}`)).not.toContain(value);
    expect(String(secret)).toBe('[secret]');
  });

  it('a secret in a file that is gone, empty or broken is an error that names the file and what to do', () => {
    const secret = secretOf();
    for (const text of ['', 'two\nlines']) {
      writeFileSync(file, text);
      expect(() => secret.reveal()).toThrow(expect.objectContaining({ ...GONE, code: 'secret' }) as Error);
    }
    rmSync(file);
    const error = expect.objectContaining({
      message: `a secret cannot be read any more: cannot read the file ${file} (ENOENT)`,
      remedy: 'check that it exists and that this user may read it',
    }) as Error;
    expect(() => secret.reveal()).toThrow(error);
    rotate(NEW);
    expect(secret.reveal()).toBe(NEW);
  });

  it('a secret in a file is read once when the config is loaded, so that a rotation meanwhile does no harm', () => {
    let reads = 0;
    const readFile = (path: string): string => {
      if (path === file) reads++;
      if (path !== file || reads > 1) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return OLD;
    };
    const env = { N8N_URL: 'http://127.0.0.1:9', N8N_API_KEY_FILE: file, HOME: folder };
    const { apiKey } = loadConfig({ env, cwd: folder, alert: alertSchema, readFile }).instances[0]!;
    expect(reads).toBe(1);
    expect(redact(OLD)).toBe('[secret]');
    expect(() => apiKey.reveal()).toThrow('cannot be read any more');
  });

  it('a secret that came through a pipe is kept, since a pipe gives its text once', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('sh', ['-c', 'printf %s "$0" >"$1"', OLD, pipe], { stdio: 'ignore' });
    const secret = secretOf({ N8N_API_KEY_FILE: pipe });
    for (let times = 0; times < 2; times++) expect(secret.reveal()).toBe(OLD);
    await once(writer, 'close');
  });
});

describe('a rotated secret', () => {
  it("a rotated API key is what n8n's client sends", async () => {
    await using n8n = await startStandIn();
    rotate(`${OLD}-wrong`);
    const app = appOf({ N8N_URL: n8n.url });
    const client = await app.client(app.instances()[0]!);
    await expect(client.get('/workflows')).rejects.toMatchObject({ code: 'n8n-unauthorized' });
    rotate(n8n.apiKey);
    expect(await client.get('/workflows')).toMatchObject({ data: [] });
    rmSync(file);
    await expect(client.get('/workflows')).rejects.toMatchObject(GONE);
    await app[Symbol.asyncDispose]();
  });

  it('a rotated key of S3 is what the open store signs with', async () => {
    await using server = await S3StandIn.start();
    const app = appOf({
      FLOWKEEP_STORE: `s3://${STAND_IN_BUCKET}/n8n?region=us-east-1&forcePathStyle=true&endpoint=http://127.0.0.1:${server.port}`,
      FLOWKEEP_S3_ACCESS_KEY_ID_FILE: file,
      FLOWKEEP_S3_SECRET_ACCESS_KEY: OLD,
    });
    const store = await storeOf(app);
    await expect(store.list()).rejects.toMatchObject({ reason: 'denied' });
    rotate(STAND_IN_ACCESS_KEY);
    expect(await store.list()).toEqual([]);
    rmSync(file);
    await expect(store.list()).rejects.toMatchObject({ ...GONE, reason: 'denied' });
    rotate(STAND_IN_ACCESS_KEY);
    expect(await store.list()).toEqual([]);
    await app[Symbol.asyncDispose]();
  });

  it('a rotated token is what git gives the server, from the next command on', async () => {
    const users: Record<string, string> = { 'x-access-token': NEW };
    await using server = await GitHttpServer.start({ root: folder, users });
    const app = appOf({
      FLOWKEEP_STORE: `git+${server.createRepository('backup.git')}`,
      FLOWKEEP_GIT_TOKEN_FILE: file,
    });
    const store = await storeOf(app);
    await expect(store.latest('prod')).rejects.toMatchObject({ reason: 'denied' });
    rotate(NEW);
    await store.save(makeDraft({ files: { 'a.json': 'alpha' } }));
    users['x-access-token'] = OLD;
    rotate(OLD);
    expect((await store.latest('prod'))?.info.instance).toBe('prod');
    rmSync(file);
    await expect(store.latest('prod')).rejects.toMatchObject({ ...GONE, reason: 'denied' });
    await app[Symbol.asyncDispose]();
  });

  it('a rotated token of the daemon is what it asks for, and without its file the daemon goes on', async () => {
    const { token } = load({ FLOWKEEP_HTTP_TOKEN_FILE: file }).http;
    await using daemon = await startTestDaemon({ token: token! });
    expect((await daemon.post('/v1/backup', undefined, OLD)).status).toBe(202);
    rotate(NEW);
    expect((await daemon.post('/v1/backup', undefined, OLD)).status).toBe(401);
    expect((await daemon.post('/v1/backup', undefined, NEW)).status).toBe(202);
    rmSync(file);
    expect((await daemon.post('/v1/backup', undefined, NEW)).status).toBe(500);
    expect(daemon.lines.map(({ fields }) => String(fields['error'])).join('\n')).toContain('cannot be read any more');
    for (const path of ['/healthz', '/metrics', '/v1/status']) expect((await daemon.get(path)).status).toBe(200);
  });

  it('a rotated URL of a webhook is where the next alert goes', async () => {
    const paths: string[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url ?? '');
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    rotate(`${url}/${OLD}`);
    const { alerts } = load({ N8N_API_KEY_FILE: '', N8N_API_KEY: OLD, FLOWKEEP_WEBHOOK_URL_FILE: file });
    const channel = webhook.open({ url: (alerts as { webhook: Secret }).webhook });
    const run = { job: 'backup', status: 'failed', exitCode: 1, startedAt: 0, durationMs: 1 } as const;
    const error = { code: 'x', message: 'n8n is down' };
    const notice = { event: 'failed', instance: 'prod', error, run: { ...run, instance: 'prod' } } as never;
    await channel.send(notice, new AbortController().signal);
    rotate(`${url}/${NEW}`);
    await channel.send(notice, new AbortController().signal);
    expect(paths).toEqual([`/${OLD}`, `/${NEW}`]);
    expect(redact(`POST /${NEW} failed`)).toBe('POST [secret] failed');
    server.close();
  });
});
