import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDaemon, type DaemonProcess, type DaemonProcessOptions } from '../support/daemon/process.ts';
import { Receiver } from '../support/daemon/receiver.ts';
import { flowkeep, type FlowkeepRun } from '../support/flowkeep.ts';
import { GitHttpServer } from '../support/git-http.ts';
import { freePorts } from '../support/n8n/server-process.ts';
import { STAND_IN_ACCESS_KEY, STAND_IN_BUCKET } from '../support/s3/stand-in.ts';
import { everyFormOf, startEcho, type EchoOptions } from '../support/secrets/echo-server.ts';
import { grepFolder, grepOutput, grepRepository } from '../support/secrets/grep.ts';
import { plant } from '../support/secrets/planted.ts';
import { grepProcessList, RecordingGit } from '../support/secrets/process-list.ts';
import { addCredential } from '../support/stand-in/credentials.ts';
import { startStandIn, type StandIn } from '../support/stand-in/start.ts';
import { personalProject } from '../support/stand-in/state.ts';
import { addWorkflow } from '../support/stand-in/workflow-actions.ts';
import { n8nErrorOf, testClient } from '../unit/n8n/support/client.ts';

/**
 * Every way to fail, with secrets that are easy to recognise. What comes out is grepped by the helpers that run
 * flowkeep, as in every test; here each failure is one that would show a secret. `[secret]` in the output proves that
 * the secret was there to be hidden.
 */

const N8N_KEY = plant('planted-n8n-key/with+odd=chars', 'key of n8n');
const GIT_TOKEN = plant('planted-git-token/with+odd=chars', 'token of git');
const S3_SECRET = plant('planted-S3-secret/with+odd=chars', 'secret of S3');
const HTTP_TOKEN = plant('planted-http-token+odd=chars', 'token of the API');
const CRASH = join(import.meta.dirname, '../support/secrets/crash.ts');

let n8n: StandIn;
let cwd: string;

beforeEach(async () => {
  n8n = await startStandIn({ licensed: true });
  n8n.state.keys.set(N8N_KEY, n8n.state.keys.get(n8n.apiKey) ?? []);
  addWorkflow(n8n.state, { id: 'w1', name: 'Workflow' });
  cwd = mkdtempSync(join(tmpdir(), 'flowkeep-leaks-'));
});
afterEach(async () => {
  await n8n.stop();
  // Whatever was written on the way: stores, clones, spools, configuration.
  grepFolder('the folder of a test', cwd, (path) => path.startsWith('given/'));
  rmSync(cwd, { recursive: true, force: true });
});

const run = (args: readonly string[], env: Record<string, string> = {}): Promise<FlowkeepRun> =>
  flowkeep(['--log-level', 'debug', ...args], {
    cwd,
    env: { N8N_URL: n8n.url, N8N_API_KEY: N8N_KEY, TMPDIR: cwd, ...env },
  });

describe('n8n, or what stands before it, repeats the key', () => {
  it('the key that n8n repeats in each of its refusals is hidden', async () => {
    const page = (echo: string): string => `<!doctype html><p>${echo}`;
    const refusals: Record<string, EchoOptions> = {
      ...Object.fromEntries([400, 401, 403, 404, 409, 413].map((status) => [`s${status}`, { status }])),
      redirect: { status: 302, headers: { location: `/elsewhere?key=${encodeURIComponent(N8N_KEY)}` } },
      away: { status: 307, headers: { location: `https://elsewhere.test/${encodeURIComponent(N8N_KEY)}` } },
      page: { status: 200, headers: { 'content-type': 'text/html' }, body: page },
      firewall: { status: 403, headers: { 'content-type': 'text/html' }, body: page },
      list: {
        status: 200,
        body: (echo) => JSON.stringify({ data: [{ id: 1, name: echo }], nextCursor: null }),
      },
    };
    await using servers = new AsyncDisposableStack();
    const instances: Record<string, object> = {};
    for (const [name, options] of Object.entries(refusals)) {
      const { url } = servers.use(await startEcho(options));
      instances[name] = { url, apiKey: { env: 'N8N_API_KEY' } };
    }
    instances['tls'] = { url: n8n.url.replace('http:', 'https:'), apiKey: { env: 'N8N_API_KEY' } };
    writeFileSync(join(cwd, 'flowkeep.yaml'), JSON.stringify({ instances }));

    for (const form of [[], ['--json']]) {
      const { code, stdout, stderr } = await run(['--config', 'flowkeep.yaml', ...form, 'backup']);
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain('[secret]');
      for (const name of Object.keys(instances)) expect(stdout + stderr, name).toContain(name);
    }
    const checked = await run(['--config', 'flowkeep.yaml', 'check']);
    expect(checked.stdout + checked.stderr).toContain('[secret]');
  });

  it.each([429, 500, 502, 503])(
    'the key that n8n repeats with status %d until flowkeep gives up is hidden',
    async (status) => {
      await using echo = await startEcho({ status });
      const error = await n8nErrorOf(testClient(echo.url).get('/workflows'));
      const told = JSON.stringify({ ...error, message: error.message, stack: error.stack });
      grepOutput('an error of the client', told);
      expect(told).toContain('[secret]');
      expect(echo.answered).toBeGreaterThan(1);
    },
  );

  it('the key in the reason why a kind could not be read, which is saved, is hidden', async () => {
    const message = `not for the bearer of ${everyFormOf(N8N_KEY)}`;
    n8n.fault({ path: '/variables', times: 9, action: { status: 400, body: { message } } });
    const { code } = await run(['backup']);
    expect(code).toBe(3);
    const { stdout } = await run(['show', '--json']);
    expect(stdout).toContain('not for the bearer of [secret] [secret]');
    grepRepository('the store', join(cwd, 'n8n-backup'));
  });
});

