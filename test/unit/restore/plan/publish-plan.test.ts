import { describe, expect, test } from 'vitest';
import { actionOf, callNode, planOf, summary, webhookNode, workflowWork, type WorkflowSpec } from '../support.ts';

const NODE = { name: 'a', type: 'x', parameters: {} };

describe('draft and live', () => {
  test.each<[string, WorkflowSpec, WorkflowSpec, object]>([
    ['a live one that is not live', { id: 'w', active: true }, { id: 'w' }, { do: 'publish', version: 'draft' }],
    [
      'a live version that is not the draft',
      { id: 'w', active: true, publishedNodes: [NODE] },
      { id: 'w', active: true },
      { do: 'publish', version: 'published' },
    ],
    ['one that is live but was not', { id: 'w' }, { id: 'w', active: true }, { do: 'unpublish' }],
  ])('%s', async (_what, source, live, expected) => {
    expect(workflowWork(await planOf({ workflows: [source] }, { workflows: [live] }), 'w').live).toEqual(expected);
  });

  test('a live version that is right already is not touched while the draft is restored', async () => {
    const source: WorkflowSpec = { id: 'w', active: true, nodes: [], publishedNodes: [NODE] };
    const live: WorkflowSpec = {
      id: 'w',
      active: true,
      nodes: [NODE, { name: 'b', type: 'y' }],
      publishedNodes: [NODE],
    };
    const plan = await planOf({ workflows: [source] }, { workflows: [live] });
    expect(workflowWork(plan, 'w')).toMatchObject({ draft: ['nodes'], live: { do: 'keep' } });
    expect(plan.publishGroups).toEqual([]);
  });
});

describe('--publish', () => {
  const source = {
    workflows: [
      { id: 'new', active: true },
      { id: 'on', active: true, nodes: [NODE] },
      { id: 'off', active: true },
      { id: 'gone' },
    ],
  };
  const live = { workflows: [{ id: 'on', active: true }, { id: 'off' }, { id: 'gone', active: true }] };
  const lives = async (publish: 'match-source' | 'preserve' | 'none'): Promise<Record<string, string>> => {
    const plan = await planOf(source, live, { publish });
    return Object.fromEntries(
      plan.actions.map((a) => [
        a.name.slice('Workflow '.length),
        'work' in a && a.work.kind === 'workflows' ? a.work.live.do : a.verb,
      ]),
    );
  };

  test('match-source: as in the snapshot', async () => {
    expect(await lives('match-source')).toEqual({
      new: 'publish',
      on: 'publish',
      off: 'publish',
      gone: 'unpublish',
    });
  });
  test('preserve: what exists keeps its state, and a live one its content up to date', async () => {
    expect(await lives('preserve')).toEqual({
      new: 'keep',
      on: 'publish',
      off: 'unchanged',
      gone: 'unchanged',
    });
  });
  test('none: nothing becomes live', async () => {
    expect(await lives('none')).toEqual({ new: 'keep', on: 'keep', off: 'unchanged', gone: 'unchanged' });
  });
  test('preserve does not archive a live workflow, which would end its being live', async () => {
    const archived = { workflows: [{ id: 'w', archived: true }] };
    const plan = await planOf(archived, { workflows: [{ id: 'w', active: true }] }, { publish: 'preserve' });
    expect(summary(plan)).toEqual(['unchanged workflows:w']);
  });
});

describe('archived', () => {
  test('one that stays archived is unarchived only while it is written', async () => {
    const plan = await planOf(
      { workflows: [{ id: 'w', archived: true, name: 'a' }] },
      { workflows: [{ id: 'w', archived: true, name: 'b' }] },
    );
    expect(workflowWork(plan, 'w')).toMatchObject({ archive: 'around', draft: ['name'] });
  });
});

