/**
 * Makes the secrets of docker-compose.yml, each in a file of its own, those that are there already excepted:
 * `node make-secrets.mjs FOLDER`. Runs as root; the files belong to user 1000, whom n8n and flowkeep run as.
 */
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const USER = 1000;
const folder = process.argv[2] ?? '/run/flowkeep';
const secrets = {
  'n8n-encryption-key': random(),
  // n8n wants eight characters with a digit and a capital.
  'n8n-owner-password': `A1${random()}`,
  's3-access-key-id': random().slice(0, 20),
  's3-secret-access-key': random(),
  'http-token': random(),
};

chownSync(folder, USER, USER);
for (const [name, value] of Object.entries(secrets)) {
  const file = join(folder, name);
  if (existsSync(file)) continue;
  writeFileSync(file, value, { mode: 0o400 });
  chownSync(file, USER, USER);
  console.log(`made ${name}`);
}

function random() {
  return randomBytes(24).toString('base64url').replaceAll(/[-_]/g, 'x');
}
