import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportSnapshot, type ExportFormatName, type ExportReport } from '../../../../src/jobs/export/export.ts';
import { openVerified } from '../../../../src/jobs/snapshots/open-verified.ts';
import { silentLogger } from '../../../../src/lib/logger.ts';
import { noProgress } from '../../../../src/lib/progress.ts';
import { readPackage } from '../../../../src/n8n/package.ts';
import { systemClock } from '../../../../src/lib/time.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import { latestFiles, takeBackup } from '../../../support/backup.ts';
import { makeDraft } from '../../../support/drafts.ts';
import { addCredential } from '../../../support/stand-in/credentials.ts';
import { addFolder } from '../../../support/stand-in/folders.ts';
import { addProject } from '../../../support/stand-in/projects.ts';
import { startStandIn, type StandIn } from '../../../support/stand-in/start.ts';
import { addWorkflow, publish, saveDraft } from '../../../support/stand-in/workflow-actions.ts';

let n8n: StandIn;
let store: MemoryStore;
let folder: string;

beforeEach(async () => {
  n8n = await startStandIn({ licensed: true });
  store = new MemoryStore();
  folder = mkdtempSync(join(tmpdir(), 'flowkeep-export-'));
});
afterEach(async () => {
  await n8n.stop();
  rmSync(folder, { recursive: true, force: true });
});

const trigger = {
  id: 't1',
  name: 'When clicking',
  type: 'n8n-nodes-base.scheduleTrigger',
  typeVersion: 1,
  position: [0, 0],
  parameters: {},
};

async function exportTo(format: ExportFormatName, out = join(folder, 'out')): Promise<ExportReport> {
  const signal = new AbortController().signal;
  const opened = await openVerified([store], 'prod', 'latest', { clock: systemClock, logger: silentLogger, signal });
  return exportSnapshot({ opened, out, format, progress: noProgress, signal });
}

function read(path: string): string {
  return readFileSync(join(folder, 'out', path), 'utf8');
}

function json(path: string): Record<string, unknown> {
  return JSON.parse(read(path)) as Record<string, unknown>;
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}

describe('export as files', () => {
  it('an export as files writes the tree as git has it, byte for byte, and nothing else', async () => {
    addWorkflow(n8n.state, { id: 'w1', name: 'Sync', nodes: [trigger] });
    n8n.addGeneratedTable({ name: 'Rows', rows: 1200 });
    await takeBackup(n8n, { store });
    const report = await exportTo('files');
    const saved = await latestFiles(store);
    expect(filesBelow(join(folder, 'out'))).toEqual([...saved.keys()].map((path) => `prod/${path}`).sort());
    for (const [path, text] of saved) expect(read(`prod/${path}`)).toBe(text);
    expect(report).toMatchObject({ files: saved.size, format: 'files' });
  });

  it('an export as files refuses a folder that holds something, and writes nothing', async () => {
    await takeBackup(n8n, { store });
    mkdirSync(join(folder, 'out'));
    writeFileSync(join(folder, 'out', 'mine.txt'), 'mine');
    await expect(exportTo('files')).rejects.toThrow(/is not empty/);
    expect(filesBelow(join(folder, 'out'))).toEqual(['mine.txt']);
  });

  it('an export as files takes a folder that is empty', async () => {
    await takeBackup(n8n, { store });
    mkdirSync(join(folder, 'out'));
    await exportTo('files');
    expect(existsSync(join(folder, 'out/prod/flowkeep.json'))).toBe(true);
  });

  it('an export as files leaves a mark where it was stopped, and does not write over it', async () => {
    addWorkflow(n8n.state, { id: 'w1', name: 'Sync', nodes: [trigger] });
    await takeBackup(n8n, { store });
    const stop = new AbortController();
    const opened = await openVerified([store], 'prod', 'latest', {
      clock: systemClock,
      logger: silentLogger,
      signal: stop.signal,
    });
    const progress = { ...noProgress, update: () => stop.abort() };
    const out = join(folder, 'out');
    await expect(exportSnapshot({ opened, out, format: 'files', progress, signal: stop.signal })).rejects.toMatchObject(
      { code: 'interrupted' },
    );
    expect(read('INCOMPLETE.txt')).toMatch(/not finished/);
    await expect(exportTo('files')).rejects.toThrow(/not finished/);
  });

  for (const path of [
    '../evil.json',
    '/etc/evil',
    'workflows/../../evil.json',
    'workflows/./x.json',
    'workflows\\evil.json',
    'C:/evil.json',
    'workflows//x.json',
  ]) {
    it(`an export as files refuses a snapshot with the entry ${JSON.stringify(path)} before it writes anything`, async () => {
      await takeBackup(n8n, { store });
      const good = await latestFiles(store);
      await store.save(
        makeDraft({ takenAt: '2030-01-01T00:00:00Z', files: { ...Object.fromEntries(good), [path]: '{}' } }),
      );
      for (const format of ['files', 'n8n-cli', 'n8np'] as const) {
        await expect(exportTo(format)).rejects.toMatchObject({
          code: 'hostile-path',
          message: expect.stringContaining(JSON.stringify(path)) as string,
        });
      }
      expect(readdirSync(folder)).toEqual([]);
    });
  }
});

