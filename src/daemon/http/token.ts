import { createHash, timingSafeEqual } from 'node:crypto';
import type { onRequestAsyncHookHandler } from 'fastify';
import type { Secret } from '../../lib/secrets/secret.ts';

/** Lets a request pass that carries the bearer token. Runs before the body is read. */
export function requireToken(token: Secret): onRequestAsyncHookHandler {
  const expected = digest(token.reveal());
  return async (request, reply) => {
    const given = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    // Hashes are of equal length, so that the time tells nothing, not even how long the token is.
    if (timingSafeEqual(digest(given), expected)) return;
    return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'bearer token required' });
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
