import { isJsonObject, type Json, type JsonObject } from '../../../src/lib/json/json.ts';
import { badRequest } from './api-error.ts';
import { asText, unrecognized } from './body.ts';
import { draftOf, type State, type Workflow, type WorkflowContent } from './state.ts';

/** The settings keys of n8n 2.41.1 that its public API takes (openapi.yml, workflowSettings). */
const SETTINGS_KEYS = new Set([
  'saveExecutionProgress',
  'saveManualExecutions',
  'saveDataErrorExecution',
  'saveDataSuccessExecution',
  'executionTimeout',
  'errorWorkflow',
  'timezone',
  'executionOrder',
  'callerPolicy',
  'callerIds',
  'timeSavedPerExecution',
  'availableInMCP',
]);
/** Settings keys that n8n takes and drops in silence. */
const DROPPED_SETTINGS_KEYS = new Set(['binaryMode', 'redactionPolicy']);

/** The settings that n8n keeps of those that were sent. @throws ApiError 400 for an unknown key */
export function acceptedSettings(settings: Json | undefined): JsonObject {
  if (!isJsonObject(settings)) throw badRequest('request/body/settings must be object');
  const unknown = Object.keys(settings).filter((key) => !SETTINGS_KEYS.has(key) && !DROPPED_SETTINGS_KEYS.has(key));
  if (unknown.length > 0) throw unrecognized('request/body/settings', unknown);
  for (const [key, value] of Object.entries(settings)) {
    if (value === null) throw badRequest(`request/body/settings/${key} Expected string, received null`);
  }
  return Object.fromEntries(Object.entries(settings).filter(([key]) => SETTINGS_KEYS.has(key)));
}

/** Values that stand for n8n's own default: setting one removes the key. */
const DEFAULTS: JsonObject = { timezone: 'DEFAULT', errorWorkflow: 'DEFAULT', executionTimeout: -1 };

/** The settings after an update, which keeps every key that it does not name. */
export function mergedSettings(before: JsonObject, change: JsonObject): JsonObject {
  const merged = Object.entries({ ...before, ...change });
  return Object.fromEntries(merged.filter(([key, value]) => !(key in DEFAULTS) || DEFAULTS[key] !== value));
}

/** The nodes, connections and groups of a body, checked as n8n checks them. */
export function acceptedContent(body: JsonObject, before?: WorkflowContent): WorkflowContent {
  const { nodes, connections, nodeGroups } = body;
  if (!Array.isArray(nodes)) throw badRequest('request/body/nodes must be array');
  if (!isJsonObject(connections)) throw badRequest('request/body/connections must be object');
  const content = {
    nodes: nodes.filter(isJsonObject),
    connections,
    nodeGroups: Array.isArray(nodeGroups) ? nodeGroups.filter(isJsonObject) : (before?.nodeGroups ?? []),
  };
  checkConnections(content);
  return content;
}

/** @throws ApiError 400 where a connection names a node that does not exist */
export function checkConnections({ nodes, connections }: WorkflowContent): void {
  const names = new Set(nodes.map((node) => node['name']));
  for (const [source, outputs] of Object.entries(connections)) {
    if (!names.has(source)) {
      throw badRequest(
        `Workflow structure is invalid. connections.${source} (unknown_connection_source): Connection source "${source}" does not reference an existing node`,
      );
    }
    for (const { path, node } of connectionTargets(outputs)) {
      if (names.has(node)) continue;
      throw badRequest(
        `Workflow structure is invalid. connections.${source}.${path}.node (unknown_connection_target): Connection target "${asText(node)}" does not reference an existing node`,
      );
    }
  }
}

function* connectionTargets(outputs: Json): Generator<{ path: string; node: Json | undefined }> {
  if (!isJsonObject(outputs)) return;
  for (const [type, byIndex] of Object.entries(outputs)) {
    for (const [output, targets] of (Array.isArray(byIndex) ? byIndex : []).entries()) {
      for (const [index, target] of (Array.isArray(targets) ? targets : []).entries()) {
        if (isJsonObject(target)) yield { path: `${type}[${output}][${index}]`, node: target['node'] };
      }
    }
  }
}

