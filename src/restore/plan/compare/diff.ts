// What differs between an item of the snapshot and the same item on the target, including what the store
// omitted.

import { isDeepStrictEqual } from 'node:util';
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../../lib/json/json.ts';
import { objectsIn, textOf } from '../../../kinds/fields.ts';
import { cachedMembers } from '../../../kinds/workflows/workflow-references.ts';
import type { Change } from '../types.ts';
import type { DraftField } from '../work.ts';

/** Members of a version that say what runs. */
const CONTENT = ['nodes', 'connections', 'nodeGroups'] as const;
/** Members of a draft that are compared. Static data is not: it moves with every poll, and an older one polls again. */
const DRAFT = ['name', 'description', ...CONTENT, 'settings', 'pinData'] as const satisfies readonly DraftField[];

/**
 * The members of a workflow's draft that differ. `knownSettings` are the settings that the target accepts (null: not
 * known): what it does not accept cannot be restored, so it does not count.
 */
export function diffDraft(wanted: JsonObject, live: JsonObject, knownSettings: readonly string[] | null): Change[] {
  return DRAFT.filter((field) => !isSame(field, wanted, live, knownSettings)).map((field) => ({
    field,
    ...describe(field, wanted, live),
  }));
}

/** Whether two versions run alike, apart from what only the editor shows. */
export function sameVersion(a: JsonObject, b: JsonObject): boolean {
  return CONTENT.every((member) => isSame(member, a, b, null));
}

/** Most members of most workflows are equal as they stand; only the others are worth the longer look. */
function isSame(
  field: (typeof DRAFT)[number],
  a: JsonObject,
  b: JsonObject,
  knownSettings: readonly string[] | null,
): boolean {
  if (isDeepStrictEqual(a[field], b[field])) return true;
  return comparable(field, a, knownSettings) === comparable(field, b, knownSettings);
}

/** A member as a text that is equal where the member counts as equal. */
function comparable(
  field: (typeof DRAFT)[number],
  version: JsonObject,
  knownSettings: readonly string[] | null,
): string {
  switch (field) {
    case 'name':
    case 'description':
      return textOf(version[field]);
    case 'nodes':
      return canonicalJson(objectsIn(version.nodes).map(withoutCachedNames));
    case 'nodeGroups':
      return canonicalJson(version.nodeGroups ?? []);
    case 'connections':
    case 'pinData':
      return canonicalJson(version[field] ?? {});
    case 'settings':
      return canonicalJson(settingsOf(version, knownSettings));
  }
}

function settingsOf(version: JsonObject, known: readonly string[] | null): JsonObject {
  const settings = isJsonObject(version.settings) ? version.settings : {};
  if (known === null) return settings;
  return Object.fromEntries(Object.entries(settings).filter(([key]) => known.includes(key)));
}

/** Names and URLs that the editor caches beside an id change by themselves, and say nothing that the id does not. */
export function withoutCachedNames(node: JsonObject): JsonObject {
  const result = { ...node };
  if (node.parameters !== undefined) result.parameters = withoutCache(node.parameters);
  if (isJsonObject(node.credentials)) {
    result.credentials = Object.fromEntries(
      Object.entries(node.credentials).map(([type, value]) => [
        type,
        isJsonObject(value) && typeof value.id === 'string' ? { id: value.id } : value,
      ]),
    );
  }
  return result;
}

function withoutCache(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutCache);
  if (!isJsonObject(value)) return value;
  const cached = cachedMembers(value);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !cached.includes(key))
      .map(([key, member]) => [key, withoutCache(member)]),
  );
}

function describe(field: DraftField, wanted: JsonObject, live: JsonObject): { from?: string; to?: string } {
  if (field === 'name') return { from: textOf(live.name), to: textOf(wanted.name) };
  if (field !== 'nodes') return {};
  return { from: `${objectsIn(live.nodes).length} nodes`, to: `${objectsIn(wanted.nodes).length} nodes` };
}

/** One change where two texts differ, or none. */
export function diffText(field: Change['field'], from: string, to: string): Change[] {
  return from === to ? [] : [{ field, from, to }];
}
