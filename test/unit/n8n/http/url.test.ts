import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/lib/errors.ts';
import { normaliseUrl, requestUrl } from '../../../../src/n8n/http/url.ts';

describe('normaliseUrl', () => {
  it.each([
    ['https://n8n.example.com', 'https://n8n.example.com'],
    ['https://n8n.example.com/', 'https://n8n.example.com'],
    [' https://N8N.example.com:443/ ', 'https://n8n.example.com'],
    ['http://127.0.0.1:5678//', 'http://127.0.0.1:5678'],
    ['https://n8n.example.com/api', 'https://n8n.example.com'],
    ['https://n8n.example.com/api/v1', 'https://n8n.example.com'],
    ['https://n8n.example.com/api/v1/', 'https://n8n.example.com'],
    ['https://n8n.example.com/api/v1/api/v1', 'https://n8n.example.com'],
    ['https://n8n.example.com/api/v1/workflows', 'https://n8n.example.com'],
    ['https://example.com/automation/n8n/api/v1/', 'https://example.com/automation/n8n'],
    ['https://example.com/api/gateway', 'https://example.com/api/gateway'],
  ])('%s becomes %s', (text, base) => {
    expect(normaliseUrl(text)).toBe(base);
  });

  it.each([
    ['n8n.example.com', /not a URL|http or https/],
    ['localhost:5678', /not a URL/],
    ['ftp://n8n.example.com', /http or https/],
    ['https://', /not a URL/],
    ['', /not a URL/],
    ['https://me:hunter2@n8n.example.com', /user name or password/],
    ['https://n8n.example.com/?token=hunter2', /query/],
    ['https://n8n.example.com/#/workflows', /fragment/],
  ])('normaliseUrl refuses %s without repeating a secret', (text, words) => {
    const refuse = (): string => normaliseUrl(text);
    expect(refuse).toThrow(UsageError);
    expect(refuse).toThrow(words);
    expect(refuse).not.toThrow(/hunter2/);
  });
});

describe('requestUrl', () => {
  it('requestUrl percent-encodes the query and leaves undefined members out', () => {
    const query = { sortBy: 'id:asc', filter: '{"a":1}', cursor: undefined, limit: 250 };
    expect(requestUrl('https://n8n.example.com', '/tags', query)).toBe(
      'https://n8n.example.com/api/v1/tags?sortBy=id%3Aasc&filter=%7B%22a%22%3A1%7D&limit=250',
    );
  });
});
