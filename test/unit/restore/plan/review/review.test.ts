import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../../src/lib/json/json.ts';
import type { Finding } from '../../../../../src/restore/plan/review/finding.ts';
import type { RestoreOptions } from '../../../../../src/restore/plan/types.ts';
import { callNode, planOf, webhookNode, type Instance, type WorkflowSpec } from '../../support.ts';

const code = (jsCode: string, more: JsonObject = {}): JsonObject => ({
  id: 'n1',
  name: 'Totals',
  type: 'n8n-nodes-base.code',
  parameters: { jsCode },
  ...more,
});
const request = (url: string, more: JsonObject = {}): JsonObject => ({
  id: 'n2',
  name: 'Fetch',
  type: 'n8n-nodes-base.httpRequest',
  parameters: { url },
  ...more,
});

/** The review of a restore of one workflow over what the target has of it (null: nothing). */
async function review(
  wanted: Omit<WorkflowSpec, 'id'>,
  there: Omit<WorkflowSpec, 'id'> | null,
  options: Partial<RestoreOptions> = {},
  more: Instance = {},
): Promise<Omit<Finding, 'workflow'>[]> {
  const source = { ...more, workflows: [{ id: 'w1', name: 'Sync', ...wanted }] };
  const live = { ...more, workflows: there ? [{ id: 'w1', name: 'Sync', ...there }] : [] };
  const { review: found } = await planOf(source, live, options);
  expect(found.every(({ workflow }) => workflow.id === 'w1' && workflow.name === 'Sync')).toBe(true);
  return found.map(({ workflow: _workflow, ...rest }) => rest);
}

const CODE = { what: 'code', node: 'Totals', type: 'n8n-nodes-base.code' };

