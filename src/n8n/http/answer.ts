import { JsonLimitError } from '../../lib/json/json-limits.ts';
import { isJsonObject, parseJson, type Json, type JsonObject } from '../../lib/json/json.ts';
import { redact } from '../../lib/secrets/redact.ts';
import { giveBack } from './body.ts';
import { N8nError, type N8nErrorCode } from './errors.ts';
import { type Again, type RequestInfo, type Failure, nameOf } from './failure.ts';
import { retryAfterMs } from './retry.ts';
import { counterIn } from './throttle/counter.ts';
import { refusedShape } from './too-large.ts';

/** A complete HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** What kind of body is due: JSON (an empty one gives null, but for a GET), text, or bytes as they are. */
export type Expected = 'json' | 'text' | 'bytes';

export type Classified = { readonly value: unknown } | { readonly failure: Failure };

/**
 * What an answer means: its value, or a failure of a kind that callers can act on (errors.ts lists them).
 * @param now milliseconds since 1970, for a `Retry-After` that is a date
 */
export function classify(answer: Answer, requestInfo: RequestInfo, expected: Expected, now: number): Classified {
  const { status } = answer;
  if (status >= 200 && status < 300) return readValue(answer, requestInfo, expected);
  if (status >= 300 && status < 400) return { failure: redirected(answer, requestInfo) };
  const said = readWords(answer);
  const verdict = verdictOf(answer, said);
  const wait = status === 429 || status === 503 ? retryAfterMs(answer.headers.get('retry-after'), now) : undefined;
  const error = new N8nError(verdict.kind, `${verdict.words} (${nameOf(requestInfo)}, HTTP ${status})`, {
    status,
    request: nameOf(requestInfo),
    ...(verdict.remedy === undefined ? {} : { remedy: verdict.remedy }),
    ...(said.reason === undefined ? {} : { reason: said.reason }),
  });
  const counter = status === 429 && wait !== undefined ? counterIn(answer.headers, now) : undefined;
  return { failure: { error, again: verdict.again ?? 'no', retryAfterMs: wait, counter } };
}

function readValue(answer: Answer, requestInfo: RequestInfo, expected: Expected): Classified {
  if (expected === 'bytes' && !isHtml(answer)) return { value: answer.body };
  const isPage = isHtml(answer);
  const size = answer.body.byteLength;
  const text = decode(answer.body);
  // What becomes of the text takes several times as much memory.
  giveBack(answer.body);
  if (text.startsWith('n8n is starting up')) return { failure: starting(answer, requestInfo) };
  if (isPage) return { failure: webPage(answer, requestInfo) };
  if (expected === 'text') return { value: text };
  // Some writes of n8n answer with nothing. Nothing is never what was asked to be read.
  if (text.trim() === '')
    return requestInfo.method === 'GET' ? { failure: broken(answer, requestInfo, size) } : { value: null };
  try {
    return { value: parseJson(text) };
  } catch (error) {
    if (error instanceof JsonLimitError) return { failure: refusedShape(error, requestInfo, answer.status) };
    // The parser's own words may quote the body; what matters is said here.
    return { failure: broken(answer, requestInfo, size) };
  }
}

/** n8n answers every path with this sentence, status 200 and type HTML, while it migrates its database. */
function starting({ status }: Answer, requestInfo: RequestInfo): Failure {
  const message = `n8n is still starting: it migrates its database (${nameOf(requestInfo)})`;
  const remedy = 'Wait until it is up, then run flowkeep again.';
  const error = new N8nError('unavailable', message, { remedy, status, request: nameOf(requestInfo) });
  return { error, again: 'not-run' };
}

function webPage({ status }: Answer, requestInfo: RequestInfo): Failure {
  const message =
    `${requestInfo.base} answers with a web page instead of n8n's API ` + `(${nameOf(requestInfo)}, HTTP ${status})`;
  const remedy =
    'Check the URL: it is the address of the n8n editor, without anything after it. If a proxy in ' +
    'front of n8n requires ' +
    'a login, let /api/v1 through.';
  return {
    error: new N8nError('wrong-url', message, { remedy, status, request: nameOf(requestInfo) }),
    again: 'wrong-server',
  };
}

