import { describe, expect, it, vi } from 'vitest';
import { diffPlan, type PlanDiff } from '../../../../src/jobs/restore/plan-diff.ts';
import { planLines } from '../../../../src/cli/output/plan-lines.ts';
import type { OnWorkflow } from '../../../../src/diff/compare-context.ts';
import { PLAIN } from '../../../../src/restore/plan/output/print-actions.ts';
import type { RestoreOptions } from '../../../../src/restore/plan/types.ts';
import { planOf, viewOf, type Instance } from '../../restore/support.ts';

const { signal } = new AbortController();
const code = (jsCode: string) => ({ id: 'n1', name: 'Totals', type: 'n8n-nodes-base.code', parameters: { jsCode } });
const many = Array.from({ length: 20_000 }, (_, n) => `line ${(n * 7919) % 20_000}`);

async function diffOf(
  source: Instance,
  live: Instance,
  options: Partial<RestoreOptions> = {},
  onWorkflow?: OnWorkflow,
): Promise<{ diff: PlanDiff; printed: string }> {
  const plan = await planOf(source, live, options);
  const [target, snapshot] = [viewOf(live), viewOf(source)];
  const diff = await diffPlan(plan, target, snapshot, onWorkflow ? { onWorkflow } : {}, signal);
  const output = { palette: { ...PLAIN, cyan: (text: string) => text }, columns: 100 };
  return { diff, printed: planLines(plan, diff, output as never).join('\n') };
}

describe('what a plan changes', () => {
  it('costs and tells nothing of items that the plan leaves alone', async () => {
    const source = {
      workflows: [
        { id: 'w1', nodes: [code('saved')] },
        { id: 'w2', nodes: [code(many.join('\n'))] },
      ],
    };
    const live = {
      workflows: [
        { id: 'w1', nodes: [code('now')] },
        { id: 'w2', nodes: [code(many.toSorted().join('\n'))] },
      ],
    };
    const onWorkflow = vi.fn();
    const { diff } = await diffOf(source, live, { only: ['workflow:w1'] }, onWorkflow);
    expect(diff.kinds).toMatchObject([{ kind: 'workflows', items: [{ id: 'w1' }], notes: [] }]);
    expect(onWorkflow).toHaveBeenCalledTimes(1);
    // The other one would have been too large to be compared line by line.
    expect((await diffOf(source, live)).diff.kinds).toMatchObject([{ notes: [expect.stringMatching(/too large/)] }]);
  });

  it('reads nothing where the plan writes nothing', async () => {
    const same = { workflows: [{ id: 'w1', nodes: [code('same')] }] };
    const view = { ...viewOf(same), readMany: () => expect.fail('it was read') };
    const diff = await diffPlan(await planOf(same, same), view, view, {}, signal);
    expect(diff).toMatchObject({ from: { id: 'live' }, kinds: [], otherIds: [] });
  });

  it('says no word of equality where all that the plan updates has other ids', async () => {
    const source = { tags: [], variables: [{ id: 'v1', key: 'REGION', value: 'eu' }] };
    const live = { variables: [{ id: 'v9', key: 'REGION', value: 'us' }] };
    const { diff, printed } = await diffOf(source, live);
    expect(diff).toMatchObject({ kinds: [], otherIds: [{ id: 'v1' }] });
    expect(printed).toContain('not compared, because they have other ids on the target: variable REGION');
    expect(printed).not.toContain('no difference');
    expect((await diffOf(live, live)).printed).toContain('no difference');
  });
});
