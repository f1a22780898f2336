import { describe, expect, it } from 'vitest';
import { canonicalJson, type JsonObject } from '../../../../src/lib/json/json.ts';
import { addReadme } from '../../../../src/snapshot/readme/add-readme.ts';
import { linkTarget, markdownText, mermaidText } from '../../../../src/snapshot/readme/markdown.ts';

async function readme(workflows: Record<string, JsonObject>): Promise<string> {
  const files = new Map(
    Object.entries(workflows).map(([path, value]) => [path, { read: async () => Buffer.from(canonicalJson(value)) }]),
  );
  let written = '';
  await addReadme('prod', {
    files,
    entries: new Map(),
    put: (path, content) => {
      expect(path).toBe('README.md');
      written = Buffer.from(content).toString('utf8');
    },
  });
  return written;
}

function workflow(id: string, name: string, more: JsonObject = {}): JsonObject {
  return { id, name, nodes: [], tags: [], active: false, updatedAt: '2026-11-23T10:20:30.000Z', ...more };
}

function calling(id: string): JsonObject {
  return {
    name: 'Call',
    type: 'n8n-nodes-base.executeWorkflow',
    parameters: { source: 'database', workflowId: { __rl: true, mode: 'id', value: id } },
  };
}

describe('the page of an instance', () => {
  it('the page of an instance lists workflows by name with state, tags, nodes and last edit', async () => {
    const page = await readme({
      'workflows/b.2.json': workflow('2', 'beta', { active: true, tags: [{ id: 't', name: 'Billing' }] }),
      'workflows/b.2.published.json': workflow('2', 'beta'),
      'workflows/a.1.json': workflow('1', 'Alpha', { isArchived: true, nodes: [{ name: 'x' }] }),
    });
    expect(page.split('\n').filter((line) => line.startsWith('| ['))).toEqual([
      '| [Alpha](workflows/a.1.json) | archived |  | 1 | 2026-11-23 |',
      '| [beta](workflows/b.2.json) | published, draft differs | Billing | 0 | 2026-11-23 |',
    ]);
    expect(page).not.toContain('mermaid');
  });

  it('the page of an instance draws who calls whom, and nobody who is not there', async () => {
    const page = await readme({
      'workflows/a.1.json': workflow('1', 'Main "one"', {
        nodes: [calling('2'), calling('2'), calling('gone')],
      }),
      'workflows/b.2.json': workflow('2', 'Sub'),
    });
    expect(page).toContain('```mermaid\nflowchart LR\n  w0["Main #34;one#34;"]\n  w1["Sub"]\n  w0 --> w1\n```');
  });

  it('the page of an instance gives the same bytes for the same workflows in any order', async () => {
    const [a, b] = [workflow('1', 'same'), workflow('2', 'same')];
    const one = await readme({ 'workflows/same.1.json': a, 'workflows/same.2.json': b });
    const other = await readme({ 'workflows/same.2.json': b, 'workflows/same.1.json': a });
    expect(one).toBe(other);
  });
});

describe('names in the page', () => {
  it('names in the page cannot be markup, HTML, a link or another line', () => {
    expect(markdownText('<img src=x onerror=alert(1)>')).toBe('\\<img src=x onerror=alert(1)\\>');
    expect(markdownText('a | b\n# c')).toBe('a \\| b \\# c');
    expect(markdownText('[x](http://evil) www.evil.com `c` *d*')).toBe(
      '\\[x\\](http\\://evil) www\\.evil.com \\`c\\` \\*d\\*',
    );
    expect(markdownText('\u001b[31mred\u202e')).toBe('\\[31mred');
    expect(markdownText('back\\slash')).toBe('back\\\\slash');
  });

  it('names in the page cannot end a label of the drawing', () => {
    expect(mermaidText('x"]; click w0 "javascript:1"')).toBe('x#34;#93;#59; click w0 #34;javascript#58;1#34;');
    expect(mermaidText('```\n<b>')).toBe('#96;#96;#96; #60;b#62;');
  });

  it('names in the page cannot leave the target of a link', () => {
    expect(linkTarget('workflows/a b.x(1).json')).toBe('workflows/a%20b.x%281%29.json');
  });
});
