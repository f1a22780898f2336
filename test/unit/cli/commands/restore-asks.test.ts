import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand, type CommandRun } from '../../../support/hostile/commands.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { addWorkflow } from '../../../support/stand-in/workflow-actions.ts';

let old: StandIn;
let other: StandIn;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowkeep-restore-asks-'));
  [old, other] = await Promise.all([startStandIn({ seed: 'old' }), startStandIn({ seed: 'other' })]);
});
afterEach(async () => {
  await Promise.all([old.stop(), other.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/** @param answer what somebody types at the terminal; without it there is none */
function run(n8n: StandIn, args: readonly string[], answer?: string): Promise<CommandRun> {
  const env = { N8N_URL: n8n.url, N8N_API_KEY: n8n.apiKey, FLOWKEEP_INSTANCE: 'prod' };
  return runCommand(args, { cwd: folder, env, ...(answer === undefined ? {} : { answer }) });
}

function fill(n8n: StandIn, count: number, name: string): void {
  for (let index = 0; index < count; index++) {
    addWorkflow(n8n.state, { id: `${name}x${index}`, name: `${name} ${index}` });
  }
}

/** Backs up, and gives the id of the snapshot. */
async function backup(n8n: StandIn): Promise<string> {
  const { stdout } = await run(n8n, ['backup', '--json']);
  const { instances } = JSON.parse(stdout) as { instances: { stores: { snapshot: { id: string } }[] }[] };
  return instances[0]!.stores[0]!.snapshot.id;
}

describe('flowkeep restore into another server that is not empty', () => {
  beforeEach(async () => {
    fill(old, 2, 'w');
    fill(other, 2, 'own');
    await run(old, ['backup']);
  });

  it('is refused with --yes, unless the target is named', async () => {
    const refused = await run(other, ['restore', '--yes', '--json']);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'other-server' } });
    expect(other.state.workflows.has('wx0')).toBe(false);

    const planned = await run(other, ['restore', '--dry-run', '--json']);
    expect(JSON.parse(planned.stdout)).toMatchObject({ otherServer: 'foreign' });

    const named = await run(other, ['restore', '--yes', '--json', '--to', 'prod']);
    expect([named.code, JSON.parse(named.stdout)]).toMatchObject([0, { otherServer: 'foreign', status: 'applied' }]);
  });

  it('says so in the question on a terminal, and goes on after a yes', async () => {
    const declined = await run(other, ['restore'], 'n\n');
    expect(declined).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing was changed') as string });
    const restored = await run(other, ['restore'], 'y\n');
    expect(restored.stderr).toContain('Apply this plan to a server that is not the one of the snapshot? [y/N]');
    expect(restored.stdout).toMatch(/^WARNING: .* is not the server/);
    expect(restored.code).toBe(0);
  });
});

describe('flowkeep restore of a snapshot that lost most of what there was', () => {
  it('stops and names both ways on: the last full snapshot, and this one by its id', async () => {
    fill(old, 4, 'w');
    const full = await backup(old);
    for (const id of ['wx0', 'wx1', 'wx2']) old.state.workflows.delete(id);
    const shrunk = await backup(old);
    for (const flag of ['--yes', '--dry-run']) {
      const { code, stderr } = await run(old, ['restore', flag]);
      expect([flag, code]).toEqual([flag, 1]);
      expect(stderr).toContain(`flowkeep restore ${full} --instance prod`);
      expect(stderr).toContain(`flowkeep restore ${shrunk} --instance prod`);
    }
    const declined = await run(old, ['restore'], 'n\n');
    expect(declined.stderr).toContain(`Restore ${shrunk} all the same? [y/N]`);
    expect(declined).toMatchObject({ code: 0, stdout: 'nothing was changed\n' });
    expect(await run(old, ['restore'], 'y\n')).toMatchObject({ code: 0 });
    expect(await run(old, ['restore', shrunk, '--yes'])).toMatchObject({ code: 0 });
    expect(old.state.workflows.size).toBe(1);
  });
});

describe('flowkeep backup of a server that lost nearly everything', () => {
  it('says what is gone and both ways on, and show says which snapshot is passed over', async () => {
    fill(old, 6, 'w');
    const full = await backup(old);
    old.state.workflows.clear();
    const lost = await run(old, ['backup']);
    expect(lost.code).toBe(3);
    expect(lost.stdout).toContain(`6 of 6 workflows, credentials and data tables are gone since snapshot ${full}`);
    expect(lost.stdout).toContain('flowkeep backup --instance prod --confirm');
    const shown = await run(old, ['show']);
    expect(shown.stdout).toContain(full);
    expect(shown.stderr).toContain('is passed over');
  });
});
