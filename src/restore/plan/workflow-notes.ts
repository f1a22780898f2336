import { NODE_PACKAGES, singular, type Kind } from '../../kinds/kinds.ts';
import { findMentions } from '../../kinds/workflows/workflow-references.ts';
import { willExist, type PlanContext } from './context.ts';
import { isComplete, itemsOf, keyOf } from '../model/items.ts';
import type { WorkflowItem } from '../model/model.ts';
import { communityNodeTypes } from '../model/node-types.ts';
import type { Note } from './types.ts';

/** What is the matter with the references and the node types of a workflow that is written. */
export function referenceNotes(context: PlanContext, wanted: WorkflowItem): Note[] {
  return [
    ...danglingNotes(context, wanted),
    ...unresolvableNotes(context, wanted),
    ...mentionNotes(context, wanted),
    ...nodeTypeNotes(context, wanted),
  ];
}

function danglingNotes(context: PlanContext, wanted: WorkflowItem): Note[] {
  const notes = new Map<string, Note>();
  for (const { kind, id, sure, role, node, name } of context.references.of(wanted).all) {
    if (!sure || role === 'caller' || id === wanted.id || isThere(context, kind, id)) continue;
    const known = itemsOf(context.source, kind).get(id)?.name ?? name;
    const what = `${singular(kind)} ${known === null ? id : `${JSON.stringify(known)} (${id})`}`;
    const where = node === null ? 'its settings refer' : `node ${JSON.stringify(node)} refers`;
    const held = itemsOf(context.source, kind).has(id) ? '' : ', which is not in the snapshot either';
    notes.set(`${where}${what}`, { code: 'dangling', message: `${where} to ${what}${held}` });
  }
  return [...notes.values()];
}

/** On the target now (whether the snapshot knows it or not), or after the plan is done. */
function isThere(context: PlanContext, kind: Kind, id: string): boolean {
  return itemsOf(context.live, kind).has(id) || willExist(context, kind, id);
}

/** An expression still finds what it found before where ids are kept; elsewhere a person has to look. */
function unresolvableNotes(context: PlanContext, wanted: WorkflowItem): Note[] {
  return context.references
    .of(wanted)
    .unresolvable.filter(({ kind }) => context.changedIds(kind).size > 0)
    .map(({ kind, expression, node }) => ({
      code: 'unresolvable',
      message:
        `node ${JSON.stringify(node)} computes its ${singular(kind)} (${shorten(expression)}); ` +
        `ids of ${kind} change`,
    }));
}

function mentionNotes(context: PlanContext, wanted: WorkflowItem): Note[] {
  const changed = context.changedIds('workflows');
  if (changed.size === 0) return [];
  const references = context.references.of(wanted).all;
  const known = (id: string, node: string): boolean => references.some((r) => r.id === id && r.node === node);
  return findMentions(wanted.draft, changed)
    .filter(({ id, node }) => !known(id, node))
    .map(({ id, node }) => ({
      code: 'mentions-id',
      message: `node ${JSON.stringify(node)} has the workflow id ${id} in a text, which is not changed`,
    }));
}

function nodeTypeNotes(context: PlanContext, wanted: WorkflowItem): Note[] {
  if (!isComplete(context.live, NODE_PACKAGES)) return [];
  const versions = [wanted.draft, ...(wanted.published ? [wanted.published] : [])];
  const missing = new Map<string, Note>();
  for (const version of versions) {
    for (const [name, types] of communityNodeTypes(version)) {
      const installs = context.options.installPackages && context.scope.has(keyOf(NODE_PACKAGES, name));
      if (itemsOf(context.live, NODE_PACKAGES).has(name) || installs) continue;
      const message = `${[...types].join(', ')}: community package ${name} is not installed on the target`;
      missing.set(name, { code: 'missing-node-type', message });
    }
  }
  return [...missing.values()];
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
