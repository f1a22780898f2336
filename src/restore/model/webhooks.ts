import { isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import { objectsIn, textOf } from '../../kinds/fields.ts';

/** A path that a live workflow answers on. n8n publishes no second workflow with the same one. */
export interface Webhook {
  /** `GET`, `POST`...; `*` where the node takes several. */
  readonly method: string;
  readonly path: string;
  readonly node: string;
}

/** Nodes whose path is theirs alone; all others get the node's own webhook id in front. From n8n 2.41.1's nodes. */
const FULL_PATH: Readonly<Partial<Record<string, (parameters: JsonObject) => readonly string[]>>> = {
  'n8n-nodes-base.webhook': webhookMethods,
  'n8n-nodes-base.formTrigger': () => ['GET', 'POST'],
  '@n8n/n8n-nodes-langchain.mcpTrigger': () => ['*'],
};

/** The webhooks of a version; those whose path is computed at run time cannot be known and are left out. */
export function webhooksOf(version: JsonObject): Webhook[] {
  return objectsIn(version.nodes).flatMap((node) => {
    if (node.disabled === true || typeof node.type !== 'string') return [];
    const name = typeof node.name === 'string' ? node.name : '';
    const webhookId = typeof node.webhookId === 'string' ? node.webhookId : '';
    const parameters = isJsonObject(node.parameters) ? node.parameters : {};
    const methods = Object.hasOwn(FULL_PATH, node.type) ? FULL_PATH[node.type] : undefined;
    if (!methods) return webhookId === '' ? [] : [{ method: '*', path: `${webhookId}/`, node: name }];
    const path = fullPath(parameters, webhookId);
    if (path === null) return [];
    return methods(parameters).map((method) => ({ method, path, node: name }));
  });
}

/** The names of nodes whose path is computed at run time: `webhooksOf` leaves them out. */
export function computedWebhooks(version: JsonObject): string[] {
  return objectsIn(version.nodes).flatMap((node) => {
    if (node.disabled === true || typeof node.type !== 'string' || !Object.hasOwn(FULL_PATH, node.type)) return [];
    const parameters = isJsonObject(node.parameters) ? node.parameters : {};
    return fullPath(parameters, textOf(node.webhookId)) === null ? [textOf(node.name)] : [];
  });
}

/** As n8n makes it (getNodeWebhookPath): no slash at either end; one with a parameter has the webhook id in front. */
function fullPath(parameters: JsonObject, webhookId: string): string | null {
  const options = isJsonObject(parameters.options) ? parameters.options : {};
  const own = textOf(parameters.path) || textOf(options.path) || webhookId;
  if (own === '' || own.startsWith('=')) return null;
  const path = own.trim().replace(/^\//, '').replace(/\/$/, '');
  return path.includes(':') && webhookId !== '' ? `${webhookId}/${path}` : path;
}

function webhookMethods(parameters: JsonObject): readonly string[] {
  const method = parameters.httpMethod ?? 'GET';
  const methods = Array.isArray(method) ? method : [method];
  return methods.map((each) => (typeof each === 'string' && !each.startsWith('=') ? each : '*'));
}

/** Whether two webhooks cannot both be live. */
export function collide(a: Webhook, b: Webhook): boolean {
  return a.path === b.path && (a.method === b.method || a.method === '*' || b.method === '*');
}
