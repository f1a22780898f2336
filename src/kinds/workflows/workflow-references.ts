import { CALLERS } from './node-powers.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json/json.ts';
import type { Kind } from '../kinds.ts';
import { eachText, textOf } from '../fields.ts';

/** What one version of a workflow (its draft or its live version) refers to. */
export interface WorkflowReference {
  readonly kind: ReferencedKind;
  /** The id, or with `by: 'name'` the name, of what is referred to. */
  readonly id: string;
  readonly by: 'id' | 'name';
  readonly role: ReferenceRole;
  /**
   * true where n8n itself reads this as a reference. false for a parameter of another node that is called like one:
   * it counts only if its value is the id of a known item, since a GitHub node has a `workflowId` as well.
   */
  readonly sure: boolean;
  /** The node's name, or null for the workflow's settings. */
  readonly node: string | null;
  /** What the workflow itself calls it, or null. */
  readonly name: string | null;
}

export type ReferencedKind = Extract<Kind, 'workflows' | 'credentials' | 'data-tables' | 'folders' | 'projects'>;

/**
 * `call`: an enabled executeWorkflow node, which n8n requires to be published before its caller; `use`: any other
 * node that needs it; `error-workflow` and `caller`: the workflow's settings.
 */
export type ReferenceRole = 'call' | 'use' | 'credential' | 'error-workflow' | 'caller';

/** A reference that is computed when the workflow runs: nobody can say to what. */
export interface UnresolvableReference {
  readonly kind: ReferencedKind;
  readonly expression: string;
  readonly node: string | null;
}

/** The new id for a reference, or undefined to leave it as it is. */
export type Replace = (reference: WorkflowReference) => string | undefined;

/** Which kind a parameter of this name refers to. */
const PARAMETERS: Readonly<Partial<Record<string, ReferencedKind>>> = {
  workflowId: 'workflows',
  dataTableId: 'data-tables',
  projectId: 'projects',
  folderId: 'folders',
  parentFolderId: 'folders',
};

/** n8n's own nodes whose parameters of these kinds are references (found in n8n 2.41.1's node sources). */
const NODES: Readonly<Partial<Record<string, readonly ReferencedKind[]>>> = {
  ...Object.fromEntries([...CALLERS].map((type) => [type, ['workflows'] as const])),
  'n8n-nodes-base.n8n': ['workflows', 'projects', 'folders'],
  'n8n-nodes-base.dataTable': ['data-tables'],
  'n8n-nodes-base.evaluation': ['data-tables'],
  'n8n-nodes-base.evaluationTrigger': ['data-tables'],
};

/** Ids shorter than this (old n8n counted 1, 2, 3) appear in other values by chance. */
const DISTINCTIVE_LENGTH = 10;

/** Everything that a version refers to, in the order of its nodes. */
export function findReferences(version: JsonObject): {
  references: WorkflowReference[];
  unresolvable: UnresolvableReference[];
} {
  const references: WorkflowReference[] = [];
  const unresolvable: UnresolvableReference[] = [];
  visit(version, {
    replace: (reference) => {
      references.push(reference);
      return undefined;
    },
    unresolvable: (reference) => unresolvable.push(reference),
  });
  return { references, unresolvable };
}

/**
 * A version with references replaced: in resource locators (their cached URL too), plain texts, credentials and
 * settings. What `replace` does not know stays as it is; only what leads to a new id is copied, so the result shares
 * the rest with the given version, and is that very one where nothing was replaced.
 */
export function rewriteReferences(version: JsonObject, replace: Replace): JsonObject {
  return visit(version, { replace, unresolvable: () => undefined });
}

/** Which of `ids` appear in texts of the nodes: left alone there, since nobody can say what the text means. */
export function findMentions(version: JsonObject, ids: ReadonlySet<string>): { id: string; node: string }[] {
  const found: { id: string; node: string }[] = [];
  for (const node of listOf(version.nodes)) {
    if (!isJsonObject(node)) continue;
    const inNode = new Set<string>();
    eachText(node.parameters ?? null, (text) => {
      for (const word of text.match(/[A-Za-z0-9_-]+/g) ?? [])
        if (word.length >= DISTINCTIVE_LENGTH && ids.has(word)) inNode.add(word);
    });
    for (const id of inNode) found.push({ id, node: textOf(node.name) });
  }
  return found;
}

