import { describe, expect, it } from 'vitest';
import type { Json } from '../../../../src/lib/json/json.ts';
import { markerFor, redactText } from '../../../../src/snapshot/secrets/marker.ts';
import { placeOf, textAt } from '../../../../src/snapshot/secrets/place.ts';
import { openScanner } from '../../../../src/snapshot/secrets/scan.ts';
import { FAKE } from '../../../support/fake-secrets.ts';

const scanner = openScanner();

/** What is found in a document: the rule, the place and the very text. */
async function found(root: Json): Promise<{ rule: string; field: string; text: string }[]> {
  const hits = await scanner.scan(root);
  return hits.map((hit) => ({
    rule: hit.rule,
    field: placeOf(root, hit.path).field,
    text: textAt(root, hit.path).slice(hit.start, hit.end),
  }));
}

const node = (parameters: Json): Json => ({ nodes: [{ name: 'Get', parameters }] });
const entry = (name: string, value: string): Json => ({ parameters: [{ name, value }] });

describe('in a node', () => {
  it.each<[string, Json, string, string]>([
    ['a header', { headerParameters: entry('X-Api-Key', FAKE.plain) }, 'secret-in-header', FAKE.plain],
    [
      'Authorization',
      { headerParameters: entry('Authorization', `Bearer ${FAKE.plain}`) },
      'secret-in-header',
      FAKE.plain,
    ],
    [
      'a fixed expression',
      { headerParameters: entry('Authorization', `=Bearer ${FAKE.plain}`) },
      'secret-in-header',
      FAKE.plain,
    ],
    ['a query parameter', { queryParameters: entry('key', FAKE.plain) }, 'secret-in-query', FAKE.plain],
    ['a body field', { bodyParameters: entry('client_secret', FAKE.plain) }, 'named-secret', FAKE.plain],
    ['a password', { bodyParameters: entry('password', FAKE.password) }, 'named-secret', FAKE.password],
    ['a URL with a password', { url: `https://bot:${FAKE.plain}@api.internal/v1` }, 'url-userinfo', FAKE.plain],
    [
      'a URL with a token',
      { url: `https://api.internal/v1?page=2&access_token=${FAKE.plain}` },
      'url-parameter',
      FAKE.plain,
    ],
    ['a JSON body', { jsonBody: `{"user": "bot", "password": "${FAKE.password}"}` }, 'named-secret', FAKE.password],
    ['code', { jsCode: `const apiKey = '${FAKE.plain}';\nreturn items;` }, 'named-secret', FAKE.plain],
    ['a header in code', { jsCode: `h['X-Api-Key'] = "${FAKE.plain}"` }, 'named-secret', FAKE.plain],
    [
      'a Basic value',
      { text: `Basic ${Buffer.from(`bot:${FAKE.password}`).toString('base64')}` },
      'authorization-value',
      Buffer.from(`bot:${FAKE.password}`).toString('base64'),
    ],
    ['a sticky note', { content: `## Login\nThe API key is ${FAKE.plain}, ask Ann.` }, 'named-secret', FAKE.plain],
    ['a JSON Web Token', { text: `token ${FAKE.jwt}.` }, 'json-web-token', FAKE.jwt],
    ['a token in an expression', { value: `={{ "${FAKE.github}" }}` }, 'github-token', FAKE.github],
    ['a private key', { key: FAKE.privateKey }, 'private-key', FAKE.privateKey],
    ['a Slack webhook', { url: FAKE.slackHook }, 'incoming-webhook', FAKE.slackHook],
    ['a Discord webhook', { url: FAKE.discordHook }, 'webhook-url', FAKE.discordHook.split('/').at(-1)!],
    ['a Stripe key', { text: FAKE.stripe }, 'stripe-secret-key-live', FAKE.stripe],
  ])('the scan of a node finds %s', async (_what, parameters, rule, text) => {
    const all = await found(node(parameters));
    expect(all.map((each) => [each.rule, each.text])).toEqual([[rule, text]]);
  });

  it.each<[string, Json]>([
    ['an expression', { headerParameters: entry('Authorization', '=Bearer {{ $json.token }}') }],
    ['a credential of n8n', { headerParameters: entry('X-Api-Key', '={{ $credentials.apiKey }}') }],
    ['a variable', { headerParameters: entry('X-Api-Key', '={{ $vars.API_KEY2024 }}') }],
    ['a placeholder', { headerParameters: entry('X-Api-Key', 'YOUR_API_KEY_123') }],
    ['crosses', { headerParameters: entry('X-Api-Key', 'sk-xxxxxxxxxxxxxxxx1') }],
    ['angle brackets', { headerParameters: entry('Authorization', 'Bearer <token123>') }],
    ['an example of the documentation', { text: 'AKIAIOSFODNN7EXAMPLE' }],
    [
      'an id',
      {
        workflowId: '5f0c7c9e-1c1b-4a53-9e56-0d2f0a4f8b11',
        sheetId: '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms',
      },
    ],
    ['a hash', { jsCode: 'const checksum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"' }],
    ['the name of a kind of authentication', { authentication: 'genericCredentialType', tokenType: 'bearer2' }],
    ['a place in a listing', { queryParameters: entry('pageToken', 'CAUQAA8812ab') }],
    ['code that reads a token', { jsCode: 'const token = items[0].json.token2; const password = getPassword1();' }],
    ['code that reads the environment', { jsCode: 'const apiKey = process.env.API_KEY2;' }],
    ['a template in code', { jsCode: 'headers["Authorization"] = `Bearer ${token12345678}`' }],
    [
      'prose',
      {
        content: 'Basic authentication: the token is made by the login service, see https://docs.internal/token',
      },
    ],
    ['a URL without a password', { url: 'https://user@api.internal:8443/v1?id=4815162342&sort=created' }],
    ['a webhook path', { path: '5f0c7c9e-1c1b-4a53-9e56-0d2f0a4f8b11', httpMethod: 'POST' }],
    ['a name of a field', { passwordField: 'userPassword', field: 'password' }],
    ['a number', { maxTokens: 4096, token: 12345678 }],
    ['what was redacted before', { headerParameters: entry('X-Api-Key', '[redacted by flowkeep: github-token]') }],
  ])('the scan of a node leaves alone: %s', async (_what, parameters) => {
    expect(await found(node(parameters))).toEqual([]);
  });

  it('the scan of a node passes over ids and names, which are no place for secrets, and would be lost by redacting', async () => {
    const parameters = {};
    const named = {
      id: FAKE.plain,
      name: `token=${FAKE.plain}`,
      type: 't',
      credentials: { x: { id: FAKE.plain } },
    };
    expect(await found({ id: FAKE.plain, name: 'x', nodes: [{ ...named, parameters }] })).toEqual([]);
  });
});

