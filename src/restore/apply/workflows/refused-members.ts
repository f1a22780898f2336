import { isJsonObject, type Json, type JsonObject } from '../../../lib/json/json.ts';

/** A member of a request that n8n does not take: `settings`, `foo`. */
export interface RefusedMember {
  /** Where it is: names and positions from the body down. */
  readonly path: readonly string[];
  readonly member: string;
}

/**
 * What n8n's words name as unknown or of a wrong type: `request/body/settings Unrecognized key(s) in object: 'foo'`,
 * `request/body/nodes/0/createdAt is read-only`, `request/body/settings/timezone Expected string, received number`.
 */
export function findRefusedMembers(reason: string): RefusedMember[] {
  const found: RefusedMember[] = [];
  for (const [, path = '', keys = ''] of reason.matchAll(
    /request\/body((?:\/[^\s/]+)*) Unrecognized key\(s\) in object: ((?:'[^']*'(?:, )?)+)/g,
  )) {
    for (const [, member = ''] of keys.matchAll(/'([^']*)'/g)) found.push({ path: partsOf(path), member });
  }
  for (const [, path = ''] of reason.matchAll(
    /request\/body((?:\/[^\s/]+)+) (?:is read-only|Expected |Invalid |must |String must |Number must )/g,
  )) {
    const parts = partsOf(path);
    const member = parts.at(-1);
    if (member !== undefined) found.push({ path: parts.slice(0, -1), member });
  }
  return found;
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

/**
 * A copy of the body without these members, and which of them it had. A member that a workflow needs is never taken
 * away: only settings, what n8n says is unknown or read-only, and members that are null.
 */
export function dropMembers(
  body: JsonObject,
  members: readonly RefusedMember[],
): { readonly body: JsonObject; readonly dropped: readonly RefusedMember[] } {
  const dropped: RefusedMember[] = [];
  let result: Json = body;
  for (const refused of members) {
    const next = without(result, refused.path, refused.member);
    if (next === undefined) continue;
    result = next;
    dropped.push(refused);
  }
  return { body: result as JsonObject, dropped };
}

/** undefined where there is no such member. */
function without(value: Json, path: readonly string[], member: string): Json | undefined {
  const [first, ...rest] = path;
  if (first === undefined) {
    if (!isJsonObject(value) || !Object.hasOwn(value, member)) return undefined;
    return Object.fromEntries(Object.entries(value).filter(([key]) => key !== member));
  }
  if (Array.isArray(value)) {
    const inner = without(value[Number(first)] ?? null, rest, member);
    return inner === undefined ? undefined : value.with(Number(first), inner);
  }
  if (!isJsonObject(value) || !Object.hasOwn(value, first)) return undefined;
  const inner = without(value[first] ?? null, rest, member);
  return inner === undefined ? undefined : { ...value, [first]: inner };
}