describe('a store repeats its secret', () => {
  it('the token that git over HTTP repeats in a refusal and by a hook is hidden', async () => {
    const root = join(cwd, 'given');
    mkdirSync(root);
    await using git = await GitHttpServer.start({ root, users: { bot: GIT_TOKEN } });
    const env = { FLOWKEEP_STORE: `git+${git.createRepository('r.git')}`, FLOWKEEP_GIT_TOKEN: GIT_TOKEN };
    const bot = { ...env, FLOWKEEP_GIT_USERNAME: 'bot' };

    const wrong = await run(['backup'], { ...env, FLOWKEEP_GIT_USERNAME: 'nobody' });
    expect(wrong.stderr).toContain('the server does not accept the token');

    // The first 500 characters are shown, and the token is where they end.
    const body = `${'-'.repeat(440)} ${everyFormOf(GIT_TOKEN)}\n`;
    git.fault = { status: 403, headers: { 'content-type': 'text/plain' }, body };
    const refused = await run(['backup'], bot);
    expect(refused.stderr).toContain('[secret]');
    git.fault = null;

    const hook = join(root, 'r.git/hooks/pre-receive');
    writeFileSync(hook, `#!/bin/sh\necho 'not with ${everyFormOf(GIT_TOKEN)}'\nexit 1\n`);
    chmodSync(hook, 0o755);
    const declined = await run(['--json', 'backup'], bot);
    expect(declined.code).toBe(1);
    expect(declined.stdout).toContain('[secret]');
  });

  it('the token of git does not follow a redirect to another host, which asks for it', async () => {
    await using elsewhere = await startEcho({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="git"' },
    });
    await using git = await startEcho({
      status: 302,
      headers: {
        location: `${elsewhere.url.replace('127.0.0.1', 'localhost')}/r.git/info/refs?service=git-upload-pack`,
      },
    });
    const { code, stderr } = await run(['backup'], {
      FLOWKEEP_STORE: `git+${git.url}/r.git`,
      FLOWKEEP_GIT_TOKEN: GIT_TOKEN,
    });
    expect(code, stderr).not.toBe(0);
    expect(elsewhere.answered).toBeGreaterThan(0);
    expect(elsewhere.authorizations.filter((header) => header !== '')).toEqual([]);
  });

  it('the secret that S3 repeats in its error is hidden', async () => {
    const body = (): string =>
      `<Error><Code>AccessDenied</Code><Message>not with ${everyFormOf(S3_SECRET)}</Message></Error>`;
    await using echo = await startEcho({ status: 403, headers: { 'content-type': 'application/xml' }, body });
    const { code, stderr } = await run(['backup'], {
      FLOWKEEP_STORE: `s3://${STAND_IN_BUCKET}?region=eu-central-1&endpoint=${encodeURIComponent(echo.url)}`,
      FLOWKEEP_S3_ACCESS_KEY_ID: STAND_IN_ACCESS_KEY,
      FLOWKEEP_S3_SECRET_ACCESS_KEY: S3_SECRET,
    });
    expect(code).toBe(1);
    expect(stderr).toContain('not with [secret] [secret]');
  });
});

it('a restore does not show what a credentials file holds, though n8n repeats it', async () => {
  const password = plant('planted "password" of/the+credentials', 'a password of --credentials-file');
  addCredential(n8n.state, {
    ...{ id: 'c1', name: 'Basic', type: 'httpBasicAuth', data: {}, isStub: false },
    projectId: personalProject(n8n.state).id,
  });
  expect((await run(['backup'])).code).toBe(0);
  n8n.state.credentials.delete('c1');
  mkdirSync(join(cwd, 'given'));
  writeFileSync(join(cwd, 'given/credentials.yaml'), JSON.stringify({ Basic: { user: 'bot', password } }));
  const message = `request.body.data has ${everyFormOf(password)}`;
  n8n.fault({ method: 'POST', path: '/credentials', times: 9, action: { status: 400, body: { message } } });
  const restored = await run(['restore', '--yes', '--credentials-file', 'given/credentials.yaml']);
  expect(restored.code).toBe(3);
  expect(restored.stdout).toContain('request.body.data has [secret] [secret]');
});

