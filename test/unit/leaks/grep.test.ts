import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { grepFolder, grepOutput, takeLeaks } from '../../support/secrets/grep.ts';
import { plant, plantEnvironment } from '../../support/secrets/planted.ts';

/** The check of every test's outputs for secrets (test/support/secrets) must itself find what it is there to find. */

const SECRET = plant('sécret/of+the=grep "test" & 4711', 'the secret');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const folder = mkdtempSync(join(tmpdir(), 'flowkeep-grep-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the grep finds a planted secret', () => {
  it.each([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify([SECRET])],
    ['in JSON within JSON', JSON.stringify({ body: JSON.stringify([SECRET]) })],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['URL-encoded with lower-case codes', encodeURIComponent(SECRET).replace(/%../g, (code) => code.toLowerCase())],
    ['in a query', new URLSearchParams({ token: SECRET }).toString()],
    ['in HTML', '<p>s&eacute;cret</p> sécret/of+the=grep &quot;test&quot; &amp; 4711'],
    ['in hex', Buffer.from(SECRET).toString('hex')],
    ['in base64', base64(SECRET)],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
    ['in base64, one byte in', base64(`:${SECRET}`)],
    ['in base64, two bytes in', base64(`a:${SECRET}`)],
    ['in basic authentication', `Authorization: Basic ${base64(`x-access-token:${SECRET}`)}`],
    ['in a data URL', `data:;base64,${encodeURIComponent(base64(`{"key":"${SECRET}"}`))}`],
  ])('%s', (_form, output) => {
    grepOutput('an output', `some words ${output} more words`);
    expect(takeLeaks()).toEqual([expect.stringMatching(/^the secret in an output: .*some words/)]);
  });

  it('the grep finds a planted secret in bytes, in files, in gzipped files and in the name of a file', () => {
    const store = join(folder, 'store');
    mkdirSync(join(store, 'deep'), { recursive: true });
    writeFileSync(join(store, 'deep', 'plain'), `before ${SECRET}`);
    writeFileSync(join(store, 'zipped'), gzipSync(`{"key":"${encodeURIComponent(SECRET)}"}`));
    writeFileSync(join(store, encodeURIComponent(SECRET)), '');
    writeFileSync(join(store, 'innocent'), 'nothing');
    grepOutput('bytes', Buffer.from(SECRET));
    grepFolder('the store', store);
    const places = takeLeaks().map((leak) => leak.split(': ')[0]?.replace('the secret in ', ''));
    expect(places.sort()).toEqual(['bytes', 'the store, deep/plain', 'the store, path', 'the store, zipped']);
  });

  it('the grep finds a planted secret that came by an environment variable, or in a file that one names', () => {
    writeFileSync(join(folder, 'key'), '-----BEGIN KEY-----\nbGluZS1vZi1hLWtleQ\n-----END KEY-----\n');
    const env = {
      N8N_API_KEY: 'planted-key-1',
      FLOWKEEP_PING_URL: 'https://ping.example/planted-ping',
      FLOWKEEP_GIT_SSH_KEY_FILE: './key',
      FLOWKEEP_S3_ACCESS_KEY_ID: 'no-secret-but-a-name',
      FLOWKEEP_SCHEDULE: 'no-secret-either',
    };
    plantEnvironment(env, folder);
    grepOutput('one', 'planted-key-1');
    grepOutput('two', 'GET /planted-ping');
    grepOutput('three', 'bGluZS1vZi1hLWtleQ');
    grepOutput('four', 'no-secret-but-a-name, no-secret-either, -----BEGIN KEY-----');
    expect(takeLeaks().map((leak) => leak.split(': ')[0])).toEqual([
      'N8N_API_KEY in one',
      'FLOWKEEP_PING_URL in two',
      'FLOWKEEP_GIT_SSH_KEY_FILE in three',
    ]);
  });

  it('the grep finds a planted secret and none in innocent text', () => {
    grepOutput('an output', `sécret/of+the grep; ${base64('x-access-token:[secret]')}`);
    expect(takeLeaks()).toEqual([]);
  });
});

describe('a run of the suite', () => {
  it('a run of the suite fails where a secret came out, though every assertion held', async () => {
    const { code, output } = await runFixture('leaking');
    expect(output).toContain('planted secrets came out:');
    expect(output).toContain('token in stderr of a program: Authorization: Basic');
    expect(output).toContain('Grepped 1 outputs');
    expect(code).toBe(1);
  });

  it('a run of the suite fails where nothing was grepped', async () => {
    const { code, output } = await runFixture('silent');
    expect(output).toContain('1 passed');
    expect(output).toContain('No output was grepped');
    expect(code).toBe(1);
  });

  it('a run of the suite passes where secrets are kept', async () => {
    const { code, output } = await runFixture('clean');
    expect(output).toContain('Grepped 1 outputs');
    expect(code).toBe(0);
  });
});

async function runFixture(project: string): Promise<{ code: number; output: string }> {
  const vitest = join(import.meta.dirname, '../../../node_modules/vitest/vitest.mjs');
  const config = join(import.meta.dirname, '../../support/secrets/fixtures/vitest.config.ts');
  const args = [vitest, 'run', `--config=${config}`, `--project=${project}`, '--reporter=verbose'];
  const env = { PATH: process.env.PATH, NO_COLOR: '1' };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const failed = error as { code: number; stdout: string; stderr: string };
    return { code: failed.code, output: failed.stdout + failed.stderr };
  }
}
