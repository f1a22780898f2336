import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/lib/json/json.ts';
import { Budget } from '../../../src/diff/budget.ts';
import { fieldsShown, nodeChangesShown } from '../../../src/diff/html/shown.ts';
import { diffValues } from '../../../src/diff/text/values.ts';
import { itemWords } from '../../../src/diff/words.ts';
import { diffWorkflow } from '../../../src/diff/workflow/workflow.ts';
import { ADVERSARIAL_TEXTS } from '../../support/hostile/texts-to-compare.ts';
import { changed, node, side, workflow } from './support/workflow.ts';

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

describe('a workflow that is made to take long to compare', () => {
  it('600 nodes whose code is in another order are compared with the steps of one comparison, and what was not is said', async () => {
    const [from, to] = ADVERSARIAL_TEXTS['lines in another order']!(1999);
    const withCode = (code: string) => workflow(many(600, (i) => node(`N${i}`, { parameters: { code } })));
    const budget = new Budget();
    const item = (await diffWorkflow(side(withCode(from)), side(withCode(to)), budget))!;
    const texts = item.draft!.nodes.flatMap((each) => each.changes) as { lines?: unknown; coarse?: true }[];
    expect(texts).toHaveLength(600);
    expect(texts[0]!.lines).toBeDefined();
    expect(texts[599]).toMatchObject({ coarse: true });
    expect(texts.filter((text) => text.coarse)).toHaveLength(budget.coarse);
    expect(itemWords(item)).toContain('600 nodes changed (N0: code, N1: code');
  });

  it('20,000 wires from one output are told from others one by one', async () => {
    const wired = (first: number): JsonObject => ({
      N: { main: [many(20_000, (i): Json => ({ node: `to ${first + i}`, type: 'main', index: 0 }))] },
    });
    const item = await changed(
      workflow([node('N')], { connections: wired(0) }),
      workflow([node('N')], { connections: wired(1) }),
    );
    expect(item.draft!.wires.map(({ change, to }) => [change, to])).toEqual([
      ['added', 'to 20000'],
      ['removed', 'to 0'],
    ]);
    expect(item.draft!.reordered).toEqual([]);
  });

  it('wires from a node with a long name are counted where listing them would take too much', async () => {
    const name = 'n'.repeat(200_000);
    const wired = (first: number): JsonObject => ({
      [name]: { main: [many(1000, (i): Json => ({ node: `to ${first + i}`, type: 'main', index: 0 }))] },
    });
    const { draft, ...item } = await changed(
      workflow([node(name)], { connections: wired(0) }),
      workflow([node(name)], { connections: wired(1000) }),
    );
    expect(draft!.wires.length).toBeLessThan(1000);
    expect(draft!.moreWires!.added + draft!.moreWires!.removed + draft!.wires.length).toBe(2000);
    expect(itemWords({ ...item, draft: draft! })).toBe('1000 wires added, 1000 wires removed');
  });

  it('values below a name of a megabyte are named as far as there are steps, and else together', () => {
    const name = 'n'.repeat(1_000_000);
    const of = (value: number): Json => ({ [name]: Object.fromEntries(many(1000, (i) => [`k${i}`, value])) });
    const budget = new Budget();
    const changes = diffValues(of(1), of(2), budget);
    expect(changes).toMatchObject([{ path: name, coarse: true }]);
    expect(budget.coarse).toBe(1);
  });

  it('values in 450 levels are looked at twice, not once for each level above them', () => {
    let looks = 0;
    const counted = (): Json => Object.defineProperty({}, 'leaf', { enumerable: true, get: () => ((looks += 1), 'x') });
    const nest = (last: Json): Json => {
      let value = last;
      for (let level = 0; level < 450; level++) value = { a: counted(), z: value };
      return value;
    };
    expect(diffValues(nest(1), nest(2), new Budget())).toHaveLength(1);
    expect(looks).toBeLessThanOrEqual(2 * 2 * 450);
  });

  it('20,000 projects that a workflow is shared with are compared by looking each up', async () => {
    const shared = (letter: string) => many(20_000, (i): Json => ({ projectId: `${letter}${i}`, role: 'editor' }));
    const item = await changed(
      workflow([node('A')], { shared: shared('a') }),
      workflow([node('A')], { shared: shared('b') }),
    );
    expect(item.fields).toMatchObject([{ field: 'shared with' }]);
    expect(item.fields[0]!.to).toHaveLength(20_000);
  });
});

describe('the event loop', () => {
  it('the event loop has its turn while the nodes of a large workflow are compared', async () => {
    const nodes = (value: string) => workflow(many(3000, (i) => node(`N${i}`, { parameters: { value } })));
    let turns = 0;
    let comparing = true;
    const count = (): void => {
      turns += 1;
      if (comparing) setImmediate(count);
    };
    count();
    await changed(nodes('a'), nodes('b'));
    comparing = false;
    expect(turns).toBeGreaterThan(100);
  });
});

describe('what was not compared in detail', () => {
  it('a page says so in the title of the value', () => {
    const change = { path: 'code', from: 'a\nb', to: 'a\nc', coarse: true } as const;
    const [ofNode] = nodeChangesShown({ changes: [{ what: 'parameter', ...change }] } as never);
    const [ofItem] = fieldsShown([{ field: 'description', from: 'a\nb', to: 'a\nc', coarse: true }]);
    expect(ofNode).toEqual({ title: 'code (too large to be compared in detail)', from: 'a\nb', to: 'a\nc' });
    expect(ofItem!.title).toBe('description (too large to be compared in detail)');
  });
});
