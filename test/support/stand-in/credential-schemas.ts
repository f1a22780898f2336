import type { Json, JsonObject } from '../../../src/lib/json/json.ts';

const text: Json = { type: 'string' };
const domains: JsonObject = {
  allowedHttpRequestDomains: { type: 'string', enum: ['all', 'domains', 'none'] },
  allowedDomains: text,
};
const oauthRules: Json = [
  {
    if: {
      properties: { useDynamicClientRegistration: { enum: [true] } },
      required: ['useDynamicClientRegistration'],
    },
    then: { allOf: [{ required: ['serverUrl'] }] },
  },
  {
    if: {
      properties: { useDynamicClientRegistration: { enum: [false] } },
      required: ['useDynamicClientRegistration'],
    },
    then: { allOf: [{ required: ['clientId'] }, { required: ['clientSecret'] }] },
  },
];
const oauth: JsonObject = {
  serverUrl: text,
  clientId: text,
  clientSecret: text,
  sendAdditionalBodyProperties: { type: 'boolean' },
  additionalBodyProperties: { type: 'json' },
  ...domains,
  oauthTokenData: { type: 'json' },
};

function schema(properties: JsonObject, required: readonly string[] = []): JsonObject {
  return { additionalProperties: false, type: 'object', properties, required: [...required] };
}

/** The credential types that the stand-in knows: a choice of n8n 2.41.1's, with its own schemas. */
export const CREDENTIAL_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  httpHeaderAuth: schema({ name: text, value: text, useCustomAuth: { type: 'notice' }, ...domains }),
  httpBasicAuth: schema({ user: text, password: text, ...domains }),
  httpQueryAuth: schema({ name: text, value: text, ...domains }),
  githubApi: schema({ server: text, user: text, accessToken: text, ...domains }),
  slackApi: schema({ accessToken: text, signatureSecret: text, notice: { type: 'notice' }, ...domains }, [
    'accessToken',
  ]),
  openAiApi: schema(
    {
      ...{ apiKey: text, organizationId: text, url: text },
      ...{ header: { type: 'boolean' }, headerName: text, headerValue: text },
      ...domains,
    },
    ['apiKey'],
  ),
  postgres: schema({
    ...{ host: text, database: text, user: text, password: text },
    ...{ maxConnections: { type: 'number' }, allowUnauthorizedCerts: { type: 'boolean' } },
    ...{ ssl: { type: 'string', enum: ['allow', 'disable', 'require'] }, port: { type: 'number' } },
    sshTunnel: { type: 'boolean' },
    sshAuthenticateWith: { type: 'string', enum: ['password', 'privateKey'] },
    ...{ sshHost: text, sshPort: { type: 'number' }, sshUser: text, sshPassword: text },
    ...{ privateKey: text, passphrase: text },
  }),
  googleSheetsOAuth2Api: {
    ...schema({
      ...oauth,
      ...{ customScopes: { type: 'boolean' }, customScopesNotice: { type: 'notice' } },
      ...{ enabledScopes: text, notice: { type: 'notice' } },
    }),
    allOf: oauthRules,
  },
  slackOAuth2Api: {
    ...schema({
      ...{ ...oauth, signatureSecret: text, customScopes: { type: 'boolean' } },
      ...{ customScopesNotice: { type: 'notice' }, userScope: text, notice: { type: 'notice' } },
    }),
    allOf: oauthRules,
  },
};