interface Visitor {
  replace: Replace;
  unresolvable(reference: UnresolvableReference): void;
}

/** One walk for finding and rewriting, so that the two cannot disagree about what a reference is. */
function visit(version: JsonObject, visitor: Visitor): JsonObject {
  const { nodes, settings } = version;
  return withMembers(version, {
    nodes: Array.isArray(nodes) ? mapEntries(nodes, (node) => visitNode(node, visitor)) : nodes,
    settings: isJsonObject(settings) ? visitSettings(settings, visitor) : settings,
  });
}

function visitNode(node: Json, visitor: Visitor): Json {
  if (!isJsonObject(node)) return node;
  const { parameters, credentials } = node;
  return withMembers(node, {
    parameters: isJsonObject(parameters) ? new ParameterWalk(node, visitor).walkMembers(parameters, 0) : parameters,
    credentials: isJsonObject(credentials)
      ? mapMembers(credentials, (value) => visitCredential(value, node, visitor))
      : credentials,
  });
}

/** `{id, name}`; very old workflows have the bare name. */
function visitCredential(value: Json, node: JsonObject, visitor: Visitor): Json {
  const reference = { kind: 'credentials', role: 'credential', sure: true, node: textOf(node.name) } as const;
  if (typeof value === 'string') {
    visitor.replace({ ...reference, id: value, by: 'name', name: value });
    return value;
  }
  if (!isJsonObject(value) || typeof value.id !== 'string' || value.id === '') return value;
  const name = typeof value.name === 'string' ? value.name : null;
  const id = visitor.replace({ ...reference, id: value.id, by: 'id', name });
  return id === undefined ? value : { ...value, id };
}

function visitSettings(settings: JsonObject, visitor: Visitor): JsonObject {
  const replace = (id: string, role: ReferenceRole): string =>
    visitor.replace({ kind: 'workflows', id, by: 'id', role, sure: true, node: null, name: null }) ?? id;
  const { errorWorkflow, callerIds } = settings;
  // DEFAULT is what the editor writes for "no error workflow of its own".
  const named = typeof errorWorkflow === 'string' && errorWorkflow !== '' && errorWorkflow !== 'DEFAULT';
  return withMembers(settings, {
    errorWorkflow: named ? replace(errorWorkflow, 'error-workflow') : errorWorkflow,
    // The spaces between the ids stay as they are.
    callerIds: typeof callerIds === 'string' ? callerIds.replace(/[^,\s]+/g, (id) => replace(id, 'caller')) : callerIds,
  });
}

/** Walks the parameters of one node. */
class ParameterWalk {
  readonly #visitor: Visitor;
  readonly #name: string;
  readonly #own: readonly ReferencedKind[];
  readonly #calls: boolean;

  constructor(node: JsonObject, visitor: Visitor) {
    const type = textOf(node.type);
    this.#visitor = visitor;
    this.#name = textOf(node.name);
    // A node that serves an agent as a tool is called like the node itself, with Tool at the end.
    const own = ownKinds(type) ?? ownKinds(type.replace(/Tool$/, '')) ?? [];
    const source = isJsonObject(node.parameters) ? node.parameters.source : undefined;
    // With another source (a file, a URL, JSON) the workflowId is a leftover that n8n does not look at.
    this.#own = source === undefined || source === 'database' ? own : [];
    this.#calls = type === 'n8n-nodes-base.executeWorkflow' && node.disabled !== true;
  }

  walkMembers(members: JsonObject, depth: number): JsonObject {
    return mapMembers(members, (value, key) => this.#walk(value, key, depth));
  }

  #walk(value: Json, key: string, depth: number): Json {
    const kind = Object.hasOwn(PARAMETERS, key) ? PARAMETERS[key] : undefined;
    if (kind !== undefined) {
      if (typeof value === 'string') return this.#visitText(value, kind, depth);
      if (isLocator(value)) return this.#visitLocator(value, kind, depth);
    }
    if (Array.isArray(value)) return mapEntries(value, (entry) => this.#walk(entry, '', depth + 1));
    return isJsonObject(value) ? this.walkMembers(value, depth + 1) : value;
  }

  #visitText(value: string, kind: ReferencedKind, depth: number): string {
    return this.#replace(value, kind, depth, 'id', null) ?? value;
  }