/** @throws ApiError 400 unless the name is 1 to 128 characters long */
export function checkName(name: string): void {
  if (name.length < 1 || name.length > 128) throw badRequest('Workflow name must be 1 to 128 characters long.');
}

/** With sharing licensed, n8n refuses nodes with credentials that do not exist; without, it takes them as they are. */
export function checkCredentials(nodes: readonly JsonObject[], state: State): void {
  if (!state.options.licensed) return;
  for (const id of nodes.flatMap(credentialIdsOf)) {
    if (typeof id === 'string' && state.credentials.has(id)) continue;
    throw badRequest('The workflow you are trying to save contains credentials that are not shared with you');
  }
}

/** The ids of the credentials that a node uses, as they stand. */
export function credentialIdsOf(node: JsonObject): Json[] {
  const credentials = node['credentials'];
  if (!isJsonObject(credentials)) return [];
  return Object.values(credentials).flatMap((entry) => (isJsonObject(entry) ? [entry['id'] ?? null] : []));
}

/** Node packages that this instance has: all others are community nodes that it lacks. */
const INSTALLED_PACKAGES = ['n8n-nodes-base.', '@n8n/n8n-nodes-langchain.'];

/** Whether this instance has a node type in this version. */
export function knowsNodeType(state: State, type: string, typeVersion: number): boolean {
  if (INSTALLED_PACKAGES.some((prefix) => type.startsWith(prefix))) return typeVersion < 50;
  return state.communityPackages.some((entry) => type.startsWith(`${asText(entry['packageName'])}.`));
}

/**
 * Checks what n8n checks before it publishes a version: trigger, known nodes, published sub-workflows.
 * @throws ApiError 400 with n8n's message
 */
export function checkPublishable(workflow: Workflow, content: WorkflowContent, state: State): void {
  for (const node of content.nodes) {
    const type = asText(node['type']);
    if (!knowsNodeType(state, type, 1)) throw badRequest(`Unrecognized node type: ${type}`);
  }
  if (!content.nodes.some(isTrigger)) {
    throw badRequest(
      'Workflow cannot be activated because it has no trigger node. At least one trigger, webhook, or polling node is required.',
    );
  }
  const unpublished = content.nodes.flatMap((node) => unpublishedCallee(node, workflow, state));
  if (unpublished.length === 0) return;
  throw badRequest(
    `Cannot publish workflow: ${unpublished.join('; ')}. Please publish all referenced sub-workflows first.`,
  );
}

export function isTrigger(node: JsonObject): boolean {
  const type = asText(node['type']);
  if (node['disabled'] === true || type === 'n8n-nodes-base.manualTrigger') return false;
  return /trigger$/i.test(type) || type === 'n8n-nodes-base.webhook';
}

function unpublishedCallee(node: JsonObject, caller: Workflow, state: State): string[] {
  const id = calleeOf(node);
  if (id === undefined || node['disabled'] === true || id === caller.id) return [];
  const callee = state.workflows.get(id);
  if (callee !== undefined && callee.activeVersionId !== null) return [];
  const name = callee === undefined ? '' : ` ("${callee.name}")`;
  return [`Node "${asText(node['name'])}" references workflow ${id}${name} which is not published`];
}

/** The id of the workflow that an Execute Workflow node calls, where it is fixed. */
export function calleeOf(node: JsonObject): string | undefined {
  if (node['type'] !== 'n8n-nodes-base.executeWorkflow' || !isJsonObject(node['parameters'])) return undefined;
  const { source, workflowId } = node['parameters'];
  if (source !== undefined && source !== 'database') return undefined;
  const value = isJsonObject(workflowId) ? workflowId['value'] : workflowId;
  return typeof value === 'string' && value !== '' && !value.startsWith('=') ? value : undefined;
}

/** The ids of all workflows that the draft of a workflow calls. */
export function calleesOf(workflow: Workflow): string[] {
  return draftOf(workflow).nodes.flatMap((node) => calleeOf(node) ?? []);
}
