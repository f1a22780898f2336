/**
 * Sets up what docker-compose.yml starts: n8n's owner, an API key for flowkeep, and the bucket. What is there already
 * stays as it is: `node set-up.mjs FOLDER` with N8N_URL, S3_ENDPOINT and S3_BUCKET.
 */
import { randomUUID } from 'node:crypto';
import { chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const USER = 1000;
const OWNER = 'owner@example.com';
const folder = process.argv[2] ?? '/run/flowkeep';
const { N8N_URL, S3_ENDPOINT, S3_BUCKET } = process.env;

if (S3_ENDPOINT) await makeBucket();
if (!existsSync(join(folder, 'n8n-api-key'))) await makeApiKey();

async function makeBucket() {
  // The AWS SDK of flowkeep's own image.
  const { CreateBucketCommand, S3Client } = createRequire('/app/package.json')('@aws-sdk/client-s3');
  const client = new S3Client({
    endpoint: S3_ENDPOINT,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: secret('s3-access-key-id'), secretAccessKey: secret('s3-secret-access-key') },
  });
  try {
    await client.send(new CreateBucketCommand({ Bucket: S3_BUCKET }));
    console.log(`made the bucket ${S3_BUCKET}`);
  } catch (error) {
    if (error.name !== 'BucketAlreadyOwnedByYou') throw error;
  }
}

/** What n8n's editor does in a browser. */
async function makeApiKey() {
  const password = secret('n8n-owner-password');
  const browserId = randomUUID();
  let cookie = '';
  const settings = await rest('GET', '/settings');
  if (settings.userManagement.showSetupOnFirstLoad) {
    await rest('POST', '/owner/setup', { email: OWNER, password, firstName: 'Flow', lastName: 'Keeper' });
  }
  await rest('POST', '/login', { emailOrLdapLoginId: OWNER, password });
  const scopes = await rest('GET', '/api-keys/scopes');
  const { rawApiKey } = await rest('POST', '/api-keys', { label: 'flowkeep', expiresAt: null, scopes });
  const file = join(folder, 'n8n-api-key');
  writeFileSync(file, rawApiKey, { mode: 0o400 });
  chownSync(file, USER, USER);
  console.log(`made an API key for flowkeep; sign in as ${OWNER}`);

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

function secret(name) {
  return readFileSync(join(folder, name), 'utf8').trim();
}
