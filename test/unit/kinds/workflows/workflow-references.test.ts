import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json/json.ts';
import {
  findMentions,
  findReferences,
  rewriteReferences,
} from '../../../../src/kinds/workflows/workflow-references.ts';

const OLD = 'OldWorkflow00001';
const NEW = 'NewWorkflow00001';

function nodeOf(type: string, parameters: JsonObject, more: JsonObject = {}): JsonObject {
  return { nodes: [{ name: 'Node', type, parameters, ...more }], connections: {} };
}

function rewriteAll(version: JsonObject): JsonObject {
  return rewriteReferences(version, ({ id }) => (id === OLD ? NEW : undefined));
}

describe('finding references', () => {
  test('a reference by resource locator and by plain text is found', () => {
    const locator = nodeOf('n8n-nodes-base.executeWorkflow', {
      workflowId: { __rl: true, value: OLD, mode: 'list', cachedResultName: 'Sub' },
    });
    expect(findReferences(locator).references).toEqual([
      { kind: 'workflows', id: OLD, by: 'id', role: 'call', sure: true, node: 'Node', name: 'Sub' },
    ]);
    const text = nodeOf('n8n-nodes-base.executeWorkflow', { source: 'database', workflowId: '12' });
    expect(findReferences(text).references).toMatchObject([{ id: '12', role: 'call', sure: true }]);
  });

  test('n8n wants only enabled calls published: a disabled one, and a tool, is a mere use', () => {
    const disabled = nodeOf('n8n-nodes-base.executeWorkflow', { workflowId: OLD }, { disabled: true });
    const tool = nodeOf('@n8n/n8n-nodes-langchain.toolWorkflow', { workflowId: { value: OLD, mode: 'id' } });
    for (const version of [disabled, tool])
      expect(findReferences(version).references).toMatchObject([{ id: OLD, role: 'use', sure: true }]);
  });

  test('a workflow id that is left over from another source is no reference to be missed', () => {
    const version = nodeOf('n8n-nodes-base.executeWorkflow', { source: 'url', workflowId: OLD });
    expect(findReferences(version).references).toMatchObject([{ id: OLD, sure: false, role: 'use' }]);
  });

  test('references to credentials are found, also the bare name of very old workflows', () => {
    const version = nodeOf(
      'x.y',
      {},
      { credentials: { api: { id: 'c1', name: 'Api' }, old: 'Legacy', none: { id: null } } },
    );
    expect(findReferences(version).references).toMatchObject([
      { kind: 'credentials', id: 'c1', by: 'id', name: 'Api' },
      { kind: 'credentials', id: 'Legacy', by: 'name' },
    ]);
  });

  test('references to data tables are found in the node, its tool and the evaluation, by name in mode name', () => {
    for (const type of ['dataTable', 'dataTableTool', 'evaluation', 'evaluationTrigger']) {
      const version = nodeOf(`n8n-nodes-base.${type}`, {
        dataTableId: { __rl: true, value: 't1', mode: 'id' },
      });
      expect(findReferences(version).references).toMatchObject([{ kind: 'data-tables', id: 't1', sure: true }]);
    }
    const named = nodeOf('n8n-nodes-base.dataTable', {
      dataTableId: { __rl: true, value: 'Orders', mode: 'name' },
    });
    expect(findReferences(named).references).toMatchObject([{ id: 'Orders', by: 'name' }]);
  });

  test('references in settings are found: the error workflow (not DEFAULT) and the callers', () => {
    const settings = { errorWorkflow: 'e1', callerIds: 'a1, b2,,c3' };
    expect(findReferences({ settings }).references.map(({ id, role }) => [id, role])).toEqual([
      ['e1', 'error-workflow'],
      ['a1', 'caller'],
      ['b2', 'caller'],
      ['c3', 'caller'],
    ]);
    expect(findReferences({ settings: { errorWorkflow: 'DEFAULT' } }).references).toEqual([]);
  });

  test('a reference by expression is listed, never guessed', () => {
    const version = nodeOf('n8n-nodes-base.executeWorkflow', {
      workflowId: { __rl: true, value: '={{ $json.id }}', mode: 'id' },
    });
    const { references, unresolvable } = findReferences(version);
    expect(references).toEqual([]);
    expect(unresolvable).toEqual([{ kind: 'workflows', expression: '={{ $json.id }}', node: 'Node' }]);
  });

  test("a foreign node's workflowId counts only where it could be an id of n8n", () => {
    expect(findReferences(nodeOf('n8n-nodes-base.github', { workflowId: '12' })).references).toEqual([]);
    expect(
      findReferences(nodeOf('n8n-nodes-base.github', { workflowId: 'deploy-to-production' })).references,
    ).toMatchObject([{ sure: false }]);
  });

  test('finding references survives whatever a workflow may hold', () => {
    const json = fc.jsonValue() as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(json, json, json, (nodes, settings, parameters) => {
        const version: JsonObject = { nodes, settings, other: [{ parameters }] };
        expect(() => findReferences(version)).not.toThrow();
        expect(rewriteReferences(version, () => undefined)).toEqual(version);
      }),
    );
  });
});

