import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RESTORE_ORDER } from '../../../../src/kinds/kinds.ts';
import { writePlanFile } from '../../../../src/restore/plan/output/plan-file.ts';
import type { IdPair } from '../../../../src/restore/plan/types.ts';
import { callNode, PERSONAL, planOf, webhookNode, type Instance, type WorkflowSpec } from '../support.ts';

const SIZE = 6;
const index = fc.nat(SIZE - 1);
const workflowId = (n: number): string => `workflow${String(n).padStart(8, '0')}`;

/** An instance with projects, folders in folders, tags, tables, and workflows that call each other, cycles included. */
const instance: fc.Arbitrary<Instance> = fc
  .record({
    folders: fc.array(fc.option(index, { nil: undefined }), { maxLength: SIZE }),
    workflows: fc.array(
      fc.record({
        calls: fc.array(index, { maxLength: 3 }),
        liveCalls: fc.option(fc.array(index, { maxLength: 2 }), { nil: undefined }),
        active: fc.boolean(),
        archived: fc.boolean(),
        folder: fc.option(index, { nil: undefined }),
        tag: fc.boolean(),
        error: fc.option(index, { nil: undefined }),
        webhook: fc.boolean(),
      }),
      { maxLength: SIZE },
    ),
    rows: fc.array(fc.record({ a: fc.oneof(fc.string(), fc.constant(null)) }), { maxLength: 4 }),
  })
  .map(({ folders, workflows, rows }) => ({
    projects: [PERSONAL, { id: 'project000000001', name: 'Team' }],
    tags: [{ id: 'tag0000000000001', name: 'tag' }],
    credentials: [{ id: 'credential000001', name: 'Api' }],
    variables: [{ id: 'variable00000001', key: 'K', projectId: 'project000000001' }],
    tables: [{ id: 'table00000000001', name: 'T', projectId: 'project000000001', rows }],
    folders: folders.map((parent, n) => ({
      id: `folder${String(n).padStart(10, '0')}`,
      name: `Folder ${n}`,
      projectId: 'project000000001',
      // A folder lies in an earlier one, so that there is no circle.
      ...(parent === undefined || parent >= n ? {} : { parentFolderId: `folder${String(parent).padStart(10, '0')}` }),
    })),
    workflows: workflows.map((spec, n): WorkflowSpec => ({
      id: workflowId(n),
      projectId: 'project000000001',
      nodes: [
        ...spec.calls.map((target) => callNode(workflowId(target))),
        ...(spec.webhook ? [webhookNode(`path-${n}`)] : []),
        { name: 'api', type: 'x.y', credentials: { api: { id: 'credential000001', name: 'Api' } } },
      ],
      ...(spec.liveCalls ? { publishedNodes: spec.liveCalls.map((target) => callNode(workflowId(target))) } : {}),
      active: spec.active,
      archived: spec.archived && !spec.active,
      tags: spec.tag ? ['tag0000000000001'] : [],
      ...(spec.folder === undefined || spec.folder >= folders.length
        ? {}
        : { folderId: `folder${String(spec.folder).padStart(10, '0')}` }),
      ...(spec.error === undefined ? {} : { settings: { errorWorkflow: workflowId(spec.error) } }),
    })),
  }));

const runs = { numRuns: 100 };

test('a snapshot against itself is all unchanged, with any option', async () => {
  const publish = fc.constantFrom('match-source', 'preserve', 'none');
  await fc.assert(
    fc.asyncProperty(instance, publish, fc.boolean(), async (same, how, prune) => {
      const { actions, ids, warnings } = await planOf(same, same, { publish: how, prune });
      expect(actions.filter((action) => action.verb !== 'unchanged')).toEqual([]);
      expect([...ids, ...warnings]).toEqual([]);
    }),
    runs,
  );
});