describe('publish order', () => {
  const called = (id: string, ...calls: string[]): WorkflowSpec => ({
    id,
    name: id,
    active: true,
    nodes: calls.map((c) => callNode(c)),
  });

  test('callees are published first, cycles together, and a call of itself is not a cycle', async () => {
    const workflows = [called('a', 'b'), called('b', 'c', 'd'), called('c', 'b'), called('d', 'd')];
    const { publishGroups } = await planOf({ workflows }, {});
    expect(publishGroups.map((g) => [g.workflows.toSorted(), g.cyclic])).toEqual([
      [['d'], false],
      [['b', 'c'], true],
      [['a'], false],
    ]);
  });

  test('the publish order follows the live versions, not the drafts', async () => {
    const workflows = [{ ...called('a', 'b'), publishedNodes: [] }, called('b', 'a')];
    const { publishGroups } = await planOf({ workflows }, {});
    expect(publishGroups.map((g) => g.workflows)).toEqual([['a'], ['b']]);
  });

  test('whoever calls a workflow that will not be live cannot be, and neither can its callers', async () => {
    const workflows = [called('a', 'b'), called('b', 'c'), { id: 'c', name: 'c' }, called('d')];
    const plan = await planOf({ workflows }, {});
    expect(workflowWork(plan, 'b').live).toMatchObject({
      do: 'blocked',
      reason: expect.stringContaining('"c" (c)') as string,
    });
    expect(workflowWork(plan, 'a').live).toMatchObject({ do: 'blocked' });
    expect(plan.publishGroups).toEqual([{ workflows: ['d'], cyclic: false }]);
  });

  test('a callee that is live on the target and not part of the restore is enough', async () => {
    const source = { workflows: [called('a', 'b'), called('b')] };
    const plan = await planOf(source, { workflows: [called('b')] }, { only: ['workflow:a'] });
    expect(workflowWork(plan, 'a').live.do).toBe('publish');
    const off = await planOf(source, { workflows: [{ id: 'b', name: 'b' }] }, { only: ['workflow:a'] });
    expect(workflowWork(off, 'a').live).toMatchObject({
      do: 'blocked',
      remedy: expect.stringContaining('--only workflow:b') as string,
    });
  });

  test('an item that would only become live, and cannot, is blocked as a whole', async () => {
    const plan = await planOf(
      { workflows: [called('a', 'gone')] },
      { workflows: [{ ...called('a', 'gone'), active: false }] },
    );
    expect(actionOf(plan, 'workflows:a', 'blocked').why).toContain('cannot become live');
  });

  test('what was withheld of an item is still said where it is blocked as a whole', async () => {
    const withheld = { texts: 2, kept: 0, others: [] };
    const plan = await planOf(
      { workflows: [called('a', 'gone')] },
      { workflows: [{ ...called('a', 'gone'), active: false }] },
      {},
      { omitted: new Map([['workflows:a', { notes: [], withheld }]]) },
    );
    expect(actionOf(plan, 'workflows:a', 'blocked').withheld).toEqual(withheld);
  });
});

describe('webhook paths', () => {
  const source = { workflows: [{ id: 'mine', active: true, nodes: [webhookNode('orders', 'POST')] }] };

  test('webhook paths that another live workflow holds are found before anything is written', async () => {
    const live = {
      workflows: [{ id: 'other', name: 'Other', active: true, nodes: [webhookNode('/orders/', 'POST')] }],
    };
    expect(workflowWork(await planOf(source, live), 'mine').live).toMatchObject({
      do: 'blocked',
      reason: 'the webhook POST orders is already used by the live workflow "Other" (other)',
    });
  });

  test.each([
    ['one that is not live', { active: false }],
    ['another method', { nodes: [webhookNode('orders', 'GET')] }],
    ['another path', { nodes: [webhookNode('invoices', 'POST')] }],
    ['a disabled node', { nodes: [{ ...webhookNode('orders', 'POST'), disabled: true }] }],
    ['a path that is computed', { nodes: [webhookNode('={{ 1 }}', 'POST')] }],
  ])('%s is no conflict', async (_what, more) => {
    const other = { id: 'other', active: true, nodes: [webhookNode('orders', 'POST')], ...more };
    expect(workflowWork(await planOf(source, { workflows: [other] }), 'mine').live.do).toBe('publish');
  });

  test('one that the restore itself frees is no conflict', async () => {
    const holder = { id: 'other', active: true, nodes: [webhookNode('orders', 'POST')] };
    const unpublished = { workflows: [...source.workflows, { ...holder, active: false }] };
    expect(workflowWork(await planOf(unpublished, { workflows: [holder] }), 'mine').live.do).toBe('publish');
    const pruned = await planOf(source, { workflows: [holder] }, { prune: true });
    expect(workflowWork(pruned, 'mine').live.do).toBe('publish');
    expect(actionOf(pruned, 'workflows:other', 'delete').live).toBe(true);
  });

  test('triggers that n8n tells apart by the webhook id', async () => {
    const telegram = { name: 't', type: 'n8n-nodes-base.telegramTrigger', webhookId: 'same', parameters: {} };
    const plan = await planOf(
      { workflows: [{ id: 'a', active: true, nodes: [telegram] }] },
      { workflows: [{ id: 'b', active: true, nodes: [telegram] }] },
    );
    expect(workflowWork(plan, 'a').live.do).toBe('blocked');
  });
});
