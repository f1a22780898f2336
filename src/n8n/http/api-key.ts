import { UsageError } from '../../lib/errors.ts';
import type { Secret } from '../../lib/secrets/secret.ts';

/**
 * fetch refuses other characters with an error that quotes the header, which must not happen to a key.
 * @throws UsageError
 */
export function requireKey(apiKey: Secret): void {
  if (/^[\x21-\x7e]+$/.test(apiKey.reveal())) return;
  throw new UsageError(
    'the API key is empty, or holds spaces, line breaks or other characters that no key has',
    'Copy the key again as n8n showed it. A file that holds it should hold nothing else.',
  );
}
