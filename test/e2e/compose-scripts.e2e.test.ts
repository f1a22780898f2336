import { execFile } from 'node:child_process';
import { chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OWNER } from '../support/n8n/owner-session.ts';
import { startN8n } from '../support/n8n/start.ts';
import { grepOutput } from '../support/secrets/grep.ts';
import { plant } from '../support/secrets/planted.ts';

const SCRIPTS = join(import.meta.dirname, '../../config/compose');

let secrets: string;
beforeEach(async () => {
  secrets = await mkdtemp(join(tmpdir(), 'flowkeep-secrets-'));
});
afterEach(() => rm(secrets, { recursive: true, force: true }));

/** Runs a script of docker-compose.yml, of which everything that it prints is grepped for planted secrets. */
async function run(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const options = { env: { PATH: process.env.PATH, ...env } };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(SCRIPTS, script), ...args], options);
  grepOutput(`stdout of ${script}`, stdout);
  grepOutput(`stderr of ${script}`, stderr);
}

describe('the scripts of docker-compose.yml', () => {
  it('the scripts move the secrets of an older version to where each has its own volume', async () => {
    const before = join(secrets, 'before');
    await mkdir(before);
    await writeFile(join(before, 'n8n-encryption-key'), plant('an-encryption-key-of-before', 'encryption key'));
    for (let times = 0; times < 2; times++) {
      await run('make-secrets.mjs', [secrets]);
      expect(await readFile(join(secrets, 'encryption-key/key'), 'utf8')).toBe('an-encryption-key-of-before');
      expect(await readdir(before)).toEqual([]);
    }
  });

  it('the scripts give a secret to its reader although the run that made it was killed before that', async () => {
    const file = join(secrets, 'http-token/token');
    await mkdir(join(secrets, 'http-token'));
    await writeFile(`${file}.new`, plant('half-a-token-of-the-http-api', 'token'), { mode: 0o400 });
    await run('make-secrets.mjs', [secrets]);
    const token = plant(await readFile(file, 'utf8'), 'token');
    expect(token).toMatch(/^\w{32}$/);
    expect(await readdir(join(secrets, 'http-token'))).toEqual(['token']);
    await chown(file, 0, 0);
    await run('make-secrets.mjs', [secrets]);
    expect(await stat(file)).toMatchObject({ uid: 1000, gid: 1000 });
    expect(await readFile(file, 'utf8')).toBe(token);
  });

  it('the scripts make their keys on an n8n that has the keys of an older version', async () => {
    await using n8n = await startN8n({ licensed: false });
    await writeFile(join(secrets, 'password'), OWNER.password);
    await mkdir(join(secrets, 'read-key'));
    await mkdir(join(secrets, 'restore-key'));
    for (const label of ['flowkeep', 'flowkeep restore'])
      await n8n.rest('POST', '/api-keys', { label, expiresAt: null, scopes: ['tag:list'] });
    const folders = ['read-key', 'restore-key'].map((name) => join(secrets, name));
    const owner = { N8N_URL: n8n.url, OWNER_EMAIL: OWNER.email };
    const made: string[] = [];
    // As after a run that was killed before it wrote its keys down.
    for (let times = 0; times < 2; times++) {
      await run('set-up.mjs', [secrets, ...folders], owner);
      for (const key of folders) {
        made.push(plant(await readFile(join(key, 'n8n-api-key'), 'utf8'), 'key of n8n'));
        await rm(join(key, 'n8n-api-key'));
      }
    }
    expect(new Set(made).size).toBe(4);
    for (const key of made) {
      const answer = await fetch(`${n8n.url}/api/v1/tags`, { headers: { 'X-N8N-API-KEY': key } });
      expect(answer.status).toBe(200);
    }
  });
});
