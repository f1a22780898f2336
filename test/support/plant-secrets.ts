import { createHash } from 'node:crypto';
import type { JsonObject } from '../../src/lib/json/json.ts';
import { FAKE } from './fake-secrets.ts';
import { plant } from './secrets/planted.ts';
import { idOf, type SeedClient } from './seed/client.ts';

/** A secret that lies in an instance, and where a scan must find it. */
export interface PlantedSecret {
  readonly place: string;
  readonly secret: string;
  /** The beginning of what a finding says of the place. */
  readonly expected: { readonly kind: string; readonly node: string | null; readonly field: string };
}

/** Looks made by a machine and is of no service: each place gets one of its own. */
function secretFor(place: string): string {
  const digest = createHash('sha256').update(`flowkeep ${place}`).digest('base64url').replaceAll(/[-_]/g, 'x');
  return plant(`k7${digest.slice(0, 20)}9`, place);
}

const secrets: PlantedSecret[] = [];

function put(place: string, kind: string, node: string | null, field: string, secret = secretFor(place)): string {
  secrets.push({ place, secret: plant(secret, place), expected: { kind, node, field } });
  return secret;
}

/**
 * Plants a secret in each kind of place where people leave them, and beside them a workflow with what only looks like
 * one.
 * @returns the secrets, and the ids of the two workflows
 */
export async function plantSecrets(
  client: SeedClient,
): Promise<{ secrets: readonly PlantedSecret[]; workflowId: string; cleanId: string }> {
  secrets.length = 0;
  const body = plantedWorkflow();
  const workflowId = idOf(await client.post('/workflows', body));
  await client.put(`/workflows/${workflowId}?publishIfActive=false`, {
    ...body,
    description: `Token for the tests: ${put('workflow description', 'workflows', null, 'description')}`,
  });
  await publishedWorkflow(client);
  const cleanId = idOf(await client.post('/workflows', cleanWorkflow()));
  await client.post('/variables', {
    key: 'SMTP_PASSWORD',
    value: put('variable', 'variables', null, 'value'),
  });
  await plantRow(client);
  return { secrets: [...secrets], workflowId, cleanId };
}

function plantedWorkflow(): JsonObject {
  const request = (name: string, parameters: JsonObject): JsonObject => node(name, 'httpRequest', 4.2, parameters);
  const header = (entry: JsonObject): JsonObject => ({
    url: 'https://api.internal',
    ...list('headerParameters', entry),
  });
  const inNode = (name: string, field: string, place: string, secret?: string): string =>
    put(place, 'workflows', name, `parameters.${field}`, secret);
  const basic = Buffer.from(`bot:${secretFor('password of a Basic header')}`).toString('base64');
  return {
    name: 'Planted',
    nodes: [
      request(
        'Key header',
        header({ name: 'X-Api-Key', value: inNode('Key header', 'headerParameters', 'HTTP header') }),
      ),
      request(
        'Bearer',
        header({
          name: 'Authorization',
          value: `Bearer ${inNode('Bearer', 'headerParameters', 'Bearer header')}`,
        }),
      ),
      request(
        'Basic',
        header({
          name: 'Authorization',
          value: `Basic ${inNode('Basic', 'headerParameters', 'Basic header', basic)}`,
        }),
      ),
      request('Query', {
        url: 'https://api.internal',
        ...list('queryParameters', {
          name: 'key',
          value: inNode('Query', 'queryParameters', 'query parameter'),
        }),
      }),
      request('Body field', {
        url: 'https://api.internal',
        ...list('bodyParameters', {
          name: 'client_secret',
          value: inNode('Body field', 'bodyParameters', 'body field'),
        }),
      }),
      request('Userinfo', {
        url: `https://bot:${inNode('Userinfo', 'url', 'URL with a password')}@api.internal/v1`,
      }),
      request('Address', {
        url: `https://api.internal/v1?access_token=${inNode('Address', 'url', 'URL with a token')}`,
      }),
      request('Hook', { url: inNode('Hook', 'url', 'Discord webhook', FAKE.discordHook) }),
      request('JSON', {
        url: 'https://api.internal',
        jsonBody: `{"user": "bot", "password": "${inNode('JSON', 'jsonBody', 'JSON body')}"}`,
      }),
      node('Code', 'code', 2, {
        jsCode: `const apiKey = "${inNode('Code', 'jsCode', 'code')}";\nreturn items;`,
      }),
      node('GitHub', 'code', 2, {
        jsCode: `return ask("${inNode('GitHub', 'jsCode', 'GitHub token in code', FAKE.github)}");`,
      }),
      node('Set', 'set', 3.4, {
        assignments: {
          assignments: [{ id: 'a1', name: 'token', type: 'string', value: inNode('Set', 'assignments', 'Set node') }],
        },
      }),
      node('PEM', 'set', 3.4, {
        assignments: {
          assignments: [
            {
              id: 'a1',
              name: 'pem',
              type: 'string',
              value: inNode('PEM', 'assignments', 'private key', FAKE.privateKey),
            },
          ],
        },
      }),
      node('Note', 'stickyNote', 1, {
        content: `## Login\nThe API key is ${inNode('Note', 'content', 'sticky note')}.`,
      }),
      node('Answer', 'respondToWebhook', 1.1, {
        options: {
          responseHeaders: {
            entries: [
              {
                name: 'X-Auth-Token',
                value: inNode('Answer', 'options.responseHeaders', 'webhook response header'),
              },
            ],
          },
        },
      }),
    ],
    connections: {},
    settings: {},
    pinData: {
      Code: [{ json: { access_token: put('pinned data', 'workflows', 'Code', 'pinData', FAKE.jwt) } }],
    },
    staticData: { global: { refreshToken: put('static data', 'workflows', null, 'staticData') } },
  };
}

