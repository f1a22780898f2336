// The daemon's HTTP: health, metrics and the routes that start a run. A route checks its token and asks the
// runner; it does no work.

import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { Logger } from '../../lib/logger.ts';
import type { Secret } from '../../lib/secrets/secret.ts';
import { apiRoutes, type Api } from './api.ts';
import { refuseForeign } from './host.ts';
import { requireToken, tokenCheck } from './token.ts';

const MAX_BODY_BYTES = 16 * 1024;
const MAX_HEADER_BYTES = 8 * 1024;
const REQUEST_MS = 15_000;
/** No page of another site may show or use an answer. */
const ANSWER_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

export interface ServerOptions {
  readonly host: string;
  /** Names under which the daemon is asked without a token. */
  readonly hosts: readonly string[];
  readonly port: number;
  /** The token of this moment. Without one at the start, the routes that start a run do not exist. */
  readonly token: () => Secret | undefined;
  readonly api: Api;
  readonly logger: Logger;
}

/** Listens until it is closed. @throws the error of listen, such as EADDRINUSE */
export async function startServer(options: ServerOptions): Promise<FastifyInstance> {
  const server = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_MS,
    connectionTimeout: 2 * REQUEST_MS,
    // A scraper's kept connection must not hold up the end of the daemon.
    forceCloseConnections: true,
    http: { maxHeaderSize: MAX_HEADER_BYTES },
  });
  server.setErrorHandler<FastifyError>((error, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) options.logger.error({ error: error.message }, 'a request failed');
    // What went wrong inside is for the log, not for the caller.
    return reply.code(status).send({ error: status >= 500 ? 'internal error' : error.message });
  });
  server.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not found' }));
  server.addHook('onSend', async (_request, reply) => {
    void reply.headers(ANSWER_HEADERS);
  });
  const hasToken = tokenCheck(options.token);
  server.addHook('onRequest', refuseForeign({ hosts: [options.host, ...options.hosts], hasToken }));
  const guard = options.token() === undefined ? null : requireToken(hasToken);
  apiRoutes(server, options.api, guard);
  await server.listen({ host: options.host, port: options.port });
  return server;
}
