import { isJsonObject, type Json, type JsonObject } from '../../../lib/json/json.ts';
import { isN8nError, type N8nError } from '../../../n8n/http/errors.ts';
import { segment, type N8nClient } from '../../../n8n/http/types.ts';
import type { Action } from '../../plan/types.ts';
import type { Outcomes } from '../outcome.ts';
import { dropMembers, findRefusedMembers, type RefusedMember } from './refused-members.ts';

/** n8n reports one kind of trouble at a time; a workflow with more than this is reported as refused. */
const MAX_ATTEMPTS = 40;

/** Members without which a workflow or a node is none: these are never dropped. */
const NEEDED = new Set(['name', 'nodes', 'connections', 'settings', 'type', 'typeVersion', 'position', 'parameters']);

/** What every n8n with a public API takes in a workflow's settings. */
const OLDEST_SETTINGS = [
  'saveExecutionProgress',
  'saveManualExecutions',
  'saveDataErrorExecution',
  'saveDataSuccessExecution',
  'executionTimeout',
  'errorWorkflow',
  'timezone',
  'executionOrder',
];

/** Members of a workflow that came with later versions of n8n. */
const LATER_MEMBERS = ['nodeGroups', 'pinData', 'description', 'parentFolderId', 'projectId'];

/** The requests that write workflows, as this version of n8n takes them. */
export class WorkflowRequests {
  readonly #client: N8nClient;
  readonly #outcomes: Outcomes;
  readonly #settings: ReadonlySet<string>;

  /** @param settings those that the target takes by its own specification; null where it does not serve one */
  constructor(client: N8nClient, outcomes: Outcomes, settings: readonly string[] | null) {
    this.#client = client;
    this.#outcomes = outcomes;
    this.#settings = new Set(settings ?? OLDEST_SETTINGS);
  }

  /** `POST /workflows`, without what this version of n8n does not take. @returns n8n's answer */
  async create(action: Action, body: JsonObject): Promise<unknown> {
    return this.#sendWithoutRefused(action, body, (accepted) => this.#client.post('/workflows', accepted));
  }

  /**
   * `PUT /workflows/{id}`, without what this version of n8n does not take. The live version is not changed
   * (docs/internal/n8n-api-notes.md, Writes).
   */
  async update(action: Action, id: string, body: JsonObject): Promise<void> {
    const options = { query: { publishIfActive: false } };
    await this.#sendWithoutRefused(action, body, (accepted) =>
      this.#client.put(`/workflows/${segment(id)}`, accepted, options),
    );
  }

  /**
   * Makes the draft live: `publish`, or `activate` on an n8n before 2.0, which knows no other version than the draft.
   */
  async publish(id: string): Promise<void> {
    await this.#switch(id, 'publish', 'activate');
  }

  /** Takes a workflow out of service. Nothing happens where it is not live. */
  async unpublish(id: string): Promise<void> {
    await this.#switch(id, 'unpublish', 'deactivate');
  }

  async archive(id: string): Promise<void> {
    await this.#client.post(`/workflows/${segment(id)}/archive`, {});
  }

  async unarchive(id: string): Promise<void> {
    await this.#client.post(`/workflows/${segment(id)}/unarchive`, {});
  }

  async #switch(id: string, request: string, older: string): Promise<void> {
    const path = `/workflows/${segment(id)}`;
    try {
      await this.#client.post(`${path}/${request}`, {}, { idempotent: true });
    } catch (error) {
      if (!isN8nError(error, 'too-old')) throw error;
      await this.#client.post(`${path}/${older}`, {}, { idempotent: true });
    }
  }

  /** Sends a workflow; where n8n names members that it does not take, sends it again without them and says so. */
  async #sendWithoutRefused(
    { key }: Action,
    body: JsonObject,
    send: (body: JsonObject) => Promise<unknown>,
  ): Promise<unknown> {
    let accepted = body;
    for (let attempts = 1; ; attempts++) {
      try {
        return await send(accepted);
      } catch (error) {
        if (!isN8nError(error, 'refused') || attempts >= MAX_ATTEMPTS) throw error;
        const { body: smaller, dropped } = dropMembers(accepted, this.#refusedBy(error, accepted));
        if (dropped.length === 0) throw error;
        for (const member of dropped) {
          const place = placeOfDropped(accepted, member);
          if (place !== null) this.#outcomes.note(key, `left out ${place}: this n8n does not take it`);
        }
        accepted = smaller;
      }
    }
  }

  #refusedBy(error: N8nError, body: JsonObject): RefusedMember[] {
    const reason = error.reason ?? '';
    const named = findRefusedMembers(reason).filter(({ member }) => !NEEDED.has(member));
    if (named.length > 0) return named;
    // Older versions refuse without a name: their specification, or what every version knew, shows it.
    if (!/additional properties/.test(reason)) return [];
    const unknown = Object.keys(isJsonObject(body.settings) ? body.settings : {})
      .filter((key) => !this.#settings.has(key))
      .map((member) => ({ path: ['settings'], member }));
    if (/body\/settings/.test(reason) || unknown.length > 0) return unknown;
    return LATER_MEMBERS.filter((member) => Object.hasOwn(body, member)).map((member) => ({
      path: [],
      member,
    }));
  }
}

/** Where a member is, for people; null where leaving it out says the same. */
function placeOfDropped(body: JsonObject, { path, member }: RefusedMember): string | null {
  const value = valueAt(body, [...path, member]);
  // DEFAULT is what the editor writes for "as the instance has it".
  if (value === 'DEFAULT' || value === null) return null;
  const node = path[0] === 'nodes' ? valueAt(body, [...path.slice(0, 2), 'name']) : undefined;
  return typeof node === 'string' ? `node "${node}": ${member}` : [...path, member].join('.');
}

function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, part) => {
    if (Array.isArray(inner)) return inner[Number(part)];
    return isJsonObject(inner) ? inner[part] : undefined;
  }, value);
}
