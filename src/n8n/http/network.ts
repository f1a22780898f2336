import { N8nError } from './errors.ts';
import { type Again, type RequestInfo, type Failure, nameOf } from './failure.ts';

interface Explanation {
  readonly words: string;
  readonly remedy: string;
  readonly again: Again;
}

const ADDRESS = 'Check the URL and the port, and that n8n runs and is reachable from this machine.';
const CERTIFICATE =
  'If the certificate comes from a private authority, name its file in NODE_EXTRA_CA_CERTS; otherwise renew it, or ' +
  'use the host name that it was issued for.';
const LATER = 'Check that n8n is up; a proxy or firewall between may also cut connections.';

/** What the codes of Node's network errors mean. The codes come from libuv, OpenSSL and undici. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: { words: 'the connection was refused', remedy: ADDRESS, again: 'not-sent' },
  ENOTFOUND: {
    words: 'there is no such host',
    remedy: 'Check the host name in the URL, and the DNS of this machine.',
    again: 'not-sent',
  },
  EAI_AGAIN: {
    words: 'the host name could not be looked up',
    remedy: 'Check the DNS and the network of this machine.',
    again: 'not-sent',
  },
  EHOSTUNREACH: { words: 'there is no route to the host', remedy: ADDRESS, again: 'not-sent' },
  ENETUNREACH: { words: 'there is no route to the network', remedy: ADDRESS, again: 'not-sent' },
  ETIMEDOUT: { words: 'the connection timed out', remedy: ADDRESS, again: 'unknown-outcome' },
  UND_ERR_CONNECT_TIMEOUT: { words: 'the connection timed out', remedy: ADDRESS, again: 'not-sent' },
  UND_ERR_HEADERS_TIMEOUT: {
    words: 'the answer did not begin in time',
    remedy: LATER,
    again: 'unknown-outcome',
  },
  UND_ERR_BODY_TIMEOUT: { words: 'the answer stopped half-way', remedy: LATER, again: 'unknown-outcome' },
  ECONNRESET: { words: 'the connection was reset', remedy: LATER, again: 'unknown-outcome' },
  EPIPE: { words: 'the connection was closed while sending', remedy: LATER, again: 'unknown-outcome' },
  UND_ERR_SOCKET: {
    words: 'the connection was closed before the answer was complete',
    remedy: LATER,
    again: 'unknown-outcome',
  },
  Z_BUF_ERROR: { words: 'the compressed answer was cut off', remedy: LATER, again: 'unknown-outcome' },
};

const SPEAKS_HTTP: Explanation = {
  words: 'the server does not speak TLS on this port',
  remedy: 'Write http:// instead of https:// in the URL, or use the port on which n8n (or its proxy) serves TLS.',
  again: 'no',
};
/** A TLS alert is not HTTP; neither is an answer that something on the way has damaged, hence the attempts. */
const NOT_HTTP: Explanation = { words: 'the answer is not HTTP', remedy: LATER, again: 'suspect' };
const MAYBE_TLS = ' If it serves TLS on this port, write https:// instead of http:// in the URL.';
const BAD_CERTIFICATE: Explanation = {
  words: 'the TLS certificate was not accepted',
  remedy: CERTIFICATE,
  again: 'no',
};
const BAD_PORT: Explanation = {
  words: 'fetch refuses this port, because other protocols use it',
  remedy: 'Serve n8n (or its proxy) on a port that is not on the "bad ports" list of the fetch standard.',
  again: 'no',
};
const UNKNOWN: Explanation = { words: 'the connection failed', remedy: ADDRESS, again: 'unknown-outcome' };

/**
 * A network error as a failure with kind `unreachable`. The code is looked for in the whole chain of causes, because
 * fetch hides it behind "fetch failed" or "terminated".
 */
export function networkFailure(error: unknown, requestInfo: RequestInfo): Failure {
  const code = codeOf(error);
  const explanation = isBadPort(error) ? BAD_PORT : isNotHttp(error) ? NOT_HTTP : explain(code);
  const { words, again } = explanation;
  const remedy = explanation.remedy + (explanation.remedy === LATER && isPlain(requestInfo) ? MAYBE_TLS : '');
  const message =
    `${requestInfo.base} cannot be reached: ${words} ` + `(${nameOf(requestInfo)}${code === '' ? '' : `, ${code}`})`;
  return { error: new N8nError('unreachable', message, { remedy, request: nameOf(requestInfo) }), again };
}

/** What a server did not do in time: begin its answer, go on with it, come to the end of a large one. */
export type Silence = 'headers' | 'body' | 'large-body';

const SILENCE: Readonly<Record<Silence, string>> = {
  headers: 'sent no answer for',
  body: 'stopped in the middle of its answer for',
  'large-body': 'did not come to the end of a large answer in',
};

/** The failure of an attempt whose answer did not come in time. */
export function timeoutFailure(what: Silence, ms: number, requestInfo: RequestInfo): Failure {
  const message = `${requestInfo.base} ${SILENCE[what]} ${ms / 1000} s (${nameOf(requestInfo)})`;
  return {
    error: new N8nError('unreachable', message, { remedy: LATER, request: nameOf(requestInfo) }),
    again: 'unknown-outcome',
  };
}

function explain(code: string): Explanation {
  const known = EXPLANATIONS[code];
  if (known !== undefined) return known;
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|^EPROTO$/.test(code)) return SPEAKS_HTTP;
  if (/CERT|SELF_SIGNED|^UNABLE_TO_|ALTNAME/.test(code)) return { ...BAD_CERTIFICATE, ...certificate(code) };
  return UNKNOWN;
}

function certificate(code: string): { words?: string } {
  if (code === 'CERT_HAS_EXPIRED') return { words: 'its TLS certificate has expired' };
  if (code.includes('ALTNAME')) return { words: 'its TLS certificate is for another host name' };
  if (code.includes('SELF_SIGNED')) return { words: 'its TLS certificate is self-signed' };
  return {};
}

/** The one refusal of fetch that has no code. */
function isBadPort(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.message === 'bad port';
}

/** undici's parser gives up with an error that has a name, but not always a code. */
function isNotHttp(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.name === 'HTTPParserError';
}

function isPlain({ base }: RequestInfo): boolean {
  return base.startsWith('http:');
}

/** The innermost code of an error's chain of causes, or of the first of several errors (one for each address tried). */
function codeOf(error: unknown): string {
  let found = '';
  for (let current = error, depth = 0; current instanceof Error && depth < 10; depth++) {
    if ('code' in current && typeof current.code === 'string') found = current.code;
    current = current instanceof AggregateError && current.cause === undefined ? current.errors[0] : current.cause;
  }
  return found;
}
