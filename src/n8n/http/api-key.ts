import { UsageError } from '../../lib/errors.ts';
import type { Secret } from '../../lib/secrets/secret.ts';

/**
 * The key as it is now, for a header. fetch refuses other characters with an error that quotes the header, which must
 * not happen to a key.
 * @throws UsageError; FlowkeepError `secret` where its file cannot be read any more
 */
export function keyForHeader(apiKey: Secret): string {
  const key = apiKey.reveal();
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new UsageError(
    'the API key is empty, or holds spaces, line breaks or other characters that no key has',
    'Copy the key again as n8n showed it. A file that holds it should hold nothing else.',
  );
}
