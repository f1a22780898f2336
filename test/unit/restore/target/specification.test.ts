import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { memberNames } from '../../../../src/restore/target/specification.ts';

describe('memberNames', () => {
  const text = `# of n8n
openapi: 3.0.0
info:
  description: |
    components:
      schemas: {}
    # no comment
paths:
  '/credentials/{id}':
    get: {}

  /credentials:
    # what follows is asked for
    post:
      properties:
        id: &text
          type: string
        "a name": *text
      required:
      - id
  /tags:
    post:
      properties:
        other: {}
components:
  schemas:
    settings:
      properties: { timezone: { type: string }, errorWorkflow: { type: string } }
`;

  it.each([
    [
      ['paths', '/credentials', 'post', 'properties'],
      ['id', 'a name'],
    ],
    [['paths', '/credentials/{id}'], ['get']],
    [
      ['components', 'schemas', 'settings', 'properties'],
      ['timezone', 'errorWorkflow'],
    ],
    [['components', 'schemas', 'settings', 'properties', 'timezone'], ['type']],
    [['info', 'components'], []],
    [['paths', '/credentials', 'post', 'required'], []],
    [['paths', '/tags', 'get'], []],
    [['openapi'], []],
  ])('memberNames names the members at %j', (path, expected) => {
    expect(memberNames(text, path)).toEqual(expected);
    expect(memberNames(text.replaceAll('\n', '\r\n'), path)).toEqual(expected);
  });

  it('memberNames follows an alias to an anchor outside of the block', () => {
    const aliased = 'base: &base\n  id: 1\nitems:\n  first: *base\n  second:\n    <<: *base\n    name: 2\n';
    expect(memberNames(aliased, ['items', 'first'])).toEqual(['id']);
    expect(memberNames(aliased, ['items', 'second'])).toEqual(
      Object.keys((parse(aliased) as { items: { second: object } }).items.second),
    );
  });

  it('memberNames refuses a text that is no YAML', () => {
    expect(() => memberNames('a: "', ['a', 'b'])).toThrow(/./);
  });
});
