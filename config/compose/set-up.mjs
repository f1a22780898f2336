/**
 * Sets up the n8n of docker-compose.yml: its owner, and two API keys (docs/api-key.md), one that can only read, for
 * what runs unattended, and one with all scopes, for restores. What is there already stays as it is:
 *   node set-up.mjs OWNER_PASSWORD_FOLDER READ_KEY_FOLDER RESTORE_KEY_FOLDER
 * with N8N_URL and, for an owner that is there already, OWNER_EMAIL.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [passwordFolder, readFolder, restoreFolder] = process.argv.slice(2);
const { N8N_URL, OWNER_EMAIL = 'owner@example.com' } = process.env;
const readKey = join(readFolder, 'n8n-api-key');
const restoreKey = join(restoreFolder, 'n8n-api-key');

/** What a backup reads with, of the scopes that the instance knows. */
const READ_SCOPES = [
  ...['workflow:list', 'workflow:read', 'workflow:export', 'credential:list', 'variable:list', 'tag:list'],
  ...['project:list', 'user:list', 'folder:list', 'dataTable:list', 'dataTableRow:read', 'communityPackage:list'],
];

if (!existsSync(readKey) || !existsSync(restoreKey)) await makeApiKeys();

/** What n8n's editor does in a browser. */
async function makeApiKeys() {
  const password = readFileSync(join(passwordFolder, 'password'), 'utf8').trim();
  const browserId = randomUUID();
  let cookie = '';
  const settings = await rest('GET', '/settings');
  if (settings.userManagement.showSetupOnFirstLoad) {
    await rest('POST', '/owner/setup', { email: OWNER_EMAIL, password, firstName: 'Flow', lastName: 'Keeper' });
  }
  await rest('POST', '/login', { emailOrLdapLoginId: OWNER_EMAIL, password });
  const scopes = await rest('GET', '/api-keys/scopes');
  await makeKey(
    readKey,
    'flowkeep read',
    READ_SCOPES.filter((scope) => scopes.includes(scope)),
  );
  await makeKey(restoreKey, 'flowkeep restore', scopes);
  console.log(`made the API keys of flowkeep; sign in as ${OWNER_EMAIL}`);

  /**
   * n8n refuses a label that the owner has used: an older version may have, or a run that was killed before it wrote
   * the key down. It takes labels of 50 characters, which a whole UUID would exceed.
   */
  async function makeKey(file, purpose, granted) {
    if (existsSync(file)) return;
    const label = `${purpose} ${randomUUID().slice(0, 8)}`;
    const { rawApiKey } = await rest('POST', '/api-keys', { label, expiresAt: null, scopes: granted });
    writeFileWhole(file, rawApiKey);
  }

  async function rest(method, path, body) {
    const response = await fetch(`${N8N_URL}/rest${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'browser-id': browserId, cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} /rest${path} answered ${response.status}`);
    const given = response.headers.getSetCookie().map((line) => line.split(';')[0]);
    if (given.length > 0) cookie = given.join('; ');
    return (await response.json()).data;
  }
}

/** A kill leaves no half key, which every later run would take for one. */
function writeFileWhole(file, text) {
  const unfinished = `${file}.new`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, text, { mode: 0o400 });
  renameSync(unfinished, file);
}
