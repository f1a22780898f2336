import { describe, expect, it } from 'vitest';
import { inBatches } from '../../../../src/restore/package/batches.ts';
import { packageWorkflow, type PackagedWorkflow } from '../../../../src/restore/package/workflow.ts';

function workflow(id: string, settings = {}): readonly [string, PackagedWorkflow] {
  const content = { nodes: [], connections: {}, nodeGroups: [] };
  return [id, packageWorkflow({ id, name: id, settings, tagIds: [] }, content)];
}

function idsOf(batches: Iterable<ReadonlyMap<string, PackagedWorkflow>>): string[][] {
  return [...batches].map((batch) => [...batch.keys()]);
}

describe('batches of workflows for packages', () => {
  it('batches of workflows for packages hold no more bytes than they may, but for a single workflow that is larger', () => {
    const large = workflow('large', { note: 'x'.repeat(1_000) });
    const workflows = [workflow('a'), workflow('b'), large, workflow('c')];
    expect(idsOf(inBatches(workflows, 500))).toEqual([['a', 'b'], ['large'], ['c']]);
  });

  it('batches of workflows for packages hold 200 workflows at most', () => {
    const workflows = Array.from({ length: 201 }, (_, index) => workflow(`w${index}`));
    expect(idsOf(inBatches(workflows, 2 ** 20)).map((ids) => ids.length)).toEqual([200, 1]);
  });

  it('batches of workflows for packages ask for no workflow before its batch is asked for', () => {
    let asked = 0;
    const workflows = [workflow('a'), workflow('b'), workflow('c')].values().map((each) => {
      asked += 1;
      return each;
    });
    inBatches(workflows, 1).next();
    expect(asked).toBe(2);
  });
});
