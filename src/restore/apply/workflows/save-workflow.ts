import { isJsonObject, type Json, type JsonObject } from '../../../lib/json/json.ts';
import { isN8nError, type N8nError } from '../../../n8n/http/errors.ts';
import { segment } from '../../../n8n/http/types.ts';
import type { Action } from '../../plan/types.ts';
import type { ApplyContext } from '../context.ts';
import { dropMembers, findRefusedMembers, type RefusedMember } from './refused-members.ts';
import { knownSettings } from './known-settings.ts';

/** n8n reports one kind of trouble at a time; a workflow with more than this is reported as refused. */
const MAX_ATTEMPTS = 40;

/** Members without which a workflow or a node is none: these are never dropped. */
const NEEDED = new Set([
  'name',
  'nodes',
  'connections',
  'settings',
  'type',
  'typeVersion',
  'position',
  'parameters',
]);

/** `POST /workflows`, without what this version of n8n does not take. @returns n8n's answer */
export async function postWorkflow(
  context: ApplyContext,
  action: Action,
  body: JsonObject,
): Promise<unknown> {
  return sendWithoutRefused(context, action, body, (accepted) =>
    context.client.post('/workflows', accepted, { signal: context.signal }),
  );
}

/**
 * `PUT /workflows/{id}`, without what this version of n8n does not take. The live version is not changed
 * (docs/n8n-api-notes.md, Writes).
 */
export async function putWorkflow(
  context: ApplyContext,
  action: Action,
  id: string,
  body: JsonObject,
): Promise<void> {
  const options = { signal: context.signal, query: { publishIfActive: false } };
  await sendWithoutRefused(context, action, body, (accepted) =>
    context.client.put(`/workflows/${segment(id)}`, accepted, options),
  );
}

/** Sends a workflow; where n8n names members that it does not take, sends it again without them and says so. */
async function sendWithoutRefused(
  context: ApplyContext,
  action: Action,
  body: JsonObject,
  send: (body: JsonObject) => Promise<unknown>,
): Promise<unknown> {
  let accepted = body;
  for (let attempts = 1; ; attempts++) {
    try {
      return await send(accepted);
    } catch (error) {
      if (!isN8nError(error, 'refused') || attempts >= MAX_ATTEMPTS) throw error;
      const { body: smaller, dropped } = dropMembers(accepted, refusedBy(context, error, accepted));
      if (dropped.length === 0) throw error;
      for (const member of dropped) noteDropped(context, action, accepted, member);
      accepted = smaller;
    }
  }
}

function refusedBy(context: ApplyContext, error: N8nError, body: JsonObject): RefusedMember[] {
  const reason = error.reason ?? '';
  const named = findRefusedMembers(reason).filter(({ member }) => !NEEDED.has(member));
  if (named.length > 0) return named;
  // Older versions refuse without a name: their specification, or what every version knew, shows it.
  if (!/additional properties/.test(reason)) return [];
  const settings = isJsonObject(body.settings) ? Object.keys(body.settings) : [];
  const known = knownSettings(context);
  const unknown = settings.filter((key) => !known.has(key)).map((member) => ({ path: ['settings'], member }));
  if (/body\/settings/.test(reason) || unknown.length > 0) return unknown;
  return LATER_MEMBERS.filter((member) => Object.hasOwn(body, member)).map((member) => ({
    path: [],
    member,
  }));
}

/** Members of a workflow that came with later versions of n8n. */
const LATER_MEMBERS = ['nodeGroups', 'pinData', 'description', 'parentFolderId', 'projectId'];

function noteDropped(context: ApplyContext, action: Action, body: JsonObject, member: RefusedMember): void {
  const where = [...member.path, member.member];
  // DEFAULT is what the editor writes for "as the instance has it": leaving it out says the same.
  if (valueAt(body, where) === 'DEFAULT' || valueAt(body, where) === null) return;
  const node = member.path[0] === 'nodes' ? valueAt(body, [...member.path.slice(0, 2), 'name']) : undefined;
  const place = typeof node === 'string' ? `node "${node}": ${member.member}` : where.join('.');
  context.outcomes.note(action.key, `left out ${place}: this n8n does not take it`);
}

function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, part) => {
    if (Array.isArray(inner)) return inner[Number(part)];
    return isJsonObject(inner) ? inner[part] : undefined;
  }, value);
}
