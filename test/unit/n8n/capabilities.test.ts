import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../src/kinds/kinds.ts';
import { readCapabilities } from '../../../src/n8n/capabilities.ts';
import { missingNeeds, needlessScopes, needsOf, SCOPE_NEEDS } from '../../../src/kinds/scopes.ts';
import { scopesMarkdown } from '../../../scripts/scopes-markdown.ts';
import { n8nErrorOf, testClient } from './support/client.ts';
import { sendJson, startServer } from './support/server.ts';

/** As n8n 2.41.1 answers: the scopes of the key, and only the endpoints that they open. */
const DISCOVERED = {
  data: {
    scopes: ['tag:list', 'workflow:export', 'dataTable:list', 'workflow:list'],
    resources: {
      tags: {
        operations: ['list'],
        endpoints: [{ method: 'GET', path: '/api/v1/tags', operationId: 'getTags' }],
      },
      n8npackage: {
        operations: ['export'],
        endpoints: [{ method: 'POST', path: '/api/v1/n8n-packages/export', operationId: 'exportPackage' }],
      },
    },
    filters: {},
    specUrl: '/api/v1/openapi.yml',
  },
};

describe('readCapabilities', () => {
  it('readCapabilities tells what is there from what is too old and what the key may not see', async () => {
    await using server = await startServer((_request, response) => sendJson(response, DISCOVERED));
    const { scopes, features } = await readCapabilities(testClient(server.url));
    expect(scopes).toEqual(['dataTable:list', 'tag:list', 'workflow:export', 'workflow:list']);
    expect(features).toMatchObject({
      'package-export': 'yes',
      'data-tables': 'too-old',
      'package-import': 'no-scope',
      folders: 'no-scope',
    });
  });

  it('readCapabilities knows nothing where n8n has no /discover', async () => {
    await using server = await startServer((_request, response) => sendJson(response, { message: 'not found' }, 404));
    const { scopes, features } = await readCapabilities(testClient(server.url));
    expect(scopes).toBe('unknown');
    expect(new Set(Object.values(features))).toEqual(new Set(['unknown']));
  });

  it.each([
    [401, { message: 'Unauthorized' }, 'unauthorized'],
    [200, { status: 'ok' }, 'invalid-answer'],
  ])('readCapabilities passes %i %j on as an error', async (status, body, kind) => {
    await using server = await startServer((_request, response) => sendJson(response, body, status));
    expect((await n8nErrorOf(readCapabilities(testClient(server.url)))).kind).toBe(kind);
  });

  it('readCapabilities says what to do about an answer in another shape', async () => {
    await using server = await startServer((_request, response) => sendJson(response, { status: 'ok' }));
    const { remedy } = await n8nErrorOf(readCapabilities(testClient(server.url)));
    expect(remedy).toContain('update flowkeep');
    expect(remedy).toContain('report the version of n8n');
  });
});

describe('the scopes', () => {
  it('the scopes of a backup are for reading alone', () => {
    const scopes = needsOf('backup', KINDS).map(({ scope }) => scope);
    expect(scopes).toContain('workflow:list');
    expect(scopes.filter((scope) => !/:(list|read|export)$/.test(scope))).toEqual([]);
  });

  it('the scopes of a restore hold those of a backup, since a safety snapshot comes first', () => {
    expect(needsOf('restore', KINDS)).toEqual(expect.arrayContaining([...needsOf('backup', KINDS)]));
  });

  it('the scopes are asked for the kinds that are on', () => {
    expect(needsOf('backup', ['tags']).map(({ scope }) => scope)).toEqual(['tag:list']);
    expect(missingNeeds('backup', ['tags', 'variables'], ['tag:list']).map(({ kind }) => kind)).toEqual(['variables']);
  });

  it('the scopes that no command uses are named', () => {
    expect(needlessScopes(['backup'], ['tags'], ['tag:list', 'tag:delete', 'user:create'])).toEqual([
      'tag:delete',
      'user:create',
    ]);
  });

  it('the scopes are documented, every one', () => {
    const markdown = scopesMarkdown();
    for (const { scope, purpose } of SCOPE_NEEDS) {
      expect(markdown).toContain(`\`${scope}\``);
      expect(markdown).toContain(purpose);
    }
  });
});
