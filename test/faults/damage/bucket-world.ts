import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand, type CommandRun } from '../../support/hostile/commands.ts';
import {
  S3StandIn,
  STAND_IN_ACCESS_KEY,
  STAND_IN_BUCKET,
  STAND_IN_SECRET_KEY,
  type StandInObject,
} from '../../support/s3/stand-in.ts';
import { startStandIn, type StandIn } from '../../support/stand-in/start.ts';
import { addWorkflow, saveDraft } from '../../support/stand-in/workflow-actions.ts';
import { draftOf } from '../../support/stand-in/state.ts';

/** A small bucket with a few snapshots, the documents of a restore and an index, and the program that works on it. */
export interface BucketWorld extends AsyncDisposable {
  readonly s3: S3StandIn;
  /** What the bucket held before anything was spoilt. */
  readonly whole: ReadonlyMap<string, StandInObject>;
  /** Puts the bucket back as it was. */
  reset(): void;
  run(...args: readonly string[]): Promise<CommandRun>;
}

export async function startBucketWorld(): Promise<BucketWorld> {
  await using started = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'flowkeep-damage-'));
  started.defer(() => rmSync(folder, { recursive: true, force: true }));
  const s3 = started.use(await S3StandIn.start());
  const n8n = started.use(await startStandIn());
  const run = (...args: readonly string[]): Promise<CommandRun> => runCommand(args, { cwd: folder, env: env(s3, n8n) });
  await fill(n8n, s3, run);
  const whole = copyOf(s3.objects);
  const owned = started.move();
  return {
    ...{ s3, whole, run },
    reset() {
      s3.objects.clear();
      for (const [key, object] of copyOf(whole)) s3.objects.set(key, object);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function env(s3: S3StandIn, n8n: StandIn): Record<string, string> {
  return {
    ...{ N8N_URL: n8n.url, N8N_API_KEY: n8n.apiKey, FLOWKEEP_INSTANCE: 'prod' },
    FLOWKEEP_RETENTION_KEEP_LAST: '3',
    FLOWKEEP_STORE:
      `s3://${STAND_IN_BUCKET}/n8n?region=us-east-1&forcePathStyle=true` + `&endpoint=http://127.0.0.1:${s3.port}`,
    ...{ FLOWKEEP_S3_ACCESS_KEY_ID: STAND_IN_ACCESS_KEY, FLOWKEEP_S3_SECRET_ACCESS_KEY: STAND_IN_SECRET_KEY },
  };
}

/**
 * Backups with edits between them, a restore, which leaves the mapping of ids, a prune, which leaves copies of what it
 * removed, and a backup with a key that may not delete, which leaves its lock.
 */
async function fill(n8n: StandIn, s3: S3StandIn, run: BucketWorld['run']): Promise<void> {
  const names = ['Invoice sync', 'Lead router', 'Nightly report'];
  const workflows = names.map((name) => addWorkflow(n8n.state, { name }));
  const edit = (number: number): void => {
    for (const [index, workflow] of workflows.slice(0, 2).entries()) {
      const note = { id: 'n', name: 'Note', type: 'n8n-nodes-base.stickyNote', typeVersion: 1, position: [index, 0] };
      const nodes = [{ ...note, parameters: { content: `edit ${number} `.repeat(300) } }];
      saveDraft(n8n.state, workflow, { ...draftOf(workflow), nodes });
    }
  };
  for (let number = 1; number <= 4; number++) {
    edit(number);
    await mustSucceed(run('backup'));
  }
  await mustSucceed(run('prune'));
  edit(5);
  await mustSucceed(run('restore', 'latest', '--yes'));
  edit(6);
  s3.fault = ({ method }) => (method === 'DELETE' ? { status: 403, code: 'AccessDenied' } : null);
  await mustSucceed(run('backup'));
  s3.fault = () => null;
}

async function mustSucceed(running: Promise<CommandRun>): Promise<void> {
  const { code, stdout, stderr } = await running;
  if (code !== 0) throw new Error(`exit code ${code}: ${stdout}${stderr}`);
}

function copyOf(objects: ReadonlyMap<string, StandInObject>): Map<string, StandInObject> {
  return new Map([...objects].map(([key, object]) => [key, { ...object, bytes: Buffer.from(object.bytes) }]));
}