describe('elsewhere', () => {
  it('the secret scan looks into pinned data, static data, descriptions and variables', async () => {
    expect(await found({ pinData: { Get: [{ json: { body: { access_token: FAKE.plain } } }] } })).toEqual([
      { rule: 'named-secret', field: 'pinData[0].json.body.access_token', text: FAKE.plain },
    ]);
    expect(await found({ staticData: { global: { refreshToken: FAKE.plain } } })).toMatchObject([
      { field: 'staticData.global.refreshToken' },
    ]);
    expect(await found({ description: `uses ${FAKE.github}` })).toMatchObject([{ field: 'description' }]);
    expect(await found([{ id: '1', key: 'SMTP_PASSWORD', value: FAKE.password }])).toMatchObject([
      { field: 'value', text: FAKE.password },
    ]);
  });

  it.each(['text', 'description', 'subscription', 'transcript'])(
    'prose in a member called %s is no code',
    async (name) => {
      const password = ['Sommer', 'fest!'].join('');
      expect(await found({ [name]: `Passwort: ${password}` })).toMatchObject([{ field: name, text: password }]);
    },
  );

  it.each([
    ['text', 1],
    ['jsCode', 0],
    ['code', 0],
    ['functionCode', 0],
    ['options.script', 0],
  ])('what a name gets without quotes is a name of a value in code alone: %s', async (member, count) => {
    const text = 'db_password=sommer2024; run(db_password)';
    expect(await found(node({ [member]: text }))).toHaveLength(count);
  });

  it('the secret scan tells each of several secrets in one text, and the text between them apart', async () => {
    const jsCode = `// ${FAKE.github}\nconst token = "${FAKE.plain}";`;
    expect((await found(node({ jsCode }))).map(({ text }) => text)).toEqual([FAKE.github, FAKE.plain]);
  });

  it.each([
    ['an address', (user: string, secret: string) => `https://${user}:${secret}@api.acme.dev/v1`],
    ['a command', (user: string, secret: string) => `echo ${secret} | docker login -u ${user} --password-stdin`],
  ])('the secret scan takes in %s the password, not the user of the same name', async (_what, text) => {
    const user = 'bot4711';
    const [hit, ...others] = await scanner.scan({ text: text(user, user) });
    expect(others).toEqual([]);
    expect(redactText(text(user, user), [hit!])).toBe(text(user, markerFor(hit!.rule)));
  });

  it('the secret scan takes the password of an address in a row, not the user of the same name', async () => {
    const text = (secret: string): string => `https://bot4711:${secret}@api.acme.dev/v1`;
    const [hit] = await scanner.scan([{ id: 1, note: text('bot4711') }], 'formats');
    expect(redactText(text('bot4711'), [hit!])).toBe(text(markerFor(hit!.rule)));
  });

  it('the secret scan does not let a comment in a workflow switch the rules off', async () => {
    const jsCode = `/* secretlint-disable */ const x = "${FAKE.github}";`;
    expect(await found(node({ jsCode }))).toHaveLength(1);
  });
});
