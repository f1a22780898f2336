import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../../src/diff/budget.ts';
import { diffWorkflow } from '../../../src/diff/workflow/workflow.ts';
import { drawPair } from '../../../src/diff/html/drawing.ts';
import { PageBuilder } from '../../../src/diff/html/page-builder.ts';
import { diffVersion } from '../../../src/diff/version.ts';
import { node, side, workflow } from './support/workflow.ts';

const HOSTILE = '</script><script>alert(1)</script><!-- <img src=x onerror=alert(2)>';

async function hostilePage(): Promise<string> {
  const before = side(workflow([node(HOSTILE)], { name: HOSTILE }));
  const after = side(workflow([node(HOSTILE, { parameters: { [HOSTILE]: HOSTILE } })], { name: HOSTILE }));
  const page = new PageBuilder();
  await page.addDiff((await diffWorkflow(before, after, new Budget()))!, before, after);
  const from = { id: HOSTILE, takenAt: '2026-11-23T00:00:00Z', n8nVersion: null };
  return page.diffPage('prod', { from, to: from, kinds: [] });
}

describe('the page', () => {
  it('the page holds names as data that can neither end a script nor begin a tag', async () => {
    const page = await hostilePage();
    expect(page.match(/<script/g)).toHaveLength(3);
    expect(page.match(/<\/script>/g)).toHaveLength(3);
    expect(page).not.toContain('<img');
    expect(page).not.toContain('<!--');
    const [, json = ''] = /id="data-0">(.*?)<\/script>/s.exec(page) ?? [];
    const item = JSON.parse(json) as { after: { nodes: { name: string }[] } };
    expect(item.after.nodes[0]!.name).toBe(HOSTILE);
  });

  it('the page draws a workflow that came or went as nodes that came or went', async () => {
    const there = side(workflow([node('Start'), node('End')], { name: 'New' }));
    const item = {
      kind: 'workflows',
      id: 'w',
      name: 'New',
      layoutOnly: false,
      fields: [],
      holds: '2 nodes',
    } as const;
    for (const [before, after, change] of [
      [null, there, 'added'],
      [there, null, 'removed'],
    ] as const) {
      const page = new PageBuilder();
      await page.addDiff({ ...item, change }, before, after);
      const from = { id: 'a', takenAt: '2026-11-23T00:00:00Z', n8nVersion: null };
      const [, json = ''] =
        /id="data-0">(.*?)<\/script>/s.exec(page.diffPage('prod', { from, to: from, kinds: [] })) ?? [];
      const data = JSON.parse(json) as Record<'before' | 'after', { nodes: { change: string }[] } | null>;
      const drawn = change === 'added' ? data.after : data.before;
      expect(drawn?.nodes.map((each) => each.change)).toEqual([change, change]);
    }
  });

  it('the page lets only its own script and style run, and nothing load', async () => {
    const page = await hostilePage();
    const [, script = ''] = /<script>(.*)<\/script>/s.exec(page) ?? [];
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(page) ?? [];
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(page).toContain(
      `content="default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'"`,
    );
    expect(script).not.toMatch(/^(import|export) |innerHTML|insertAdjacentHTML|document\.write|\beval\b/m);
    expect(page).not.toMatch(/(src|href)="|url\(/);
  });
});

it('the page has no name twice in its script, whose modules share one scope', async () => {
  const [, script = ''] = /<script>(.*)<\/script>/s.exec(await hostilePage()) ?? [];
  const names = [...script.matchAll(/^(?:function|const|let|class) (\w+)/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(40);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

describe('drawPair', () => {
  it('drawPair gives a renamed node one key and its change on both sides', async () => {
    const before = workflow([node('A'), node('B')]);
    const after = workflow([node('A'), node('C', { id: 'id-B' })]);
    const drawn = drawPair(before, after, await diffVersion(before, after, new Budget()));
    const keys = (drawing: typeof drawn.after) => drawing!.nodes.map(({ key, name, change }) => [key, name, change]);
    expect(keys(drawn.before)).toEqual([
      ['0', 'A', 'same'],
      ['1', 'B', 'changed'],
    ]);
    expect(keys(drawn.after)).toEqual([
      ['0', 'A', 'same'],
      ['1', 'C', 'changed'],
    ]);
    expect(drawn.after!.wires.map(({ change }) => change)).toEqual(['same']);
  });

  it('drawPair tells agents, their sub-nodes, triggers and notes by shape', () => {
    const ai = { Model: { ai_languageModel: [[{ node: 'Agent', type: 'ai_languageModel', index: 0 }]] } };
    const version = workflow(
      [
        node('Hook', { type: 'n8n-nodes-base.webhook' }),
        node('Agent'),
        node('Model'),
        node('Note', { type: 'n8n-nodes-base.stickyNote', parameters: { content: 'x', width: 300 } }),
      ],
      { connections: ai },
    );
    const { after } = drawPair(null, version, undefined);
    expect(after!.nodes.map(({ shape, width }) => [shape, width])).toEqual([
      ['trigger', 96],
      ['parent', 256],
      ['sub', 80],
      ['sticky', 300],
    ]);
  });
});