test('an instance that came back under new ids is all unchanged, given the mapping', async () => {
  await fc.assert(
    fc.asyncProperty(instance, async (source) => {
      const { live, saved } = underNewIds(source);
      const { actions } = await planOf(source, live, {}, { saved });
      expect(actions.filter((action) => action.verb !== 'unchanged')).toEqual([]);
    }),
    runs,
  );
});

/** The instance as a restore leaves it where the target gives every item an id of its own. */
function underNewIds(source: Instance): { live: Instance; saved: IdPair[] } {
  const items = [
    ...[source.projects, source.folders, source.tags, source.credentials, source.tables, source.variables],
    source.workflows,
  ].flatMap((list) => list?.map(({ id }) => id) ?? []);
  const ids = items.filter((id) => id !== PERSONAL.id);
  // As a value or in a URL; what has an id in its name keeps it.
  const text = ids.reduce(
    (json, id) => json.replaceAll(`"${id}"`, `"${id.toUpperCase()}"`).replaceAll(`/${id}"`, `/${id.toUpperCase()}"`),
    JSON.stringify(source),
  );
  const live = JSON.parse(text) as Instance;
  const workflows = (live.workflows ?? []).map((each) => ({
    ...each,
    name: `Workflow ${each.id.toLowerCase()}`,
  }));
  const saved = RESTORE_ORDER.flatMap((kind) => ids.map((from) => ({ kind, from, to: from.toUpperCase() })));
  return { live: { ...live, workflows }, saved };
}

test('onto an empty instance everything is created, each after what it lies in and what it calls', async () => {
  await fc.assert(
    fc.asyncProperty(instance, async (source) => {
      const { actions } = await planOf(source, {});
      const place = new Map(actions.map((action, position) => [action.key, position]));
      const kinds = actions.map((action) => RESTORE_ORDER.indexOf(action.kind));
      expect(kinds).toEqual([...kinds].sort((a, b) => a - b));
      for (const action of actions) {
        if (action.verb !== 'create') throw new Error(`${action.key} is ${action.verb}`);
        for (const key of action.dependsOn) expect(place.get(key)).toBeLessThan(place.get(action.key)!);
      }
    }),
    runs,
  );
});

test('every workflow that becomes live is published once, after those that it calls or together with them', async () => {
  await fc.assert(
    fc.asyncProperty(instance, async (source) => {
      const { actions, publishGroups } = await planOf(source, {});
      const publishing = actions.flatMap((action) =>
        action.verb === 'create' && action.work.kind === 'workflows' && action.work.live.do === 'publish'
          ? [action.sourceId]
          : [],
      );
      expect(publishGroups.flatMap((group) => group.workflows).toSorted()).toEqual(publishing.toSorted());
      const place = new Map(publishGroups.flatMap((group, position) => group.workflows.map((id) => [id, position])));
      for (const id of publishing) {
        const spec = source.workflows!.find((workflow) => workflow.id === id)!;
        const nodes = (spec.publishedNodes ?? spec.nodes ?? []) as {
          parameters?: { workflowId?: { value: string } };
        }[];
        for (const callee of nodes.flatMap((node) => node.parameters?.workflowId?.value ?? []))
          if (callee !== id) expect(place.get(callee)).toBeLessThanOrEqual(place.get(id)!);
      }
    }),
    runs,
  );
});

test('the same input gives the same plan, to the byte', async () => {
  await fc.assert(
    fc.asyncProperty(instance, instance, async (source, live) => {
      const once = await planOf(source, live, { prune: true });
      expect(writePlanFile(await planOf(source, live, { prune: true }))).toBe(writePlanFile(once));
    }),
    { numRuns: 40 },
  );
});

test('every item of the snapshot has exactly one action, and every key is unique', async () => {
  await fc.assert(
    fc.asyncProperty(instance, instance, async (source, live) => {
      const { actions } = await planOf(source, live, { prune: true });
      const keys = actions.map((action) => action.key);
      expect(new Set(keys).size).toBe(keys.length);
      for (const workflow of source.workflows ?? []) expect(keys).toContain(`workflows:${workflow.id}`);
    }),
    runs,
  );
});
