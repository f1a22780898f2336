import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../../src/lib/json/json.ts';
import { Budget } from '../../../../src/diff/budget.ts';
import { diffWorkflow } from '../../../../src/diff/workflow/workflow.ts';
import { itemWords } from '../../../../src/diff/words.ts';
import { changed, diffDrafts, node, NO_NAMES, side, workflow } from '../support/workflow.ts';

const three = () => [node('Webhook'), node('Set'), node('Slack')];

describe('nodes', () => {
  it('a diff says nothing of two equal workflows, whenever they were saved', async () => {
    expect(await diffDrafts(workflow(three()), workflow(three(), { updatedAt: '2026', versionId: 'v2' }))).toBeNull();
  });

  it('a diff names an added node and its wires', async () => {
    const item = await changed(workflow([node('A')]), workflow([node('A'), node('B')]));
    expect(item.draft!.nodes).toMatchObject([{ change: 'added', name: 'B' }]);
    expect(item.draft!.wires).toMatchObject([{ change: 'added', from: 'A', to: 'B' }]);
    expect(itemWords(item)).toBe('1 node added (B), 1 wire added');
  });

  it('a diff knows a renamed node by its id, and its wires stay', async () => {
    const renamed = [node('Webhook'), node('Edit', { id: 'id-Set' }), node('Slack')];
    const item = await changed(workflow(three()), workflow(renamed));
    expect(item.draft).toEqual({
      nodes: [
        {
          change: 'changed',
          id: 'id-Set',
          name: 'Edit',
          type: 'n8n-nodes-base.set',
          changes: [{ what: 'renamed', from: 'Set', to: 'Edit' }],
          layoutOnly: false,
        },
      ],
      wires: [],
      reordered: [],
    });
  });

  it('a diff tells two nodes that swapped names from two that changed', async () => {
    const swapped = [node('B', { id: 'id-A' }), node('A', { id: 'id-B' })];
    const item = await changed(
      workflow([node('A'), node('B')]),
      workflow(swapped, { connections: { B: { main: [[{ node: 'A', type: 'main', index: 0 }]] } } }),
    );
    expect(item.draft!.nodes.map((each) => each.changes)).toEqual([
      [{ what: 'renamed', from: 'A', to: 'B' }],
      [{ what: 'renamed', from: 'B', to: 'A' }],
    ]);
    expect(item.draft!.wires).toEqual([]);
  });

  it('a diff knows a node by its name where ids are new', async () => {
    const rebuilt = three().map((each) => ({ ...each, id: `new-${each.name as string}` }));
    expect(await diffDrafts(workflow(three()), workflow(rebuilt))).toBeNull();
  });

  it('a diff tells moving from changing', async () => {
    const moved = await changed(workflow([node('A')]), workflow([node('A', { position: [80, 0] })]));
    expect(moved.layoutOnly).toBe(true);
    const both = await changed(workflow([node('A')]), workflow([node('A', { position: [80, 0], disabled: true })]));
    expect(both.layoutOnly).toBe(false);
    expect(both.draft!.nodes[0]!.changes).toEqual([{ what: 'disabled' }, { what: 'moved', from: [0, 0], to: [80, 0] }]);
  });

  it('a diff counts the size of a sticky note as layout, its words as content', async () => {
    const sticky = (parameters: object) =>
      workflow([node('Note', { type: 'n8n-nodes-base.stickyNote', parameters: { ...parameters } })]);
    expect((await changed(sticky({ width: 100 }), sticky({ width: 200 }))).layoutOnly).toBe(true);
    expect((await changed(sticky({ content: 'a' }), sticky({ content: 'b' }))).layoutOnly).toBe(false);
  });

  it('a diff names parameters by their path, with values, and long texts line by line', async () => {
    const item = await changed(
      workflow([node('A', { parameters: { url: 'https://a', options: { retry: 1 }, code: 'x\ny\nz' } })]),
      workflow([node('A', { parameters: { url: 'https://b', options: {}, code: 'x\nY\nz' } })]),
    );
    expect(item.draft!.nodes[0]!.changes).toMatchObject([
      {
        what: 'parameter',
        path: 'code',
        lines: [{ op: 'same' }, { op: 'removed', text: 'y' }, { op: 'added', text: 'Y' }, { op: 'same' }],
      },
      { what: 'parameter', path: 'options.retry', from: 1 },
      { what: 'parameter', path: 'url', from: 'https://a', to: 'https://b' },
    ]);
  });

  it('a diff passes over what the editor caches beside an id', async () => {
    const locator = (name: string) => ({
      documentId: { __rl: true, value: 'x', mode: 'list', cachedResultName: name },
    });
    const credentials = (name: string) => ({ stripeApi: { id: 'c1', name } });
    const at = (name: string) => workflow([node('A', { parameters: locator(name), credentials: credentials(name) })]);
    expect(await diffDrafts(at('old'), at('new'))).toBeNull();
  });

  it('a diff names a credential that was replaced, and settings of a node', async () => {
    const item = await changed(
      workflow([node('A', { credentials: { stripeApi: { id: 'c1', name: 'Old' } } })]),
      workflow([
        node('A', {
          credentials: { stripeApi: { id: 'c2', name: 'New' } },
          retryOnFail: true,
          typeVersion: 2,
        }),
      ]),
    );
    expect(item.draft!.nodes[0]!.changes).toEqual([
      { what: 'version', from: 1, to: 2 },
      { what: 'credential', type: 'stripeApi', from: 'Old (c1)', to: 'New (c2)' },
      { what: 'setting', path: 'retryOnFail', to: true },
    ]);
  });

  it('a diff survives names that are members of every object', async () => {
    const nodes = [node('__proto__'), node('constructor'), node('toString')];
    const connections = parseJson('{"__proto__":{"main":[[{"node":"constructor","type":"main","index":0}]]}}');
    const item = await changed(workflow(nodes, { connections: {} }), workflow(nodes, { connections }));
    expect(item.draft!.wires).toMatchObject([{ change: 'added', from: '__proto__', to: 'constructor' }]);
  });
});