function broken({ status }: Answer, requestInfo: RequestInfo, size: number): Failure {
  const message = `the answer to ${nameOf(requestInfo)} is not valid JSON, or was cut off (${size} bytes)`;
  const remedy = 'A proxy between flowkeep and n8n may cut or change answers. Check its limits and its log.';
  return {
    error: new N8nError('invalid-answer', message, { remedy, status, request: nameOf(requestInfo) }),
    again: 'suspect',
  };
}

/** Redirects are never followed: the key must not go to an address that nobody configured. */
function redirected(answer: Answer, requestInfo: RequestInfo): Failure {
  const from = new URL(requestInfo.base);
  const to = URL.parse(answer.headers.get('location') ?? '', requestInfo.base);
  const message =
    `${requestInfo.base} redirects${to === null ? '' : ` to ${to.origin}`} instead of ` +
    `answering (${nameOf(requestInfo)}, HTTP ${answer.status})`;
  const options = { status: answer.status, request: nameOf(requestInfo), remedy: redirectRemedy(from, to) };
  return { error: new N8nError('wrong-url', message, options), again: 'no' };
}

function redirectRemedy(from: URL, to: URL | null): string {
  if (to !== null && to.hostname === from.hostname && from.protocol === 'http:' && to.protocol === 'https:') {
    return `Write https:// in the URL: ${to.origin}. The API key was sent over plain http; consider making a new one.`;
  }
  if (to !== null && to.origin !== from.origin) {
    return `The key was not sent there. If ${to.origin} is your n8n, write that in the URL.`;
  }
  return 'Check the path in the URL; if a proxy in front of n8n requires a login, let /api/v1 through.';
}

interface Words {
  /** Whether the body is a JSON object, as all of n8n's own errors are. */
  readonly fromN8n: boolean;
  /** n8n's own message, with its list of issues. */
  readonly reason: string | undefined;
  readonly text: string;
}

/** The longest reason that is passed on, in characters: enough for n8n's lists of issues, not for a whole page. */
const MAX_REASON = 2_000;

function readWords(answer: Answer): Words {
  // A server may repeat the key that it was sent. It is hidden before anything is cut off, half of it included.
  const text = redact(decode(answer.body.subarray(0, 100_000)));
  const body = parseObject(text);
  if (body === undefined) return { fromN8n: false, reason: undefined, text };
  const message = typeof body['message'] === 'string' ? body['message'] : JSON.stringify(body);
  const issues = issuesOf(body);
  const reason = issues === '' ? message : `${message}: ${issues}`;
  return { fromN8n: true, reason: reason.slice(0, MAX_REASON), text };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: Json = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Not JSON: a proxy's page, or n8n's HTML for 413. The caller says so.
    return undefined;
  }
}

/** The issues that a package import lists, and others that n8n puts beside its message. */
function issuesOf(body: JsonObject): string {
  const lists = ['issues', 'errors', 'details'].map((name) => body[name]).filter((list) => Array.isArray(list));
  return lists
    .flat()
    .map((issue) => (typeof issue === 'string' ? issue : JSON.stringify(issue)))
    .join('; ');
}

interface Verdict {
  readonly kind: N8nErrorCode;
  readonly words: string;
  readonly remedy?: string;
  readonly again?: Again;
}

/** Tells n8n's messages apart, as docs/internal/n8n-api-notes.md (Scopes and errors) lists them. */
function verdictOf(answer: Answer, said: Words): Verdict {
  const { status } = answer;
  if (status >= 500 || status === 408) return serverVerdict(status, said);
  if (status === 429) return RATE_LIMITED;
  if (status === 413) return TOO_LARGE;
  if (!said.fromN8n) return foreignVerdict(answer, said);
  if (status === 401) return UNAUTHORIZED;
  if (status === 403) return forbidden(said);
  if (status === 404) return said.reason === UNKNOWN_ENDPOINT ? TOO_OLD : notFound(said);
  if (status === 405) return TOO_OLD;
  if (status === 409) return { kind: 'conflict', words: `n8n reports a conflict: ${said.reason}` };
  return { kind: 'refused', words: `n8n refuses the request: ${said.reason}` };
}