describe('rewriting references', () => {
  test('a locator is rewritten with its cached URL, and the input is left alone', () => {
    const workflowId = {
      __rl: true,
      value: OLD,
      mode: 'list',
      cachedResultName: 'Sub',
      cachedResultUrl: `/workflow/${OLD}`,
    };
    const version = nodeOf('n8n-nodes-base.executeWorkflow', { workflowId });
    const before = structuredClone(version);
    expect(rewriteAll(version)).toEqual(
      nodeOf('n8n-nodes-base.executeWorkflow', {
        workflowId: { ...workflowId, value: NEW, cachedResultUrl: `/workflow/${NEW}` },
      }),
    );
    expect(version).toEqual(before);
  });

  test('a locator in URL mode is rewritten', () => {
    const version = nodeOf('n8n-nodes-base.n8n', {
      workflowId: { __rl: true, mode: 'url', value: `https://n8n.example.com/workflow/${OLD}?x=1` },
    });
    expect(JSON.stringify(rewriteAll(version))).toContain(`https://n8n.example.com/workflow/${NEW}?x=1`);
  });

  test('rewritten callers keep their spacing', () => {
    expect(rewriteAll({ settings: { callerIds: `x1, ${OLD} ,y2` } })).toEqual({
      settings: { callerIds: `x1, ${NEW} ,y2` },
    });
  });

  test('rewriting leaves an id in a text alone, and mentions it', () => {
    const version = nodeOf('n8n-nodes-base.httpRequest', {
      url: `https://x/workflow/${OLD}/run`,
      other: '12',
    });
    expect(rewriteAll(version)).toEqual(version);
    expect(findMentions(version, new Set([OLD, '12']))).toEqual([{ id: OLD, node: 'Node' }]);
  });

  test('a member called __proto__ is data like any other', () => {
    const version = JSON.parse(
      `{"nodes":[{"name":"n","type":"t","parameters":{"__proto__":{"workflowId":"${OLD}"}}}]}`,
    ) as JsonObject;
    expect(JSON.stringify(rewriteAll(version))).toBe(JSON.stringify(version).replace(OLD, NEW));
  });

  test('rewriting leaves no old id in any known place', () => {
    const id = fc.constantFrom('AAAAAAAAAAAAAAAA', 'BBBBBBBBBBBBBBBB', 'CCCCCCCCCCCCCCCC', 'DDDDDDDDDDDDDDDD');
    fc.assert(
      fc.property(fc.array(placesWith(id), { maxLength: 8 }), id, id, (nodes, error, caller) => {
        const version: JsonObject = {
          nodes,
          settings: { errorWorkflow: error, callerIds: `${caller},${error}` },
        };
        const rewritten = rewriteReferences(version, (reference) => reference.id.toLowerCase());
        expect(JSON.stringify(rewritten)).not.toMatch(/A{16}|B{16}|C{16}|D{16}/);
        expect(findReferences(rewritten).references).toHaveLength(findReferences(version).references.length);
      }),
    );
  });
});

/** A node that refers to `id` in one of the places that n8n knows. */
function placesWith(id: fc.Arbitrary<string>): fc.Arbitrary<JsonObject> {
  const locator = id.map((value) => ({
    __rl: true,
    value,
    mode: 'list',
    cachedResultUrl: `/workflow/${value}`,
  }));
  const reference = fc.oneof(id, locator);
  const withParameter = (type: string, name: string): fc.Arbitrary<JsonObject> =>
    reference.map((value) => ({ name: 'n', type, parameters: { [name]: value } }));
  return fc.oneof(
    withParameter('n8n-nodes-base.executeWorkflow', 'workflowId'),
    withParameter('@n8n/n8n-nodes-langchain.toolWorkflow', 'workflowId'),
    withParameter('@n8n/n8n-nodes-langchain.retrieverWorkflow', 'workflowId'),
    withParameter('n8n-nodes-base.dataTable', 'dataTableId'),
    withParameter('some-community-node.thing', 'workflowId'),
    withParameter('n8n-nodes-base.n8n', 'parentFolderId'),
    id.map((value): JsonObject => ({
      name: 'n',
      type: 'x.y',
      credentials: { api: { id: value, name: 'c' } },
    })),
    reference.map((value): JsonObject => ({
      name: 'n',
      type: 'x.y',
      parameters: { deep: [{ er: { projectId: value } }] },
    })),
  );
}