describe('wires', () => {
  const wired = (main: unknown) => workflow(three(), { connections: { Webhook: { main: main as never } } });
  const to = (name: string, index = 0) => ({ node: name, type: 'main', index });

  it('a diff tells outputs and inputs apart', async () => {
    const item = await changed(wired([[to('Set')]]), wired([[], [to('Set', 1)]]));
    expect(item.draft!.wires).toEqual([
      { change: 'added', from: 'Webhook', type: 'main', output: 1, to: 'Set', input: 1 },
      { change: 'removed', from: 'Webhook', type: 'main', output: 0, to: 'Set', input: 0 },
    ]);
  });

  it('a diff says when only their order changed, and nothing of empty slots', async () => {
    const item = await changed(wired([[to('Set'), to('Slack')]]), wired([[to('Slack'), to('Set')]]));
    expect(item.draft).toMatchObject({ wires: [], reordered: ['Webhook'] });
    expect(await diffDrafts(wired([[to('Set')]]), wired([[to('Set')], null]))).toBeNull();
  });
});

describe('the workflow itself', () => {
  const base = () => workflow([node('A')]);
  const words = async (from: object, more: object) =>
    itemWords(await changed({ ...base(), ...from }, { ...base(), ...more }));

  it('a diff says name, state, tags and settings in words', async () => {
    expect(await words({}, { active: true })).toBe('published');
    expect(await words({ active: true }, {})).toBe('unpublished');
    expect(await words({}, { isArchived: true })).toBe('archived');
    expect(await words({}, { name: 'New' })).toBe('renamed from Invoice sync');
    expect(await words({}, { settings: { timezone: 'UTC' } })).toBe('settings.timezone added');
    expect(await words({}, { tags: [{ id: 't1', name: 'Billing' }] })).toBe('tag Billing added');
    expect(await words({}, { description: 'x' })).toBe('description added');
    expect(await words({}, { nodeGroups: [{ name: 'g' }] })).toBe('layout only');
  });

  it('a diff says nothing of a tag that was renamed: that is a change of the tag', async () => {
    const tagged = (name: string) => workflow([node('A')], { tags: [{ id: 't1', name }] });
    expect(await diffDrafts(tagged('old'), tagged('new'))).toBeNull();
  });

  it('a diff says what an unpublished edit does, and what publishing it does', async () => {
    const live = workflow([node('A')], { active: true });
    const edited = workflow([node('A', { disabled: true })], { active: true });
    const edit = (await diffWorkflow(side(live), side(edited, { published: live }), new Budget()))!;
    expect(itemWords(edit)).toBe('1 node changed (A: disabled), draft not published yet');
    expect(edit.live).toBeUndefined();
    const publish = (await diffWorkflow(side(edited, { published: live }), side(edited), new Budget()))!;
    expect(itemWords(publish)).toBe('live version changed, draft published');
    expect(publish.live!.nodes[0]!.changes).toEqual([{ what: 'disabled' }]);
  });

  it('a diff names folder and project by their paths and names', async () => {
    const folders = new Map([
      ['f1', { name: 'Sales', parent: null }],
      ['f2', { name: 'Invoices', parent: 'f1' }],
    ]);
    const inFolder = side(base(), { names: { ...NO_NAMES, folders, places: new Map([['w1', 'f2']]) } });
    expect((await diffWorkflow(side(base()), inFolder, new Budget()))!.fields).toEqual([
      { field: 'folder', to: 'Sales / Invoices' },
    ]);
    const unknown = side(base(), { names: { ...NO_NAMES, places: null } });
    expect(await diffWorkflow(unknown, inFolder, new Budget())).toBeNull();
  });
});
