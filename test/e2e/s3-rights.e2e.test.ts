import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flowkeep, type FlowkeepRun } from '../support/flowkeep.ts';
import { startRgw, type RunningRgw } from '../support/s3/rgw.ts';
import { plant } from '../support/secrets/planted.ts';
import { startStandIn, type StandIn } from '../support/stand-in/start.ts';
import { draftOf } from '../support/stand-in/state.ts';
import { addWorkflow, saveDraft } from '../support/stand-in/workflow-actions.ts';

const RIGHTS = ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject'] as const;
type Right = (typeof RIGHTS)[number];

/** What docs/s3-store.md says that each command needs. */
const READ: readonly Right[] = ['s3:ListBucket', 's3:GetObject'];
const WRITE: readonly Right[] = [...READ, 's3:PutObject'];
const NEEDED: readonly (readonly [command: string, args: readonly string[], rights: readonly Right[]])[] = [
  ['backup', ['backup'], WRITE],
  ['check', ['check'], WRITE],
  ['verify', ['verify', '--all'], READ],
  ['snapshots', ['snapshots'], READ],
  ['show', ['show'], READ],
  ['diff', ['diff', 'latest', 'live'], READ],
  ['export', ['export', 'latest', '--out', 'exported'], READ],
  ['restore', ['restore', 'latest', '--yes'], WRITE],
  ['prune', ['prune'], [...WRITE, 's3:DeleteObject']],
];

const KEY = 'a-key-of-flowkeep-alone';
const SECRET = 'planted/S3+secret=of-flowkeep-alone';

let rgw: RunningRgw;
let n8n: StandIn;
let folder: string;
let buckets = 0;

beforeAll(async () => {
  plant(SECRET, 'secret key of S3');
  folder = mkdtempSync(join(tmpdir(), 'flowkeep-rights-'));
  rgw = await startRgw();
  await rgw.admin(
    'user',
    'create',
    '--uid=flowkeep',
    '--display-name=flowkeep',
    `--access-key=${KEY}`,
    `--secret-key=${SECRET}`,
  );
  n8n = await startStandIn();
  for (const name of ['one', 'two', 'three']) addWorkflow(n8n.state, { name });
});
afterAll(async () => {
  await n8n?.[Symbol.asyncDispose]();
  await rgw?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Statement {
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

function policyFile(name: string): readonly Statement[] {
  return (JSON.parse(readFileSync(join('config/s3', name), 'utf8')) as { Statement: Statement[] }).Statement;
}

function policyOf(rights: readonly Right[]): Statement[] {
  return rights.map((right) => ({
    Action: [right],
    Resource: [right === 's3:ListBucket' ? 'arn:aws:s3:::n8n-backups' : 'arn:aws:s3:::n8n-backups/*'],
  }));
}

/** A bucket in which the user has these rights and no others. */
class Bucket {
  readonly #name = `rights-${++buckets}`;

  static async create(): Promise<Bucket> {
    const bucket = new Bucket();
    await rgw.createBucket(bucket.#name);
    return bucket;
  }

  async allow(statements: readonly Statement[]): Promise<void> {
    const allowed = statements.flatMap(({ Action }) => Action);
    // Denied too: whoever put an object may read it as its owner, whatever the policy of the bucket leaves out.
    const others = policyOf(RIGHTS.filter((right) => !allowed.includes(right)));
    const Statement = [
      ...statements.map((statement) => ({ ...statement, Effect: 'Allow' })),
      ...others.map((statement) => ({ ...statement, Effect: 'Deny' })),
    ].map(({ Effect, Action, Resource }) => ({
      ...{ Effect, Principal: { AWS: ['arn:aws:iam:::user/flowkeep'] }, Action },
      Resource: Resource.map((name) => name.replace('n8n-backups', this.#name)),
    }));
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await rgw.client.send(new PutBucketPolicyCommand({ Bucket: this.#name, Policy }));
  }

  run(...args: readonly string[]): Promise<FlowkeepRun> {
    const env = {
      ...{ N8N_URL: n8n.url, N8N_API_KEY: n8n.apiKey, FLOWKEEP_RETENTION_KEEP_LAST: '1' },
      FLOWKEEP_STORE: `s3://${this.#name}/n8n?region=us-east-1&forcePathStyle=true&endpoint=${rgw.endpoint}`,
      ...{ FLOWKEEP_S3_ACCESS_KEY_ID: KEY, FLOWKEEP_S3_SECRET_ACCESS_KEY: SECRET },
    };
    return flowkeep(args, { cwd: folder, env });
  }

  /** Two snapshots, and an instance that has moved on, so that every command has something to do. */
  async fill(): Promise<void> {
    await this.allow(policyOf(WRITE));
    for (let times = 0; times < 2; times++) {
      expect(await this.run('backup')).toMatchObject({ code: 0 });
      change();
    }
  }
}

let edits = 0;
/** Adds a workflow, and edits one that is in every snapshot: a restore would have nothing to do otherwise. */
function change(): void {
  addWorkflow(n8n.state, { name: `edit ${++edits}` });
  const [first] = n8n.state.workflows.values();
  const note = { id: 'n', name: 'Note', type: 'n8n-nodes-base.stickyNote', typeVersion: 1, position: [0, 0] };
  const nodes = [{ ...note, parameters: { content: `edit ${edits}` } }];
  if (first) saveDraft(n8n.state, first, { ...draftOf(first), nodes });
}

describe('the rights of a key of S3', () => {
  it.each(NEEDED)('%s needs the rights that the documentation names, and no others', async (_name, args, rights) => {
    const bucket = await Bucket.create();
    await bucket.fill();
    for (const missing of rights) {
      await bucket.allow(policyOf(rights.filter((right) => right !== missing)));
      rmSync(join(folder, 'exported'), { recursive: true, force: true });
      const run = await bucket.run(...args);
      expect(run.code, missing).not.toBe(0);
      expect(`${run.stdout}${run.stderr}`).toContain('does not allow s3:');
    }
    await bucket.allow(policyOf(rights));
    rmSync(join(folder, 'exported'), { recursive: true, force: true });
    const run = await bucket.run(...args);
    expect(run).toMatchObject({ code: 0 });
    expect(run.stderr).not.toContain('does not allow');
  });

  it('the policy for backups lets backups follow each other, which leave no lock behind', async () => {
    const bucket = await Bucket.create();
    await bucket.allow(policyFile('backup-policy.json'));
    for (let times = 0; times < 3; times++) {
      // Without waiting: a lock that the run before could not give back would end this one with 11.
      const run = await bucket.run('backup', '--wait', '0');
      expect(run).toMatchObject({ code: 0 });
      expect(run.stderr).not.toContain('lock');
      change();
    }
    expect(await bucket.run('verify', '--all')).toMatchObject({ code: 0 });
  });

  it('the policy for pruning lets prune remove what the policy for backups cannot', async () => {
    const bucket = await Bucket.create();
    await bucket.fill();
    await bucket.allow(policyFile('backup-policy.json'));
    expect((await bucket.run('prune')).code).not.toBe(0);
    await bucket.allow(policyFile('prune-policy.json'));
    expect(await bucket.run('prune')).toMatchObject({ code: 0 });
    const { stdout } = await bucket.run('snapshots', '--json');
    expect((JSON.parse(stdout) as { snapshots: unknown[] }).snapshots).toHaveLength(1);
  });
});
