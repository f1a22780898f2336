// What a person should look at before saying yes to a plan: what the workflows that it writes could do and could not
// do before. Pure, as the plan is.

import type { JsonObject } from '../../../lib/json/json.ts';
import { mapKey } from '../../../lib/hash.ts';
import { textOf } from '../../../kinds/fields.ts';
import { hostsOf, powerOf } from '../../../kinds/workflows/node-powers.ts';
import { findReferences } from '../../../kinds/workflows/workflow-references.ts';
import type { PlanContext } from '../context.ts';
import { itemsOf } from '../../model/items.ts';
import type { WorkflowItem } from '../../model/model.ts';
import { liveVersion } from '../../model/references.ts';
import { computedWebhooks, webhooksOf } from '../../model/webhooks.ts';
import { rewritten } from '../plan-workflow.ts';
import { isPublishing, isWorkflowAction, type WorkflowAction } from '../publish-plan.ts';
import type { Action } from '../types.ts';
import type { Finding } from './finding.ts';
import { enabledNodes, KnownNodes } from './known-nodes.ts';

/** Everything of the plan's workflows that deserves a look, in the order of the actions. */
export function reviewPlan(context: PlanContext, actions: readonly Action[]): Finding[] {
  const known = new KnownHosts(context);
  return actions.filter(isWorkflowAction).flatMap((action) => reviewWorkflow(context, action, known));
}

function reviewWorkflow(context: PlanContext, action: WorkflowAction, known: KnownHosts): Finding[] {
  const wanted = context.source.workflows.get(action.sourceId)!;
  const there = action.verb === 'update' ? context.live.workflows.get(action.targetId) : undefined;
  const publishes = isPublishing(action);
  const written = [wanted.draft, ...(publishes && wanted.published ? [wanted.published] : [])];
  const versions = written.map((version) => rewritten(context, version));
  const before = there ? [there.draft, ...(there.published ? [there.published] : [])] : [];
  const workflow = { id: wanted.id, name: wanted.name };
  const found = [
    ...(publishes ? [liveFinding(there)] : []),
    ...nodeFindings(versions, before, known),
    ...referenceFindings(context, versions, before),
    ...(publishes ? webhookFindings(wanted, there) : []),
  ];
  return found.map((each) => ({ ...each, workflow }));
}

type Found = Omit<Finding, 'workflow'>;

function liveFinding(there: WorkflowItem | undefined): Found {
  return { what: 'live', node: null, change: there && liveVersion(there) ? 'changed' : 'new' };
}

/** Draft and live version have most nodes in common: each is told once. */
function nodeFindings(versions: readonly JsonObject[], before: readonly JsonObject[], known: KnownHosts): Found[] {
  const nodes = new KnownNodes(before);
  const found = new Map<string, Found>();
  for (const node of versions.flatMap(enabledNodes)) {
    const what = powerOf(node);
    const change = what === null ? null : nodes.changeOf(node);
    if (what === null || change === null) continue;
    const [name, type] = [textOf(node.name), textOf(node.type)];
    const more = what === 'network' ? known.describe(node) : {};
    const finding = { what, node: name, type, change, ...more };
    found.set(JSON.stringify(finding), finding);
  }
  return [...found.values()];
}

/** Calls of workflows, and credentials, that the versions on the target do not have. */
function referenceFindings(
  context: PlanContext,
  versions: readonly JsonObject[],
  before: readonly JsonObject[],
): Found[] {
  const [had, places] = [new Set<string>(), new Set<string>()];
  for (const { kind, id, role, node } of before.flatMap((version) => findReferences(version).references)) {
    if (role === 'caller') continue;
    had.add(textKey(kind, node, id));
    places.add(textKey(kind, node));
  }
  const found = new Map<string, Found>();
  for (const { kind, id, role, sure, node, name } of versions.flatMap((each) => findReferences(each).references)) {
    const what = kind === 'credentials' ? 'credential' : kind === 'workflows' && role !== 'caller' ? 'call' : null;
    if (what === null || !sure || had.has(textKey(kind, node, id))) continue;
    const item = itemsOf(context.source, kind).get(id) ?? itemsOf(context.live, kind).get(id);
    const details = [`${item?.name ?? name ?? 'unknown'} (${id})`];
    const change = places.has(textKey(kind, node)) ? 'changed' : 'new';
    found.set(textKey(what, node, id), { what, node, change, details });
  }
  return [...found.values()];
}

/** Paths that the live version would answer on and that of the target does not. */
function webhookFindings(wanted: WorkflowItem, there: WorkflowItem | undefined): Found[] {
  const version = liveVersion(wanted);
  if (version === null) return [];
  const live = there ? liveVersion(there) : null;
  const pathsOf = (each: JsonObject): { node: string; path: string }[] => [
    ...webhooksOf(each).map(({ node, method, path }) => ({ node, path: method === '*' ? path : `${method} ${path}` })),
    ...computedWebhooks(each).map((node) => ({ node, path: 'a path that is computed' })),
  ];
  const had = live === null ? [] : pathsOf(live);
  const paths = new Set(had.map(({ path }) => textKey(path)));
  const nodes = new Set(had.map(({ node }) => textKey(node)));
  return pathsOf(version)
    .filter(({ path }) => !paths.has(textKey(path)))
    .map(({ node, path }) => {
      const change = nodes.has(textKey(node)) ? 'changed' : 'new';
      return { what: 'webhook', node, change, details: [path] };
    });
}

/** One key for several texts, whatever they hold. */
function textKey(...texts: readonly (string | null)[]): string {
  return mapKey(JSON.stringify(texts));
}

/** Where the target's workflows send requests already. */
class KnownHosts {
  readonly #context: PlanContext;
  #hosts: Set<string> | undefined;

  constructor(context: PlanContext) {
    this.#context = context;
  }

  describe(node: JsonObject): Pick<Found, 'details' | 'newHosts'> {
    const { hosts, computed } = hostsOf(node);
    const known = (this.#hosts ??= this.#find());
    const newHosts = hosts.filter((host) => !known.has(host));
    return {
      details: [...hosts, ...(computed ? ['a computed address'] : [])],
      ...(newHosts.length > 0 && this.#context.live.workflows.size > 0 ? { newHosts } : {}),
    };
  }

  #find(): Set<string> {
    const versions = [...this.#context.live.workflows.values()].flatMap(({ draft, published }) => [draft, published]);
    const nodes = versions.flatMap((version) => (version === null ? [] : enabledNodes(version)));
    return new Set(nodes.filter((node) => powerOf(node) === 'network').flatMap((node) => hostsOf(node).hosts));
  }
}
