/**
 * The strongly connected components of a graph, each after all components that it points to: a called workflow comes
 * before its caller, and those that call each other come together. `nodes` sets the order wherever the graph leaves a
 * choice. Tarjan's algorithm, without recursion: a chain of calls may be as long as an instance is large.
 */
export function componentsInOrder(nodes: readonly string[], edges: ReadonlyMap<string, Iterable<string>>): string[][] {
  const known = new Set(nodes);
  const states = new Map<string, NodeState>();
  const stack: string[] = [];
  const components: string[][] = [];
  const path: NodeState[] = [];

  const enter = (node: string): void => {
    const targets = [...(edges.get(node) ?? [])].filter((target) => known.has(target));
    const state = { node, index: states.size, low: states.size, onStack: true, targets, next: 0 };
    states.set(node, state);
    stack.push(node);
    path.push(state);
  };

  const leave = (state: NodeState): void => {
    path.pop();
    const parent = path.at(-1);
    if (parent) parent.low = Math.min(parent.low, state.low);
    if (state.low !== state.index) return;
    const component = stack.splice(stack.lastIndexOf(state.node));
    for (const node of component) states.get(node)!.onStack = false;
    components.push(component);
  };

  for (const root of nodes) {
    if (states.has(root)) continue;
    enter(root);
    for (let state = path.at(-1); state; state = path.at(-1)) {
      const target = state.targets[state.next++];
      if (target === undefined) {
        leave(state);
        continue;
      }
      const seen = states.get(target);
      if (!seen) enter(target);
      else if (seen.onStack) state.low = Math.min(state.low, seen.index);
    }
  }
  return components;
}

interface NodeState {
  readonly node: string;
  readonly index: number;
  low: number;
  onStack: boolean;
  readonly targets: readonly string[];
  next: number;
}