describe('export for the command line of n8n', () => {
  it('an export for the command line of n8n writes workflows with their static data, and without what breaks the import', async () => {
    const workflow = addWorkflow(n8n.state, {
      id: 'w1',
      name: 'Sync',
      nodes: [trigger],
      staticData: { last: 7 },
    });
    publish(n8n.state, workflow);
    saveDraft(n8n.state, workflow, {
      nodes: [{ ...trigger, name: 'Renamed' }],
      connections: {},
      nodeGroups: [],
    });
    await takeBackup(n8n, { store });
    const report = await exportTo('n8n-cli');
    const draft = json('workflows/sync.w1.json');
    expect(draft).toMatchObject({ id: 'w1', nodes: [{ name: 'Renamed' }], staticData: { last: 7 } });
    for (const member of ['activeVersion', 'shared', 'activeVersionId']) expect(draft).not.toHaveProperty(member);
    expect(json('published/sync.w1.json')).toMatchObject({ id: 'w1', nodes: [{ name: 'When clicking' }] });
    expect(readdirSync(join(folder, 'out/workflows'))).toEqual(['sync.w1.json']);
    expect(read('live-workflows.txt')).toBe('w1\n');
    expect(report.counts).toMatchObject({ workflows: 1 });
  });

  it('an export for the command line of n8n writes credentials as stubs and says that importing them over others empties those', async () => {
    addCredential(n8n.state, { id: 'c1', name: 'Key', type: 'httpHeaderAuth' } as never);
    await takeBackup(n8n, { store });
    await exportTo('n8n-cli');
    expect(json('credentials/key.c1.json')).toEqual({
      id: 'c1',
      name: 'Key',
      type: 'httpHeaderAuth',
      data: {},
    });
    expect(read('README.txt')).toMatch(/EMPTIES its secret/);
    expect(read('README.txt')).toMatch(/n8n import:workflow --separate --input=workflows/);
  });

  it('an export for the command line of n8n leaves nothing out: the rest lies in other/', async () => {
    n8n.addGeneratedTable({ name: 'Rows', rows: 10 });
    addWorkflow(n8n.state, { id: 'w1', name: 'Sync', nodes: [trigger] });
    await takeBackup(n8n, { store });
    await exportTo('n8n-cli');
    const others = [...(await latestFiles(store)).keys()].filter((path) => !path.startsWith('workflows/'));
    expect(filesBelow(join(folder, 'out/other'))).toEqual(others.sort());
  });
});

describe('export as packages', () => {
  it('an export as packages splits the workflows by their place, and carries tags, folders and projects', async () => {
    addProject(n8n.state, { id: 'p1', name: 'Team' });
    addFolder(n8n.state, { id: 'f1', name: 'Outer', projectId: 'p1', parentFolderId: null });
    addWorkflow(n8n.state, {
      id: 'w1',
      name: 'Deep',
      projectId: 'p1',
      parentFolderId: 'f1',
      nodes: [trigger],
    });
    addWorkflow(n8n.state, { id: 'w2', name: 'Top', projectId: 'p1', nodes: [trigger] });
    addWorkflow(n8n.state, { id: 'w3', name: 'Mine', nodes: [trigger] });
    await takeBackup(n8n, { store });
    const report = await exportTo('n8np');
    expect(report.counts).toMatchObject({ packages: 5, workflows: 3, projects: 1, folders: 1 });
    const script = read('import.sh');
    expect(script).toMatch(/003-workflows\.n8np --form-string 'projectId=p1' --form-string 'folderId=f1'/);
    const packages = await Promise.all(
      readdirSync(join(folder, 'out/packages')).map((name) =>
        readPackage(readFileSync(join(folder, 'out/packages', name))),
      ),
    );
    const held = packages.map((entries) => [...entries.keys()].filter((path) => path.endsWith('workflow.json')).length);
    expect(held).toEqual([0, 0, 1, 1, 1]);
    expect(packages[2]?.get('manifest.json')).toMatchObject({
      sourceN8nVersion: '2.41.1',
      sourceId: 'flowkeep-prod',
    });
  });

  it('an export as packages keeps each package below the limits of n8n', async () => {
    for (let index = 0; index < 450; index++)
      addWorkflow(n8n.state, { id: `w${index}`, name: `Flow ${index}`, nodes: [trigger] });
    await takeBackup(n8n, { store });
    const report = await exportTo('n8np');
    expect(report.counts).toMatchObject({ packages: 3, workflows: 450 });
  });

  it('an export as packages keeps aside a workflow that packages cannot hold', async () => {
    addWorkflow(n8n.state, { id: 'w1', name: 'Odd', nodes: [{ ...trigger, color: 'red' }] });
    await takeBackup(n8n, { store });
    const report = await exportTo('n8np');
    expect(report.counts).toMatchObject({ 'workflows that packages cannot hold': 1 });
    expect(json('other/workflows/odd.w1.json')).toMatchObject({ id: 'w1' });
  });

  it('an export as packages lets no id end the quotes of the script', async () => {
    addProject(n8n.state, { id: "p'; rm -rf ~ #", name: 'Team' });
    addWorkflow(n8n.state, { id: 'w2', name: 'Top', projectId: "p'; rm -rf ~ #", nodes: [trigger] });
    await takeBackup(n8n, { store });
    await exportTo('n8np');
    expect(read('import.sh')).toContain(`--form-string 'projectId=p'\\''; rm -rf ~ #'`);
  });
});
