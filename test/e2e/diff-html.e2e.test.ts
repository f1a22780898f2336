import { mkdtemp, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/lib/json/json.ts';
import { startBrowser } from '../support/browser.ts';
import { main, node, sampleWorkflow } from '../support/diff/sample-workflow.ts';
import { flowkeep, type FlowkeepRun } from '../support/flowkeep.ts';
import { startN8n, type RunningN8n } from '../support/n8n/start.ts';
import { seed } from '../support/seed.ts';
import { seedClient, type SeedClient } from '../support/seed/client.ts';

const WORKFLOWS = 200;
const HOSTILE = '<img src=x onerror=document.title=1> </script><script>document.title=2</script>';
const ESCAPES = '\u001b]0;owned\u0007\u001b[2J\u001b[31mred\u202Egnp.exe';

let n8n: RunningN8n;
let browser: Browser;
let api: SeedClient;
let folder: string;
let sampleId: string;
let showPage: string;
let diffPage: string;
let diffRun: FlowkeepRun;

function run(...args: string[]): Promise<FlowkeepRun> {
  return flowkeep(args, { cwd: folder, env: { N8N_URL: n8n.url, N8N_API_KEY: n8n.apiKey } });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowkeep-page-'));
  [n8n, browser] = [await startN8n({ licensed: false }), await startBrowser()];
  api = seedClient(n8n);
  await seed(n8n, { workflows: WORKFLOWS });
  sampleId = (await api.post('/workflows', sampleWorkflow('Invoice sync'))).id as string;
  const hostile = await api.post('/workflows', {
    ...sampleWorkflow(HOSTILE),
    nodes: [node(ESCAPES, 'n8n-nodes-base.noOp', [0, 0], { note: HOSTILE })],
    connections: {},
  });
  expect((await run('backup')).code).toBe(0);
  showPage = join(folder, 'show.html');
  expect((await run('show', '--html', showPage)).code).toBe(0);
  await editSample();
  await editHostile(hostile.id as string);
  diffPage = join(folder, 'diff.html');
  diffRun = await run('diff', '--html', diffPage);
});

afterAll(async () => {
  await browser.close();
  await n8n.stop();
  await rm(folder, { recursive: true, force: true });
});

/** One of each change that the page draws. */
async function editSample(): Promise<void> {
  const before = await api.get(`/workflows/${sampleId}`);
  const nodes = (before.nodes as JsonObject[]).filter((each) => each.name !== 'Wait');
  const find = (name: string): JsonObject => nodes.find((each) => each.name === name)!;
  (find('HTTP').parameters as JsonObject).url = 'https://api.example.com/v2/invoices';
  (find('Code').parameters as JsonObject).jsCode = 'const a = 1;\nconst b = 3;\nreturn [{ a, b }];';
  find('Nothing').position = [280, 260];
  nodes.push(node('Slack', 'n8n-nodes-base.slack', [860, -120]));
  const connections: JsonObject = { ...(before.connections as JsonObject), Agent: main(['Slack']) };
  delete connections.Nothing;
  delete connections.Wait;
  await api.put(`/workflows/${sampleId}`, {
    name: before.name!,
    nodes,
    connections,
    settings: { ...(before.settings as JsonObject), timezone: 'UTC' },
  });
}

async function editHostile(id: string): Promise<void> {
  const { name, nodes, connections, settings } = await api.get(`/workflows/${id}`);
  const [first] = nodes as JsonObject[];
  first!.parameters = { note: `${HOSTILE} ${ESCAPES}` };
  await api.put(`/workflows/${id}`, {
    name: name!,
    nodes: nodes!,
    connections: connections!,
    settings: settings!,
  });
}

interface Opened extends AsyncDisposable {
  readonly page: Page;
  readonly errors: string[];
  readonly requests: string[];
  /** Milliseconds from opening the page until a workflow was drawn. */
  readonly openMs: number;
}

async function openPage(file: string, colorScheme: 'light' | 'dark' = 'light'): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 850 }, colorScheme });
  const errors: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  const started = performance.now();
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('svg .node');
  const openMs = performance.now() - started;
  return { page, errors, requests, openMs, [Symbol.asyncDispose]: () => page.close() };
}

/** Keeps a picture for people where FLOWKEEP_SCREENSHOTS names a folder. */
async function picture(page: Page, name: string): Promise<void> {
  const into = process.env.FLOWKEEP_SCREENSHOTS;
  if (into === undefined) return;
  await mkdir(into, { recursive: true });
  await page.screenshot({ path: join(into, `${name}.png`) });
}

/** The accessible name of what has the focus. */
function focused(page: Page): Promise<string | null> {
  return page.evaluate<string | null>("document.activeElement.getAttribute('aria-label')");
}

const entry = (page: Page, name: string) => page.locator('.entry', { hasText: name }).first();

