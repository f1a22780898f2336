import { messageOf } from '../../../../lib/errors.ts';
import type { Explanation, RequestHeaders } from './explanation.ts';

const CHECKSUMS: Explanation = {
  reason: 'failed',
  problem: ({ location, action }, told) =>
    `${location} refuses ${action} with the checksum headers that the SDK sends by default: ${told}`,
  remedy: () =>
    'Set checksums: when-required in the settings of the store (FLOWKEEP_S3_CHECKSUMS=when-required), as for Backblaze ' +
    'B2, OVHcloud, Google Cloud Storage and others that do not know them.',
};
const CONDITIONS: Explanation = {
  reason: 'unsupported',
  problem: ({ location, action }, told) => `${location} does not know conditional writes (${action}): ${told}`,
  remedy: () => 'flowkeep looks before and after it writes instead; `flowkeep check` says what that means.',
};

/** Codes and words of servers that do not know the checksums: the sources are in test/support/s3/dialects.ts. */
const CHECKSUM_CODES = new Set(['XAmzContentSHA256Mismatch', 'ExcessHeaderValues', 'InvalidDigest']);
const CHECKSUM_WORDS = /x-amz-(sdk-)?checksum|checksum-algorithm|content-sha256|aws-chunked|x-amz-trailer/i;

/**
 * Why a server refused a request that another one would have taken: it does not know one of its headers. Undefined
 * where it refused it for something else, as far as it says.
 */
export function explainRefusedHeaders(
  error: unknown,
  { code, status }: { readonly code: string; readonly status: number | undefined },
  headers: RequestHeaders,
): Explanation | undefined {
  if (headers.checksums) {
    const named = CHECKSUM_CODES.has(code) || CHECKSUM_WORDS.test(messageOf(error));
    if (named || (code === 'SignatureDoesNotMatch' && headers.signedBefore)) return CHECKSUMS;
  }
  const isUnknown = status === 501 || code === 'NotImplemented';
  // A 400 says in many words that a header is not liked. If it was another one, the next try, without, says so.
  return headers.conditions && (isUnknown || (status === 400 && !TOLD_OTHERWISE.has(code))) ? CONDITIONS : undefined;
}

/** Other reasons for a 400, by code. */
const TOLD_OTHERWISE = new Set([
  ...['ExpiredToken', 'InvalidToken', 'TokenRefreshRequired', 'AuthorizationHeaderMalformed', 'RequestTimeout'],
  ...['IllegalLocationConstraintException', 'BadDigest', 'IncompleteBody', 'EntityTooLarge', 'InvalidStorageClass'],
]);