/** What n8n's router says for a path that it does not have. An item that is missing gives "Not Found" or a sentence. */
const UNKNOWN_ENDPOINT = 'not found';

const RATE_LIMITED: Verdict = {
  kind: 'rate-limited',
  words: 'n8n refuses more requests for now',
  remedy:
    "Lower the instance's rateLimit.requestsPerSecond, or run when fewer other clients use this API key. The limits are " +
    'those of a proxy in front of n8n or, from n8n 2.47 on, in the settings of n8n.',
  again: 'not-run',
};
const TOO_LARGE: Verdict = {
  kind: 'too-large',
  words: 'the request is larger than n8n, or a proxy in front of it, accepts',
  remedy: 'Raise N8N_PAYLOAD_SIZE_MAX (16 MB by default) on the n8n server, and the body limit of its proxy.',
};
const UNAUTHORIZED: Verdict = {
  kind: 'unauthorized',
  words: 'n8n does not accept the API key',
  remedy: 'Create a new key in n8n under Settings, n8n API. Keys belong to one instance, and they expire.',
};
const TOO_OLD: Verdict = {
  kind: 'too-old',
  words: 'this n8n has no such endpoint: it is too old, or the feature is off',
  remedy: 'Update n8n to a version that has it.',
};

function notFound(said: Words): Verdict {
  return { kind: 'not-found', words: `n8n has no such item: ${said.reason}` };
}

function forbidden(said: Words): Verdict {
  const reason = said.reason ?? '';
  if (/^Your license does not allow for/i.test(reason)) {
    return {
      kind: 'licence',
      words: `the licence of this n8n does not cover it: ${reason}`,
      remedy: 'Nothing is wrong with the key. The feature needs a paid plan of n8n.',
    };
  }
  return {
    kind: 'scope',
    words: `the API key may not do this: n8n says "${reason}"`,
    remedy: 'Give the key the missing scope (`flowkeep check` names it), or create a key that has it.',
  };
}

function serverVerdict(status: number, said: Words): Verdict {
  const reason = said.reason === undefined ? '' : `: ${said.reason}`;
  if (status === 500 || status === 501) {
    return {
      kind: 'server',
      words: `n8n failed to answer${reason}`,
      remedy: 'See the log of the n8n server.',
      again: 'suspect',
    };
  }
  return {
    kind: 'unavailable',
    words: `n8n is not available${reason}`,
    remedy: 'It may be starting, or down behind its proxy. Check the n8n server.',
    again: 'unknown-outcome',
  };
}

/** An answer that n8n itself would not give: a proxy, a firewall, or another server altogether. */
function foreignVerdict(answer: Answer, said: Words): Verdict {
  const { status } = answer;
  if (status === 400 && /plain HTTP request was sent to (?:an )?HTTPS port/i.test(said.text)) {
    return {
      kind: 'wrong-url',
      words: 'the server expects TLS on this port',
      remedy: 'Write https:// instead of http:// in the URL.',
    };
  }
  if (status === 401 || status === 403 || status === 407) {
    return {
      kind: 'wrong-url',
      words: 'something in front of n8n refuses the request',
      remedy: 'A proxy, a firewall or a CDN requires its own login. Let this machine reach /api/v1 without it.',
    };
  }
  return {
    kind: 'wrong-url',
    words: "the answer does not come from n8n's API",
    remedy: 'Check the URL, and that the public API is not turned off (N8N_PUBLIC_API_DISABLED).',
    // Express says this while a starting n8n has not added its routes yet: for 7 s, measured with n8n 2.41.1.
    again: status === 404 && /Cannot [A-Z]+ \/api\//.test(said.text) ? 'not-sent' : 'no',
  };
}

function isHtml({ headers, body }: Answer): boolean {
  if (headers.get('content-type')?.includes('text/html')) return true;
  return /^\s*<(?:!doctype|html)/i.test(decode(body.subarray(0, 200)));
}

function decode(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}