describe('the review of a plan', () => {
  test('a review names new code and changed code, and no code that the target has', async () => {
    expect(await review({ nodes: [code('a')] }, null)).toEqual([{ ...CODE, change: 'new' }]);
    expect(await review({ nodes: [code('b')] }, { nodes: [code('a')] })).toEqual([{ ...CODE, change: 'changed' }]);
    expect(await review({ nodes: [code('a'), request('https://a.example.com')] }, { nodes: [code('a')] })).toEqual([
      {
        what: 'network',
        node: 'Fetch',
        type: 'n8n-nodes-base.httpRequest',
        change: 'new',
        details: ['a.example.com'],
        newHosts: ['a.example.com'],
      },
    ]);
  });

  test('a review passes over what does not change what a node does', async () => {
    const moved = code('a', { position: [9, 9], name: 'Totals, renamed', notes: 'see the wiki' });
    expect(await review({ nodes: [moved] }, { nodes: [code('a')] })).toEqual([]);
    expect(await review({ nodes: [code('b', { disabled: true })] }, { nodes: [] })).toEqual([]);
  });

  test('a review names a node that was disabled or ran with other settings', async () => {
    const changed = [{ ...CODE, change: 'changed' }];
    expect(await review({ nodes: [code('a')] }, { nodes: [code('a', { disabled: true })] })).toEqual(changed);
    expect(await review({ nodes: [code('a', { executeOnce: true })] }, { nodes: [code('a')] })).toEqual(changed);
  });

  test('a review looks into the live version where that is published, and tells what both have once', async () => {
    const evil = { nodes: [code('a')], publishedNodes: [code('evil')], active: true };
    const before = { nodes: [code('a')], active: true };
    expect(await review(evil, before)).toEqual([
      { what: 'live', node: null, change: 'changed' },
      { ...CODE, change: 'changed' },
    ]);
    expect(await review(evil, before, { publish: 'none' })).toEqual([]);
    const twice = { nodes: [code('evil')], publishedNodes: [code('evil'), callNode('w1')], active: true };
    expect((await review(twice, before)).filter(({ what }) => what === 'code')).toHaveLength(1);
  });

  test('a review says which workflows become live and which stay live with other content', async () => {
    const nodes = [{ name: 'Set', type: 'n8n-nodes-base.set', parameters: { a: 1 } }];
    const live = { what: 'live', node: null };
    expect(await review({ nodes, active: true }, null)).toEqual([{ ...live, change: 'new' }]);
    expect(await review({ nodes, active: true }, { nodes })).toEqual([{ ...live, change: 'new' }]);
    expect(await review({ nodes, active: true }, { nodes: [], active: true })).toEqual([
      { ...live, change: 'changed' },
    ]);
    expect(await review({ nodes, active: true }, { nodes, active: true })).toEqual([]);
    expect(await review({ nodes, active: true }, null, { publish: 'none' })).toEqual([]);
  });

  test('a review does not say of a workflow that n8n would refuse to publish that it becomes live', async () => {
    expect(await review({ nodes: [callNode('gone')], active: true }, null)).toEqual([
      { what: 'call', node: 'Call gone', change: 'new', details: ['x (gone)'] },
    ]);
  });

  test('a review names hosts that nothing on the target sends to', async () => {
    const there = { nodes: [request('https://known.example.com/a')] };
    const [found] = await review({ nodes: [request('https://known.example.com/b')] }, there);
    expect(found).toMatchObject({ what: 'network', change: 'changed', details: ['known.example.com'] });
    expect(found).not.toHaveProperty('newHosts');
    expect(await review({ nodes: [request('={{ $json.url }}')] }, there)).toMatchObject([
      { details: ['a computed address'] },
    ]);
    expect(await review({ nodes: [request('https://evil.example.com')] }, there)).toMatchObject([
      { details: ['evil.example.com'], newHosts: ['evil.example.com'] },
    ]);
  });

  test('a review names webhooks that would open, computed ones too, and none of a workflow that stays unpublished', async () => {
    const hook = webhookNode('orders', 'POST');
    const webhook = { what: 'webhook', node: 'Webhook' };
    const opened = async (...args: Parameters<typeof review>) =>
      (await review(...args)).filter(({ what }) => what === 'webhook');

    expect(await opened({ nodes: [hook], active: true }, null)).toEqual([
      { ...webhook, change: 'new', details: ['POST orders'] },
    ]);
    expect(await opened({ nodes: [webhookNode('b')], active: true }, { nodes: [hook], active: true })).toEqual([
      { ...webhook, change: 'changed', details: ['GET b'] },
    ]);
    expect(await opened({ nodes: [webhookNode('={{ $json.x }}')], active: true }, null)).toEqual([
      { ...webhook, change: 'new', details: ['a path that is computed'] },
    ]);
    expect(await opened({ nodes: [hook] }, null)).toEqual([]);
  });

  test('a review names calls of other workflows and credentials that a node did not use', async () => {
    const withKey = (id: string) => request('https://a', { credentials: { api: { id, name: 'old name' } } });
    const credentials = {
      credentials: [
        { id: 'c1', name: 'Mail' },
        { id: 'c2', name: 'Bank' },
      ],
    };
    const found = await review({ nodes: [withKey('c2')] }, { nodes: [withKey('c1')] }, {}, credentials);
    expect(found).toContainEqual({ what: 'credential', node: 'Fetch', change: 'changed', details: ['Bank (c2)'] });
    expect(await review({ settings: { errorWorkflow: 'w9' } }, { settings: {} })).toEqual([
      { what: 'call', node: null, change: 'new', details: ['unknown (w9)'] },
    ]);
  });

  test('a review tells two nodes apart whose names and credentials together are the same words', async () => {
    const withKey = (name: string, id: string) =>
      request('https://a', { id: name, name, credentials: { api: { id, name } } });
    const found = await review({ nodes: [withKey('Send mail', 'A'), withKey('Send', 'mail A')] }, null);
    expect(found.filter(({ what }) => what === 'credential')).toMatchObject([
      { node: 'Send mail', details: ['Send mail (A)'] },
      { node: 'Send', details: ['Send (mail A)'] },
    ]);
  });

  test('a review of many credentials and webhooks takes time in step with them', { timeout: 8_000 }, async () => {
    const node = (word: string): JsonObject => {
      const ids = Array.from({ length: 25_000 }, (_, n) => `${word}${n}`);
      return {
        ...webhookNode('orders'),
        parameters: { path: 'orders', httpMethod: ids },
        credentials: Object.fromEntries(ids.map((id) => [id, { id, name: 'Key' }])),
      };
    };
    const found = await review({ nodes: [node('b')], active: true }, { nodes: [node('a')], active: true });
    expect(found).toHaveLength(50_001);
    expect(found.every(({ change }) => change === 'changed')).toBe(true);
  });

  test('a review of a workflow that is not written is empty', async () => {
    expect(await review({ nodes: [code('b')] }, { nodes: [code('a')] }, { onConflict: 'skip' })).toEqual([]);
  });
});