  #visitLocator(locator: JsonObject & { value: string }, kind: ReferencedKind, depth: number): JsonObject {
    const name = typeof locator.cachedResultName === 'string' ? locator.cachedResultName : null;
    if (locator.mode === 'name') {
      this.#replace(locator.value, kind, depth, 'name', name);
      return locator;
    }
    // A locator in URL mode holds .../workflow/ID.
    const inUrl = locator.mode === 'url' ? /\/workflow\/([A-Za-z0-9_-]+)/.exec(locator.value)?.[1] : undefined;
    if (locator.mode === 'url' && inUrl === undefined && !locator.value.startsWith('=')) return locator;
    const before = inUrl ?? locator.value;
    const after = this.#replace(before, kind, depth, 'id', name);
    if (after === undefined) return locator;
    const result: JsonObject = { ...locator, value: replaceSegment(locator.value, before, after) };
    if (typeof locator.cachedResultUrl === 'string') {
      result.cachedResultUrl = replaceSegment(locator.cachedResultUrl, before, after);
    }
    return result;
  }

  #replace(
    id: string,
    kind: ReferencedKind,
    depth: number,
    by: 'id' | 'name',
    name: string | null,
  ): string | undefined {
    if (id === '') return undefined;
    const sure = depth === 0 && this.#own.includes(kind);
    if (id.startsWith('=')) {
      if (sure) this.#visitor.unresolvable({ kind, expression: id, node: this.#name });
      return undefined;
    }
    if (!sure && (by === 'name' || id.length < DISTINCTIVE_LENGTH)) return undefined;
    const role = sure && this.#calls && kind === 'workflows' ? 'call' : 'use';
    return this.#visitor.replace({ kind, id, by, role, sure, node: this.#name, name });
  }
}

function ownKinds(type: string): readonly ReferencedKind[] | undefined {
  return Object.hasOwn(NODES, type) ? NODES[type] : undefined;
}

/** n8n takes any object with a `value` for a resource locator. */
function isLocator(value: Json): value is JsonObject & { value: string } {
  return isJsonObject(value) && typeof value.value === 'string';
}

/**
 * The members that n8n's editor caches beside the id of a resource locator, where every one of these values is one:
 * they change by themselves and say nothing that the id does not.
 */
export function cachedMembers(...values: readonly JsonObject[]): readonly string[] {
  return values.every((value) => value.__rl === true) ? ['cachedResultName', 'cachedResultUrl'] : [];
}

/** Replaces an id where it stands as a whole segment of a URL, or is the whole text. */
function replaceSegment(text: string, before: string, after: string): string {
  return text
    .split(/([/?#])/)
    .map((part) => (part === before ? after : part))
    .join('');
}

/** The same object where every member stays as it is, as most do: copying all of them takes longer than the walk. */
function mapMembers(object: JsonObject, convert: (value: Json, key: string) => Json): JsonObject {
  const changed: [string, Json][] = [];
  for (const key of Object.keys(object)) {
    const value = object[key]!;
    const converted = convert(value, key);
    if (converted !== value) changed.push([key, converted]);
  }
  return changed.length === 0 ? object : { ...object, ...Object.fromEntries(changed) };
}

/** The same object where it has just these members, an undefined one standing for none. */
function withMembers(object: JsonObject, members: Record<string, Json | undefined>): JsonObject {
  const changed = Object.entries(members).flatMap(([key, value]) =>
    value === undefined || value === object[key] ? [] : [[key, value] as const],
  );
  return changed.length === 0 ? object : { ...object, ...Object.fromEntries(changed) };
}

/** The same list where every entry stays as it is. */
function mapEntries(list: Json[], convert: (value: Json) => Json): Json[] {
  const converted = list.map(convert);
  return converted.some((value, index) => value !== list[index]) ? converted : list;
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
