import { describe, expect, test } from 'vitest';
import { FlowkeepError } from '../../../../../src/lib/errors.ts';
import { parseJson, type JsonObject } from '../../../../../src/lib/json/json.ts';
import {
  readPlanFile,
  requireSamePlan,
  targetDigest,
  writePlanFile,
} from '../../../../../src/restore/plan/output/plan-file.ts';
import { modelOf, planOf } from '../../support.ts';

const SOURCE = { workflows: [{ id: 'a', active: true }], tags: [{ id: 't', name: 'x' }] };

function failure(run: () => unknown): FlowkeepError {
  try {
    run();
  } catch (error) {
    if (error instanceof FlowkeepError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('a plan file', () => {
  test('a plan file comes back as it was written', async () => {
    const plan = await planOf(SOURCE, {});
    expect(readPlanFile(writePlanFile(plan), 'p')).toEqual(plan);
    requireSamePlan(readPlanFile(writePlanFile(plan), 'p'), plan, 'p');
  });

  test.each<[string, string]>([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['null', 'null'],
    ['something else', '{"a":1}'],
    ['a newer version', '{"flowkeepPlan":2}'],
    ['a version that is no number', '{"flowkeepPlan":"1"}'],
    ['a version and nothing more', '{"flowkeepPlan":1}'],
  ])('a plan file is refused with exit code 2 where it is %s', (_what, text) => {
    const { code, exitCode, remedy } = failure(() => readPlanFile(text, 'plan.json'));
    expect([code, exitCode]).toEqual(['plan-file', 2]);
    expect(remedy).toContain('--dry-run --json');
  });

  test.each<[string, (file: JsonObject) => void]>([
    ['an unknown verb', (file) => ((file.actions as JsonObject[])[0]!.verb = 'drop')],
    ['an unknown kind', (file) => ((file.actions as JsonObject[])[0]!.kind = 'executions')],
    ['actions that are no list', (file) => (file.actions = {})],
    ['an unknown member', (file) => (file.extra = true)],
    ['an unknown option', (file) => ((file.options as JsonObject).force = true)],
    ['a wrong option', (file) => ((file.options as JsonObject).prune = 'yes')],
    ['a mapping of a kind that there is not', (file) => (file.ids = [{ kind: 'x', from: 'a', to: 'b' }])],
  ])('a plan file is refused with %s', async (_what, change) => {
    const file = parseJson(writePlanFile(await planOf(SOURCE, {}))) as JsonObject;
    change(file);
    expect(failure(() => readPlanFile(JSON.stringify(file), 'plan.json')).code).toBe('plan-file');
  });
});

describe('applying a plan file', () => {
  test('applying a plan file is refused with exit code 4 once the target has moved on', async () => {
    const plan = await planOf(SOURCE, {});
    const later = { ...plan, target: { ...plan.target, digest: 'as it is now' } };
    const { exitCode, message } = failure(() => requireSamePlan(plan, later, 'plan.json'));
    expect(exitCode).toBe(4);
    expect(message).toContain('the target has changed since the plan was made');
  });

  test('applying a plan file is refused where somebody changed what it says', async () => {
    const plan = await planOf(SOURCE, {});
    const changed = { ...plan, actions: plan.actions.map((action) => ({ ...action, name: 'evil' })) };
    expect(failure(() => requireSamePlan(changed, plan, 'p')).message).toContain('tags:t (create)');
  });

  test('applying a plan file is refused for another target', async () => {
    const plan = await planOf(SOURCE, {});
    const other = { ...plan, target: { ...plan.target, instance: 'test' } };
    expect(failure(() => requireSamePlan(plan, other, 'p')).exitCode).toBe(4);
  });
});

test('the digest of a target passes over static data and sees everything else', async () => {
  const { header } = await modelOf({});
  const { header: unread } = await modelOf({ kinds: { tags: { coverage: 'failed' } } });
  const files = new Map([['workflows/a.1.json', { sha256: 'a' }]]);
  const digest = targetDigest(header, files);
  expect(targetDigest(header, new Map([...files, ['workflow-state/1.json', { sha256: 'b' }]]))).toBe(digest);
  expect(targetDigest(header, new Map([...files, ['tags.json', { sha256: 'b' }]]))).not.toBe(digest);
  expect(targetDigest(header, new Map([['workflows/a.1.json', { sha256: 'b' }]]))).not.toBe(digest);
  expect(targetDigest(unread, files)).not.toBe(digest);
});