describe('a snapshot of two hundred real workflows', () => {
  it('the page of two hundred workflows opens within two seconds, without a word in the console and without the network', async () => {
    await using opened = await openPage(showPage);
    expect(opened.openMs).toBeLessThan(2000);
    expect(opened.errors).toEqual([]);
    expect(opened.requests).toEqual([pathToFileURL(showPage).href]);
    const workflows = opened.page.locator('.list h2:text-is("workflows") ~ button');
    expect(await workflows.count()).toBeGreaterThanOrEqual(WORKFLOWS);
    await picture(opened.page, 'show-light');
  });

  it('the page of two hundred workflows finds by name and by node, and says how many', async () => {
    await using opened = await openPage(showPage, 'dark');
    const { page } = opened;
    await page.fill('#search', 'invoice sync lmchatopenai');
    expect(await page.locator('.entry').count()).toBe(1);
    expect(await page.textContent('#status')).toMatch(/^1 of \d+$/);
    await page.locator('.entry').click();
    expect(await page.textContent('main h2')).toBe('Invoice sync');
    expect(await page.locator('svg .node').count()).toBe(9);
    expect(await page.locator('.wire').count()).toBe(8);
    expect(await page.locator('.wire.ai').count()).toBe(1);
    await picture(page, 'show-dark');
    expect(opened.errors).toEqual([]);
  });

  it('the page of two hundred workflows can be used with the keyboard alone', async () => {
    await using opened = await openPage(showPage);
    const { page } = opened;
    await page.fill('#search', 'invoice sync lmchatopenai');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('svg .node[tabindex="0"]').first().focus();
    await page.locator('svg .node[aria-label^="Schedule"]').focus();
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toBe('HTTP, httpRequest');
    await page.keyboard.press('Enter');
    expect(await page.textContent('.details h3')).toBe('HTTP');
    expect(await page.textContent('#status')).toContain('HTTP');
    await page.keyboard.press('Escape');
    expect(await page.locator('.details h3').count()).toBe(0);
    expect(await focused(page)).toBe('HTTP, httpRequest');
  });
});

describe('a diff', () => {
  it('the page of a diff marks what was added, removed, changed and moved, in both views and both themes', async () => {
    for (const theme of ['light', 'dark'] as const) {
      await using opened = await openPage(diffPage, theme);
      const { page } = opened;
      await entry(page, 'Invoice sync').click();
      const marked = await page.locator('svg .node:is(.added, .removed, .changed, .moved)').all();
      const labels = await Promise.all(marked.map((each) => each.getAttribute('aria-label')));
      expect(labels.sort()).toEqual([
        'Code, code, changed',
        'HTTP, httpRequest, changed',
        'Nothing, noOp, moved',
        'Slack, slack, added',
        'Wait, wait, removed',
      ]);
      await picture(page, `diff-overlaid-${theme}`);
      await page.click('svg .node[aria-label^="Code"]');
      expect(await page.locator('.lines .removed').allTextContents()).toEqual(['− const b = 2;']);
      expect(await page.locator('.lines .added').allTextContents()).toEqual(['+ const b = 3;']);
      await picture(page, `diff-node-${theme}`);
      await page.click('text=Side by side');
      expect(await page.locator('.view').count()).toBe(2);
      expect(await page.locator('.view >> nth=0 >> .node.removed').count()).toBe(1);
      expect(await page.locator('.view >> nth=1 >> .node.added').count()).toBe(1);
      await picture(page, `diff-side-${theme}`);
      expect(opened.errors).toEqual([]);
    }
  });

  it('the page of a diff zooms, pans and switches the theme', async () => {
    await using opened = await openPage(diffPage);
    const { page } = opened;
    const place = () => page.getAttribute('.view svg > g', 'transform');
    const before = await place();
    await page.click('[aria-label="Zoom in"]');
    const zoomed = await place();
    expect(zoomed).not.toBe(before);
    await page.mouse.move(700, 780);
    await page.mouse.down();
    await page.mouse.move(740, 760);
    await page.mouse.up();
    expect(await place()).not.toBe(zoomed);
    await page.click('text=Dark');
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark');
  });
});

describe('names that mean harm', () => {
  it('names that mean harm are text in the page', async () => {
    for (const file of [showPage, diffPage]) {
      await using opened = await openPage(file);
      const { page } = opened;
      await entry(page, '<img').click();
      await page.click('svg .node');
      expect(await page.textContent('main h2')).toBe(HOSTILE);
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.title()).not.toMatch(/^[12]$/);
      expect(await page.textContent('main')).not.toMatch(/[\u001b\u202e]/);
      await picture(page, file === showPage ? 'hostile-show' : 'hostile-diff');
      expect(opened.errors).toEqual([]);
    }
  });

  it('names that mean harm are text in the terminal', () => {
    expect(diffRun.code).toBe(0);
    expect(diffRun.stdout).toContain('<img src=x');
    expect(diffRun.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('names that mean harm are text in the README and in the commit message', async () => {
    expect((await run('backup')).code).toBe(0);
    const readme = await readFile(join(folder, 'n8n-backup/default/README.md'), 'utf8');
    expect(readme).not.toMatch(/(^|[^\\])<img/);
    expect(readme).toContain('\\<img');
    expect(readme).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect((await stat(join(folder, 'n8n-backup/default/README.md'))).size).toBeGreaterThan(5000);
    expect((await run('backup')).stdout).toContain('unchanged');
    expect((await run('verify')).code).toBe(0);
  });
});
