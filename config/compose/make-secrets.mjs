/**
 * Makes the secrets of docker-compose.yml, those that are there already excepted: `node make-secrets.mjs FOLDER`. Each
 * is in a folder of its own, which is a volume that only its readers mount. The API keys come from set-up.mjs.
 *
 * Runs as root. FOLDER/before is the one volume of all secrets that an older version had: what is in it moves.
 */
import { randomBytes } from 'node:crypto';
import { chownSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Whom n8n and flowkeep run as. */
const USER = 1000;
const ROOT = 0;
const root = process.argv[2] ?? '/secrets';

make('encryption-key/key', USER, random, 'n8n-encryption-key');
// n8n wants eight characters with a digit and a capital.
make('owner-password/password', USER, () => `A1${random()}`, 'n8n-owner-password');
make('s3-root-key/user', ROOT, () => random().slice(0, 20), 's3-access-key-id');
make('s3-root-key/password', ROOT, random, 's3-secret-access-key');
make('bucket-key/access-key-id', USER, () => random().slice(0, 20));
make('bucket-key/secret-access-key', USER, random);
make('http-token/token', USER, random, 'http-token');
make('read-key/n8n-api-key', USER, () => null);
// The key of before has all scopes.
make('restore-key/n8n-api-key', USER, () => null, 'n8n-api-key');

/**
 * @param newValue gives null for what the set-up makes
 * @param before the file's name in the one volume of before
 */
function make(name, user, newValue, before) {
  const file = join(root, name);
  mkdirSync(dirname(file), { recursive: true });
  chownSync(dirname(file), user, user);
  const old = before === undefined ? null : join(root, 'before', before);
  if (!existsSync(file)) {
    const value = old !== null && existsSync(old) ? undefined : newValue();
    if (value === null) return;
    // A kill leaves no half secret, which every later run would take for one.
    const unfinished = `${file}.new`;
    if (value === undefined) copyFileSync(old, unfinished);
    else writeFileSync(unfinished, value, { mode: 0o400 });
    renameSync(unfinished, file);
    console.log(`${value === undefined ? 'moved' : 'made'} ${name}`);
  }
  // Also where it is there already: the run that made it may have been killed before it came this far.
  chownSync(file, user, user);
  if (old !== null) rmSync(old, { force: true });
}

function random() {
  return randomBytes(24).toString('base64url').replaceAll(/[-_]/g, 'x');
}
