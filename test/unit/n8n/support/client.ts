import { Secret } from '../../../../src/lib/secrets/secret.ts';
import { createN8nClient, type N8nClientOptions } from '../../../../src/n8n/http/client.ts';
import { isN8nError, type N8nError } from '../../../../src/n8n/http/errors.ts';
import type { N8nClient } from '../../../../src/n8n/http/types.ts';
import { greppedLogger } from '../../../support/secrets/logger.ts';
import { plant } from '../../../support/secrets/planted.ts';
import { TestClock } from './clock.ts';

/** A key with characters that percent-encoding changes. */
export const TEST_KEY = plant('eyJhbGciOi/key+with=signs.4711', 'key of n8n');

/** A client for tests: no rate, no waiting. */
export function testClient(url: string, options: Partial<N8nClientOptions> = {}): N8nClient {
  return createN8nClient({
    url,
    apiKey: new Secret(TEST_KEY),
    rateLimit: { concurrency: 4, requestsPerSecond: 10_000 },
    logger: greppedLogger,
    clock: new TestClock(),
    ...options,
  });
}

/** The N8nError that a promise ends in; anything else fails the test. */
export async function n8nErrorOf(promise: Promise<unknown>): Promise<N8nError> {
  const outcome = await promise.catch((error: unknown) => error);
  if (isN8nError(outcome)) return outcome;
  throw new Error(`expected an N8nError, got ${String(outcome)}`);
}
