import { KIND, RESTORE_ORDER, type Kind } from '../../kinds/kinds.ts';
import { isCreated, type PlanContext } from './context.ts';
import { itemsOf, whyIncomplete } from '../model/items.ts';
import { objectsIn } from '../../kinds/fields.ts';
import { unknownNodeMembers } from '../package/workflow.ts';
import type { Item } from '../model/model.ts';
import { liveVersion } from '../model/references.ts';
import { omittedWords } from '../../snapshot/format/header.ts';

/** What a person should know about a plan as a whole before saying yes to it. */
export function planWarnings(context: PlanContext): string[] {
  return [
    ...cloneWarning(context),
    ...versionWarning(context),
    ...coverageWarnings(context),
    ...omittedWarnings(context),
    ...personalWarnings(context),
    ...nodeMemberWarning(context),
  ];
}

/** A clone whose triggers run as well does everything twice. */
function cloneWarning({ source, target, scope, options }: PlanContext): string[] {
  if (source.header.instance === target.instance || options.publish !== 'match-source') return [];
  const live = [...scope.values()].filter(
    ({ kind, id }) => kind === 'workflows' && liveVersion(source.workflows.get(id)!) !== null,
  ).length;
  if (live === 0) return [];
  const clause = live === 1 ? '1 workflow is' : `${live} workflows are`;
  return [
    `${clause} live in ${source.header.instance} and would run in ${target.instance} too; --publish ` +
      'none keeps them from it',
  ];
}

function versionWarning({ source, live }: PlanContext): string[] {
  const [from, to] = [source.header.n8nVersion, live.header.n8nVersion];
  if (from === null || to === null || compareVersions(to, from) >= 0) return [];
  return [
    `the snapshot is from n8n ${from}, the target is n8n ${to}: what the target does not support is ` +
      'dropped and reported',
  ];
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[.-]/).map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (left![index] ?? 0) - (right![index] ?? 0);
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
  }
  return 0;
}

/** What the snapshot could not see is not in it, and what it carried over is older than it. */
function coverageWarnings({ source, selection }: PlanContext): string[] {
  return RESTORE_ORDER.filter((kind) => isConcerned(kind, selection.wholeKinds)).flatMap((kind) => {
    const header = source.header.kinds[kind];
    if (!header || header.coverage === 'complete') return [];
    const why = whyIncomplete(source, kind);
    return header.carriedFrom === undefined
      ? [`the snapshot has no ${kind}: ${why}`]
      : [`the ${kind} of the snapshot are carried over from ${header.carriedFrom}: ${why}`];
  });
}

/** What the snapshot's store does not keep: the target keeps what it has of it, and the rest is missing. */
function omittedWarnings({ source, selection }: PlanContext): string[] {
  return RESTORE_ORDER.filter((kind) => isConcerned(kind, selection.wholeKinds)).flatMap((kind) => {
    const words = omittedWords(source.header.kinds[kind]);
    return words === null ? [] : [`the ${kind} of the snapshot were saved without ${words}: the target keeps its own`];
  });
}

function isConcerned(kind: Kind, chosen: ReadonlySet<Kind>): boolean {
  return chosen.has(kind) && KIND[kind].byDefault;
}

function personalWarnings(context: PlanContext): string[] {
  return [...context.source.projects.values()].flatMap((project) => {
    const match = project.personal ? context.identities.match('projects', project.id) : undefined;
    if (match?.matchedBy !== 'personal' || match.targetId === project.id) return [];
    const target = match.targetId === null ? undefined : context.live.projects.get(match.targetId);
    if (target?.name === project.name || !ownsAnything(context, project.id)) return [];
    const where = target ? JSON.stringify(target.name) : "the personal project of the API key's owner";
    return [`items of the personal project ${JSON.stringify(project.name)} are placed in ${where}`];
  });
}

function ownsAnything({ source, scope }: PlanContext, projectId: string): boolean {
  return [...scope.values()].some(({ kind, id }) => (itemsOf(source, kind).get(id) as Item).projectId === projectId);
}

/** n8n's import would drop what its package format does not know of a node, so those workflows are not sent whole. */
function nodeMemberWarning(context: PlanContext): string[] {
  const { scope, source, capabilities } = context;
  if (!capabilities.packages) return [];
  const found = [...scope.values()].flatMap(({ kind, id }) => {
    if (kind !== 'workflows' || !isCreated(context, kind, id)) return [];
    const { draft, published } = source.workflows.get(id)!;
    const members = unknownNodeMembers(objectsIn((published ?? draft).nodes));
    return members.length === 0 ? [] : [members];
  });
  if (found.length === 0) return [];
  const members = [...new Set(found.flat())].sort().map((member) => JSON.stringify(member));
  const count = found.length === 1 ? '1 workflow takes' : `${found.length} workflows take`;
  return [
    `${count} longer to restore, by a request each: n8n's package import does not know ` +
      `${members.join(', ')} of their nodes`,
  ];
}
