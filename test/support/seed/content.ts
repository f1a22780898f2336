import type { JsonObject } from '../../../src/lib/json/json.ts';

const SUBJECTS = [
  'Invoice sync',
  'Lead router',
  'Überweisungen prüfen',
  'Daily report ☕',
  '注文の取り込み',
  'Slack digest',
  'Churn alert',
  'Backup of CRM / nightly',
  'Onboarding e-mails',
  'Stock levels "low"',
];

/** What the workflow is about: unique by its number. */
export function subject(index: number): string {
  return `${SUBJECTS[index % SUBJECTS.length]} ${index + 1}`;
}

export function tagNames(count: number): string[] {
  const known = ['production', 'finance', 'Küche', 'wip', '日本', 'critical'];
  return Array.from({ length: count }, (_, index) => known[index] ?? `team ${index}`);
}

interface CredentialKind {
  readonly type: string;
  readonly name: string;
  readonly data: JsonObject;
}

const CREDENTIAL_KINDS: readonly CredentialKind[] = [
  { type: 'httpHeaderAuth', name: 'Billing API', data: { name: 'X-Key', value: 'not-a-real-secret' } },
  {
    type: 'githubApi',
    name: 'GitHub',
    data: { server: 'https://api.github.com', user: 'bot', accessToken: 'none' },
  },
  { type: 'postgres', name: 'Warehouse (EU)', data: { host: 'db.example.com', database: 'dw', user: 'n8n' } },
  { type: 'slackApi', name: 'Slack bot', data: { accessToken: 'none' } },
];

function credentialKind(index: number): CredentialKind {
  return CREDENTIAL_KINDS[index % CREDENTIAL_KINDS.length] as CredentialKind;
}

export function credentialBody(index: number): JsonObject {
  const { type, name, data } = credentialKind(index);
  return { type, name: `${name} ${index + 1}`, data };
}

export function dataTableBody(index: number): JsonObject {
  const columns = [
    { name: 'customer', type: 'string' },
    { name: 'amount', type: 'number' },
    { name: 'paid', type: 'boolean' },
    { name: 'dueAt', type: 'date' },
  ];
  return { name: `Orders ${index + 1}`, columns };
}

/** Rows `start` up to, not including, `end`; some values are null. */
export function rowsOf(start: number, end: number): JsonObject[] {
  return Array.from({ length: end - start }, (_, offset) => {
    const n = start + offset;
    const dueAt = n % 5 === 0 ? null : new Date(Date.UTC(2026, 0, 1) + n * 3_600_000).toISOString();
    return { customer: `Kundin ${n} – "Ü"`, amount: n * 1.25, paid: n % 2 === 0, dueAt };
  });
}

export interface Links {
  readonly callee?: string | undefined;
  readonly tool?: string | undefined;
  readonly errorWorkflow?: string | undefined;
  readonly credential?: string | undefined;
  readonly credentialIndex: number;
  readonly dataTable?: string | undefined;
}

/** Name, nodes, connections and settings of workflow `index`. `note` makes another version of it. */
export function workflowContent(index: number, links: Links, note = 'first'): JsonObject {
  const nodes = [trigger(index), setFields(index, note), ...linkedNodes(links)];
  const main = nodes.filter(({ name }) => name !== 'Tool');
  const settings: JsonObject = {
    executionOrder: 'v1',
    timezone: index % 2 === 0 ? 'Europe/Berlin' : 'America/New_York',
  };
  if (links.errorWorkflow !== undefined) settings['errorWorkflow'] = links.errorWorkflow;
  return {
    ...{ name: subject(index), nodes, connections: chain(main), settings },
    staticData: index % 6 === 1 ? { global: { lastId: index * 100 } } : null,
    pinData: index % 6 === 2 ? { 'Set fields': [{ json: { order: index, name: 'Zoë' } }] } : null,
  };
}

function trigger(index: number): JsonObject {
  if (index % 5 === 0) {
    return node(0, 'When called', 'n8n-nodes-base.executeWorkflowTrigger', 1.1, {
      inputSource: 'passthrough',
    });
  }
  const rule = { interval: [{ field: 'hours', hoursInterval: (index % 12) + 1 }] };
  return node(0, 'Schedule', 'n8n-nodes-base.scheduleTrigger', 1.2, { rule });
}

function setFields(index: number, note: string): JsonObject {
  const assignment = { id: `a${index}`, name: 'note', value: `=${note}: {{ $json.id }}`, type: 'string' };
  return node(1, 'Set fields', 'n8n-nodes-base.set', 3.4, {
    assignments: { assignments: [assignment] },
    options: {},
  });
}

function linkedNodes({ callee, tool, credential, credentialIndex, dataTable }: Links): JsonObject[] {
  const nodes: JsonObject[] = [];
  const locator = (value: string): JsonObject => ({ __rl: true, value, mode: 'list' });
  if (credential !== undefined) {
    const { type, name } = credentialKind(credentialIndex);
    const http = node(2, 'Call API', 'n8n-nodes-base.httpRequest', 4.2, {
      url: 'https://api.example.com/v1/items',
    });
    nodes.push({
      ...http,
      credentials: { [type]: { id: credential, name: `${name} ${credentialIndex + 1}` } },
    });
  }
  if (callee !== undefined) {
    nodes.push(node(3, 'Run sub-workflow', 'n8n-nodes-base.executeWorkflow', 1.2, { workflowId: locator(callee) }));
  }
  if (dataTable !== undefined) {
    const parameters = { operation: 'get', dataTableId: locator(dataTable) };
    nodes.push(node(4, 'Look up', 'n8n-nodes-base.dataTable', 1, parameters));
  }
  if (tool !== undefined) {
    const parameters = { name: 'helper', workflowId: locator(tool) };
    nodes.push(node(5, 'Tool', '@n8n/n8n-nodes-langchain.toolWorkflow', 2.2, parameters));
  }
  return nodes;
}

function node(place: number, name: string, type: string, typeVersion: number, parameters: JsonObject): JsonObject {
  const id = `node-${place}-${name.toLowerCase().replaceAll(' ', '-')}`;
  return { id, name, type, typeVersion, position: [place * 220, 0], parameters };
}

function chain(nodes: readonly JsonObject[]): JsonObject {
  const names = nodes.map(({ name }) => name as string);
  const connections: JsonObject = {};
  for (const [index, next] of names.slice(1).entries()) {
    connections[names[index] as string] = { main: [[{ node: next, type: 'main', index: 0 }]] };
  }
  return connections;
}
