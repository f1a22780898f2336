import fc from 'fast-check';
import { expect, test } from 'vitest';
import { componentsInOrder } from '../../../../src/restore/plan/graph.ts';

test('callees come first, and those that call each other come together', () => {
  const edges = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', ['b']],
    ['d', []],
  ]);
  expect(componentsInOrder(['a', 'b', 'c', 'd'], edges).map((group) => group.toSorted())).toEqual([
    ['d'],
    ['b', 'c'],
    ['a'],
  ]);
});

test('edges to unknown nodes and to oneself do no harm', () => {
  expect(componentsInOrder(['a'], new Map([['a', ['a', 'gone']]]))).toEqual([['a']]);
});

test('a chain of 100,000 does not exhaust the stack', () => {
  const nodes = Array.from({ length: 100_000 }, (_, index) => String(index));
  const edges = new Map(nodes.map((node, index) => [node, [String(index + 1)]]));
  expect(componentsInOrder(nodes, edges)[0]).toEqual(['99999']);
});

test('order respects dependencies; a group holds exactly the nodes that reach each other', () => {
  const size = 12;
  const edge = fc.tuple(fc.nat(size - 1), fc.nat(size - 1));
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 40 }), (pairs) => {
      const nodes = Array.from({ length: size }, (_, index) => String(index));
      const edges = new Map<string, string[]>();
      for (const [from, to] of pairs) edges.set(String(from), [...(edges.get(String(from)) ?? []), String(to)]);
      const groups = componentsInOrder(nodes, edges);
      expect(groups.flat().toSorted()).toEqual(nodes.toSorted());
      const place = new Map(groups.flatMap((group, index) => group.map((node) => [node, index])));
      for (const node of nodes) {
        for (const target of reachable(edges, node)) {
          expect(place.get(target)).toBeLessThanOrEqual(place.get(node)!);
          if (reachable(edges, target).has(node)) expect(place.get(target)).toBe(place.get(node));
          else expect(place.get(target)).toBeLessThan(place.get(node)!);
        }
      }
    }),
  );
});

function reachable(edges: ReadonlyMap<string, readonly string[]>, from: string): Set<string> {
  const seen = new Set<string>();
  const open = [...(edges.get(from) ?? [])];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    open.push(...(edges.get(node) ?? []));
  }
  return seen;
}