it('the effective configuration shows no secret, and a wrong one none either', async () => {
  const env = {
    FLOWKEEP_STORE: 'git+https://git.example.com/r.git',
    FLOWKEEP_GIT_TOKEN: GIT_TOKEN,
    FLOWKEEP_HTTP_TOKEN: HTTP_TOKEN,
    FLOWKEEP_PING_URL: 'https://ping.example.com/planted-ping',
    FLOWKEEP_WEBHOOK_URL: 'https://hooks.example.com/planted-webhook?token=planted',
  };
  for (const form of [[], ['--json']]) {
    const { code, stdout } = await run([...form, 'config', 'print'], env);
    expect(code).toBe(0);
    expect(stdout).toContain('[secret]');
  }
  const wrong = await run(['check'], {
    ...env,
    FLOWKEEP_STORE: `git+https://bot:${GIT_TOKEN}@git.example.com/r.git`,
  });
  expect(wrong.code).toBe(2);
});

describe('the daemon', () => {
  it('the daemon tells nobody the key that n8n repeats: not its log, its answers, its metrics, its pings or its webhook', async () => {
    await using echo = await startEcho({ status: 400 });
    await using receiver = await Receiver.start();
    await using daemon = await start({
      N8N_URL: echo.url,
      FLOWKEEP_PING_URL: receiver.url('/planted-ping'),
      FLOWKEEP_WEBHOOK_URL: receiver.url('/planted-webhook'),
    });
    await expect.poll(() => receiver.paths, { timeout: 20_000 }).toContain('/planted-webhook');
    await expect.poll(() => receiver.paths).toContain('/planted-ping/fail');
    expect(receiver.received.map(({ body }) => body).join()).toContain('[secret]');
    for (const path of ['/healthz', '/readyz', '/metrics', '/v1/status', '/nowhere', '/v1/backup'])
      await daemon.get(path);
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toBe(0);
  });

  it.each([
    ['an error that nothing catches', 'SIGUSR2', 'a defect'],
    ['a promise that nobody waits for', 'SIGWINCH', 'a forgotten promise'],
  ] as const)('the daemon crashes by %s with a stack that shows no secret', async (_what, signal, words) => {
    await using daemon = await start({}, ['--import', CRASH]);
    daemon.signal(signal);
    expect(await daemon.ended).toBe(1);
    const shown = daemon.log.map(({ raw }) => raw).join('\n');
    expect(shown).toContain(words);
    expect(shown).toContain('[secret]');
    expect(shown).toMatch(/^ +at .*crash\.ts/m);
  });

  async function start(
    more: Record<string, string>,
    nodeArgs: DaemonProcessOptions['nodeArgs'] = [],
  ): Promise<DaemonProcess> {
    const [port = 0] = await freePorts(1);
    const env = {
      N8N_URL: n8n.url,
      N8N_API_KEY: N8N_KEY,
      FLOWKEEP_HTTP_TOKEN: HTTP_TOKEN,
      FLOWKEEP_SCHEDULE: '0 4 * * *',
    };
    return startDaemon({ cwd, port, nodeArgs, env: { ...env, TMPDIR: cwd, ...more } });
  }
});

it('no process shows a secret in its arguments, and git gets its own token alone', async () => {
  const git = new RecordingGit(cwd);
  const root = join(cwd, 'given');
  mkdirSync(root);
  await using server = await GitHttpServer.start({ root, users: { bot: GIT_TOKEN } });
  server.beforeRequest = async () => grepProcessList();
  const { code } = await run(['backup'], {
    PATH: `${git.folder}:${process.env.PATH}`,
    FLOWKEEP_STORE: `git+${server.createRepository('r.git')}`,
    FLOWKEEP_GIT_TOKEN: GIT_TOKEN,
    FLOWKEEP_GIT_USERNAME: 'bot',
    FLOWKEEP_HTTP_TOKEN: HTTP_TOKEN,
  });
  expect(code).toBe(0);
  expect(git.argumentLists.some((list) => list.startsWith('push '))).toBe(true);
  expect(git.variables).toContain(`FLOWKEEP_GIT_TOKEN=${GIT_TOKEN}`);
  grepOutput('the arguments of git', git.argumentLists.join('\n'));
  grepOutput(
    'the environment of git',
    git.variables.filter((each) => !each.startsWith('FLOWKEEP_GIT_TOKEN=')).join('\n'),
  );
  grepRepository('the remote', join(root, 'r.git'));
  rmSync(git.folder, { recursive: true });
});
