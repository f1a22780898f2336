import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import type { Secret } from '../../lib/secrets/secret.ts';

/** Whether a request carries the bearer token of this moment; without one, none does. */
export function tokenCheck(tokenNow: () => Secret | undefined): (request: FastifyRequest) => boolean {
  return (request) => {
    const given = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    // A request without one is answered although the token's file cannot be read: health checks come without.
    if (given === undefined) return false;
    const token = tokenNow();
    // Hashes are of equal length, so that the time tells nothing, not even how long the token is.
    return token !== undefined && timingSafeEqual(digest(given), digest(token.reveal()));
  };
}

/** Lets a request pass that carries the bearer token. Runs before the body is read. */
export function requireToken(hasToken: (request: FastifyRequest) => boolean): onRequestAsyncHookHandler {
  return async (request, reply) => {
    if (hasToken(request)) return;
    return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'bearer token required' });
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