/** Its draft is clean; the version that is live is not. */
async function publishedWorkflow(client: SeedClient): Promise<void> {
  const trigger = node('Every hour', 'scheduleTrigger', 1.2, { rule: { interval: [{ field: 'hours' }] } });
  const call = (value: string): JsonObject =>
    node('Call', 'httpRequest', 4.2, {
      url: 'https://api.internal',
      ...list('headerParameters', { name: 'X-Api-Key', value }),
    });
  const secret = put('live version alone', 'workflows', 'Call', 'parameters.headerParameters');
  const body = { name: 'Cleaned up', nodes: [trigger, call(secret)], connections: {}, settings: {} };
  const id = idOf(await client.post('/workflows', body));
  await client.post(`/workflows/${id}/publish`, {});
  const clean = { ...body, nodes: [trigger, call('={{ $credentials.apiKey }}')] };
  await client.put(`/workflows/${id}?publishIfActive=false`, clean);
}

/** Expressions, placeholders, ids and hashes: no secret. */
function cleanWorkflow(): JsonObject {
  const header = (name: string, value: string): JsonObject =>
    node(`${name} ${value}`.slice(0, 40), 'httpRequest', 4.2, {
      url: 'https://api.internal',
      ...list('headerParameters', { name, value }),
    });
  return {
    name: 'Clean',
    nodes: [
      header('Authorization', '=Bearer {{ $json.token }}'),
      header('X-Api-Key', 'YOUR_API_KEY_123'),
      header('X-Api-Key', '={{ $vars.API_KEY2 }}'),
      header('X-Request-Id', '5f0c7c9e-1c1b-4a53-9e56-0d2f0a4f8b11'),
      node('Sum', 'code', 2, {
        jsCode: `const checksum = "${createHash('sha256').update('x').digest('hex')}";`,
      }),
      node('Docs', 'stickyNote', 1, {
        content: 'Basic authentication: ask Ann for the password, https://docs.internal/token',
      }),
    ],
    connections: {},
    settings: {},
  };
}

async function plantRow(client: SeedClient): Promise<void> {
  const columns = [{ name: 'note', type: 'string' }];
  const id = idOf(await client.post('/data-tables', { name: 'Notes', columns }));
  const note = `old key: ${put('data table row', 'data-tables', null, 'rows[1].note', FAKE.stripe)}`;
  await client.post(`/data-tables/${id}/rows`, {
    data: [{ note }, { note: 'nothing' }],
    returnType: 'count',
  });
}

function node(name: string, type: string, typeVersion: number, parameters: JsonObject): JsonObject {
  const id = createHash('sha256').update(name).digest('hex').slice(0, 32);
  return { id, name, type: `n8n-nodes-base.${type}`, typeVersion, position: [0, 0], parameters };
}

/** As the HTTP Request node keeps its headers, query and body fields. */
function list(member: 'headerParameters' | 'queryParameters' | 'bodyParameters', entry: JsonObject): JsonObject {
  const sends = { headerParameters: 'sendHeaders', queryParameters: 'sendQuery', bodyParameters: 'sendBody' };
  return { [sends[member]]: true, [member]: { parameters: [entry] } };
}
