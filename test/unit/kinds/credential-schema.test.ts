import { expect, it } from 'vitest';
import { readCredentialSchema } from '../../../src/kinds/credentials.ts';
import { n8nErrorOf, testClient } from '../n8n/support/client.ts';
import { sendJson, startServer } from '../n8n/support/server.ts';

const SCHEMA = { type: 'object', properties: { token: { type: 'string' } }, required: [] };

it.each([[{}], [{ message: 'upstream request timed out' }], [null], ['ok'], [{ properties: 5 }]])(
  'a backup asks again for a schema where %j came in its place',
  async (other) => {
    await using server = await startServer((_request, response, count) =>
      sendJson(response, count === 1 ? other : SCHEMA),
    );
    expect(await readCredentialSchema(testClient(server.url), 'slackApi')).toEqual(SCHEMA);
  },
);

it('a backup saves nothing in place of a schema', async () => {
  await using server = await startServer((_request, response) => sendJson(response, {}));
  const error = await n8nErrorOf(readCredentialSchema(testClient(server.url), 'slackApi'));
  expect(error.kind).toBe('invalid-answer');
});
