import { describe, expect, it, test } from 'vitest';
import { hostsOf, powerOf } from '../../../../src/kinds/workflows/node-powers.ts';

const node = (type: string, parameters = {}) => ({ type, parameters });

describe('what a node can do', () => {
  it.each([
    ['n8n-nodes-base.code', 'code'],
    ['n8n-nodes-base.codeTool', 'code'],
    ['n8n-nodes-base.function', 'code'],
    ['n8n-nodes-base.functionItem', 'code'],
    ['n8n-nodes-base.aiTransform', 'code'],
    ['@n8n/n8n-nodes-langchain.toolCode', 'code'],
    ['@n8n/n8n-nodes-langchain.code', 'code'],
    ['n8n-nodes-base.executeCommand', 'command'],
    ['n8n-nodes-base.ssh', 'command'],
    ['n8n-nodes-base.sshTool', 'command'],
    ['n8n-nodes-base.git', 'command'],
    ['n8n-nodes-base.readWriteFile', 'files'],
    ['n8n-nodes-base.writeBinaryFile', 'files'],
    ['n8n-nodes-base.postgres', 'query'],
    ['n8n-nodes-base.httpRequest', 'network'],
    ['n8n-nodes-base.httpRequestTool', 'network'],
    ['@n8n/n8n-nodes-langchain.toolHttpRequest', 'network'],
    ['@n8n/n8n-nodes-langchain.mcpClientTool', 'network'],
    ['n8n-nodes-base.n8n', 'n8n'],
    ['n8n-nodes-evil.thing', 'unknown'],
    ['@someone/n8n-nodes-x.thing', 'unknown'],
    ['CUSTOM.thing', 'unknown'],
    ['thing', 'unknown'],
    ['', 'unknown'],
    ['n8n-nodes-base.set', null],
    ['n8n-nodes-base.slack', null],
    ['n8n-nodes-base.executeWorkflow', null],
    ['n8n-nodes-base.constructor', null],
  ])('of type %j: %j', (type, power) => {
    expect(powerOf(node(type))).toBe(power);
  });

  test('a node takes code where only its parameters say so', () => {
    expect(powerOf(node('n8n-nodes-base.sort', { type: 'code', code: 'return a' }))).toBe('code');
    expect(powerOf(node('n8n-nodes-base.sort', { type: 'simple', code: '' }))).toBeNull();
    expect(powerOf(node('n8n-nodes-base.merge', { query: 'SELECT 1' }))).toBe('code');
    expect(powerOf(node('n8n-nodes-base.renamed', { jsCode: 'x' }))).toBe('code');
  });

  test('a call of a workflow that is no saved one brings code of its own', () => {
    for (const source of ['parameter', 'url', 'localFile'])
      expect(powerOf(node('n8n-nodes-base.executeWorkflow', { source }))).toBe('code');
    expect(powerOf(node('n8n-nodes-base.executeWorkflow', { source: 'database' }))).toBeNull();
    expect(powerOf(node('@n8n/n8n-nodes-langchain.toolWorkflow', { source: 'parameter' }))).toBe('code');
  });

  test('a model that is sent to another server counts as a request', () => {
    const model = '@n8n/n8n-nodes-langchain.lmChatOpenAi';
    expect(powerOf(node(model, { options: { baseURL: 'https://evil.example.com' } }))).toBe('network');
    expect(powerOf(node(model, { options: {} }))).toBeNull();
  });
});

describe('the hosts of a node', () => {
  const hosts = (url: unknown) => hostsOf({ parameters: { url: url as string } });

  test('hosts are found wherever the parameters name them', () => {
    expect(
      hostsOf({ parameters: { url: 'https://a.example.com/x', options: { next: ['HTTP://B.example.com:81?q'] } } }),
    ).toEqual({ hosts: ['a.example.com', 'b.example.com:81'], computed: false });
  });

  test('the host is what is behind a name and a password, and before a path, query, fragment or backslash', () => {
    expect(hosts('https://trusted.example.com@evil.example.com/x').hosts).toEqual(['evil.example.com']);
    expect(hosts('https://evil.example.com#trusted.example.com').hosts).toEqual(['evil.example.com']);
    expect(hosts('https://evil.example.com\\@trusted.example.com').hosts).toEqual(['evil.example.com']);
  });

  test.each([
    '={{ $json.url }}',
    '=https://{{ $json.host }}/x',
    "={{ 'ht' + 'tps://evil' }}",
    '=https://api.{{ $json.region }}.example.com',
    '',
  ])('an address that is computed is named as such: %s', (url) => {
    expect(hosts(url)).toEqual({ hosts: [], computed: true });
  });

  const known = { headerParameters: { parameters: [{ name: 'X-Origin', value: 'https://known.example.com' }] } };
  test.each([
    { url: '={{ $json.x }}' },
    { url: 'evil.example.com/{{ $json.x }}' },
    { url: "=https://known.example.com'.{{ $json.x }}/" },
    { url: "={{ 'https://known.example.com' + $json.x }}" },
    { url: { __rl: true, mode: 'url', value: '={{ $json.x }}' } },
    { endpoint: '={{ $json.x }}' },
    { sseEndpoint: '={{ $json.x }}' },
    { options: { baseURL: '={{ $json.x }}' } },
  ])('a host in another parameter hides no address that is computed: %j', (address) => {
    expect(hostsOf({ parameters: { ...known, ...address } })).toEqual({
      hosts: ['known.example.com'],
      computed: true,
    });
  });

  test('an address whose host is written out is not computed, whatever follows', () => {
    for (const url of ['=https://known.example.com/{{ $json.x }}', ' HTTPS://known.example.com?q={{ $json.x }}', ''])
      expect(hostsOf({ parameters: { ...known, url } })).toEqual({ hosts: ['known.example.com'], computed: false });
  });
});
