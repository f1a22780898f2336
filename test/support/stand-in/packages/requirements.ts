import { isJsonObject, type Json, type JsonObject } from '../../../../src/lib/json/json.ts';
import { asText } from '../body.ts';
import { draftOf, type State, type Workflow } from '../state.ts';
import { calleesOf, credentialIdsOf } from '../workflow-rules.ts';

/** Gathers what workflows need, each thing once, with the workflows that need it. */
class Needs {
  readonly #needs = new Map<string, { readonly facts: JsonObject; readonly usedBy: Set<string> }>();

  add(key: string, facts: JsonObject, workflowId: string): void {
    const need = this.#needs.get(key) ?? { facts, usedBy: new Set<string>() };
    need.usedBy.add(workflowId);
    this.#needs.set(key, need);
  }

  list(): JsonObject[] {
    return [...this.#needs.values()].map(({ facts, usedBy }) => ({ ...facts, usedByWorkflows: [...usedBy] }));
  }
}

/** The `requirements` of a manifest; kinds without any are left out. */
export function requirementsOf(workflows: readonly Workflow[], state: State): JsonObject {
  const kinds = {
    credentials: new Needs(),
    dataTables: new Needs(),
    workflows: new Needs(),
    variables: new Needs(),
    tags: new Needs(),
    nodeTypes: new Needs(),
  };
  for (const workflow of workflows) {
    for (const id of credentialsUsed(workflow)) {
      const credential = state.credentials.get(id);
      if (credential === undefined) continue;
      kinds.credentials.add(id, { id, name: credential.name, type: credential.type }, workflow.id);
    }
    for (const id of dataTablesUsed(workflow)) {
      const table = state.dataTables.get(id);
      if (table !== undefined) kinds.dataTables.add(id, { id, name: table.name }, workflow.id);
    }
    for (const id of calleesOf(workflow)) {
      const name = state.workflows.get(id)?.name;
      kinds.workflows.add(id, { id, ...(name === undefined ? {} : { name }) }, workflow.id);
    }
    for (const name of variablesUsed(workflow)) kinds.variables.add(name, { name }, workflow.id);
    for (const id of workflow.tagIds) {
      kinds.tags.add(id, { id, name: state.tags.get(id)?.name ?? '' }, workflow.id);
    }
    for (const { type, typeVersion } of nodeTypesOf(draftOf(workflow).nodes)) {
      kinds.nodeTypes.add(`${type}@${typeVersion}`, { type, typeVersion }, workflow.id);
    }
  }
  const lists = Object.entries(kinds).map(([kind, needs]) => [kind, needs.list()] as const);
  return Object.fromEntries(lists.filter(([, list]) => list.length > 0));
}

export function nodeTypesOf(nodes: readonly JsonObject[]): { type: string; typeVersion: number }[] {
  return nodes.map((node) => ({ type: asText(node['type']), typeVersion: Number(node['typeVersion'] ?? 1) }));
}

export function credentialsUsed(workflow: Workflow): string[] {
  return draftOf(workflow)
    .nodes.flatMap(credentialIdsOf)
    .filter((id) => typeof id === 'string');
}

export function dataTablesUsed(workflow: Workflow): string[] {
  return draftOf(workflow).nodes.flatMap((node) => {
    const parameters = node['parameters'];
    const locator: Json | undefined = isJsonObject(parameters) ? parameters['dataTableId'] : undefined;
    const id = isJsonObject(locator) ? locator['value'] : locator;
    return typeof id === 'string' ? [id] : [];
  });
}

function variablesUsed(workflow: Workflow): Set<string> {
  const text = JSON.stringify(draftOf(workflow).nodes);
  return new Set([...text.matchAll(/\$vars\.([A-Za-z_]\w*)/g)].map((match) => match[1] ?? ''));
}
