import { isIP } from 'node:net';
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';

/** Which requests are answered without a token. */
export interface HostRules {
  /** Names of this daemon beside those that nobody else can own. */
  readonly hosts: readonly string[];
  readonly hasToken: (request: FastifyRequest) => boolean;
}

/**
 * Refuses what a browser is tricked into asking. A web page's own name can be made to point at this machine (DNS
 * rebinding): the browser then lets the page read the answers, which need no token. The `Host` header gives it away,
 * since it holds the name of the page. Addresses and names without a dot are nobody's to point elsewhere. Where the
 * page asks under the right name, `Sec-Fetch-Site` gives it away; a link that somebody follows may pass.
 */
export function refuseForeign({ hosts, hasToken }: HostRules): onRequestAsyncHookHandler {
  const known = new Set(hosts.map((name) => name.toLowerCase()));
  return async (request, reply) => {
    if (hasToken(request)) return;
    const { host, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = request.headers;
    if (host !== undefined && !isOwn(host, known)) return reply.code(403).send({ error: FOREIGN_HOST });
    if ((site === 'cross-site' || site === 'same-site') && mode !== 'navigate')
      return reply.code(403).send({ error: 'web pages of other sites may not ask' });
  };
}

const FOREIGN_HOST =
  'this name of the host is not known: send the token, ask by address, or add the name to http.hosts ' +
  '(FLOWKEEP_HTTP_HOSTS)';

function isOwn(host: string, known: ReadonlySet<string>): boolean {
  // As a browser reads it: 127.1 and 0x7f000001 are addresses too.
  const url = URL.parse(`http://${host}`);
  if (url === null) return false;
  const name = url.hostname.replace(/^\[|\]$|\.$/g, '');
  return isIP(name) !== 0 || !name.includes('.') || name.endsWith('.localhost') || known.has(name);
}
