import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { networkFailure } from '../../../../src/n8n/http/network.ts';
import { n8nErrorOf, testClient } from '../support/client.ts';

const asked = { method: 'GET', path: '/workflows', base: 'https://n8n.example.com' };

/** An error as fetch throws it: the code is on the cause. */
function fetchError(code: string): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error('inner'), { code }) });
}

describe('networkFailure', () => {
  it.each([
    ['ECONNREFUSED', 'the connection was refused', 'not-sent'],
    ['ENOTFOUND', 'there is no such host', 'not-sent'],
    ['EAI_AGAIN', 'could not be looked up', 'not-sent'],
    ['UND_ERR_CONNECT_TIMEOUT', 'the connection timed out', 'not-sent'],
    ['ECONNRESET', 'the connection was reset', 'unknown-outcome'],
    ['UND_ERR_SOCKET', 'closed before the answer was complete', 'unknown-outcome'],
    ['UND_ERR_HEADERS_TIMEOUT', 'did not begin in time', 'unknown-outcome'],
    ['UND_ERR_BODY_TIMEOUT', 'stopped half-way', 'unknown-outcome'],
    ['CERT_HAS_EXPIRED', 'certificate has expired', 'no'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another host name', 'no'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed', 'no'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate was not accepted', 'no'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'does not speak TLS', 'no'],
    ['E_NEVER_SEEN', 'the connection failed', 'unknown-outcome'],
  ])('%s: %s', (code, words, again) => {
    const failure = networkFailure(fetchError(code), asked);
    expect(failure).toMatchObject({ again, error: { kind: 'unreachable', request: 'GET /workflows' } });
    expect(failure.error.message).toContain(words);
    expect(failure.error.message).toContain(code);
    expect(failure.error.remedy).toBeTruthy();
  });

  it('networkFailure finds the code where several addresses were tried', () => {
    const inner = Object.assign(new Error('connect ECONNREFUSED ::1:5678'), { code: 'ECONNREFUSED' });
    const failure = networkFailure(new TypeError('fetch failed', { cause: new AggregateError([inner]) }), asked);
    expect(failure.again).toBe('not-sent');
  });

  it('networkFailure names NODE_EXTRA_CA_CERTS where a private authority is not known', () => {
    const failure = networkFailure(fetchError('SELF_SIGNED_CERT_IN_CHAIN'), asked);
    expect(failure.error.remedy).toContain('NODE_EXTRA_CA_CERTS');
  });
});

describe('a client', () => {
  it('a client suggests https where the port answers with TLS, or closes at once as TLS servers do', async () => {
    const tlsAlert = Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]);
    for (const answer of [tlsAlert, Buffer.alloc(0)]) {
      const server = createServer((socket) => socket.once('data', () => socket.end(answer)));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const error = await n8nErrorOf(testClient(`http://127.0.0.1:${port}`).get('/workflows'));
      await new Promise((resolve) => server.close(resolve));
      expect(error.remedy).toContain('write https://');
    }
  });

  it('a client says that a port cannot be used with fetch', async () => {
    const error = await n8nErrorOf(testClient('http://127.0.0.1:1').get('/workflows'));
    expect(error.message).toContain('fetch refuses this port');
  });
});
