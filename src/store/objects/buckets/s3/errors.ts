import { messageOf, type FlowkeepErrorOptions } from '../../../../lib/errors.ts';
import { StoreError } from '../../../errors.ts';
import type { Explanation, S3Request } from './explanation.ts';
import { explainRefusedHeaders } from './refused-headers.ts';

const WRONG_CREDENTIALS: Explanation = {
  reason: 'denied',
  problem: ({ location }, told) => `${location} refused the access key or its secret: ${told}`,
  remedy: () =>
    'Check accessKeyId and secretAccessKey, or what the AWS chain finds (environment, profile, role); ' +
    'a secret with a slash or a plus must be given as it is.',
};
const EXPIRED_CREDENTIALS: Explanation = {
  reason: 'denied',
  problem: ({ location }, told) => `${location} says that the temporary credentials have expired: ${told}`,
  remedy: () => 'Renew the session token, or use a role that renews it by itself.',
};
const NO_CREDENTIALS: Explanation = {
  reason: 'denied',
  problem: ({ location }, told) => `no credentials for ${location}: ${told}`,
  remedy: () =>
    'Set accessKeyId and secretAccessKey of the store, or AWS_ACCESS_KEY_ID and ' +
    'AWS_SECRET_ACCESS_KEY, or run under a role.',
};
const FORBIDDEN: Explanation = {
  reason: 'denied',
  problem: ({ location, action, key }, told) => `${location} does not allow ${action} on ${key}: ${told}`,
  remedy: ({ action, bucket, key }) =>
    `Allow ${action} on ` +
    `${action === 's3:ListBucket' ? bucket : `${bucket}/${key.split('/').slice(0, -1).join('/')}/*`} ` +
    'in the policy of the user, the role or the bucket.',
};
const NO_BUCKET: Explanation = {
  reason: 'not-found',
  problem: ({ location, bucket }) => `there is no bucket "${bucket}" at ${location}`,
  remedy: () => 'Create the bucket, or correct its name, the region or the endpoint. flowkeep does not create buckets.',
};
const CLOCK: Explanation = {
  reason: 'failed',
  problem: ({ location }, told) => `this machine's clock does not agree with ${location}: ${told}`,
  remedy: () => 'Correct the clock, for example with NTP, and run again.',
};
const WRONG_REGION: Explanation = {
  reason: 'failed',
  problem: ({ location, bucket }, told) => `the bucket "${bucket}" is not in the region of ${location}: ${told}`,
  remedy: () => "Set the store's region to the bucket's own, and leave endpoint empty for AWS.",
};
const QUOTA: Explanation = {
  reason: 'full',
  problem: ({ location }, told) => `${location} is full: ${told}`,
  remedy: () => 'Raise the quota, or remove old snapshots with `flowkeep prune`.',
};
const TOO_BUSY: Explanation = {
  reason: 'unreachable',
  problem: ({ location }, told) => `${location} asked to slow down, again after several tries: ${told}`,
  remedy: () => 'Run again later, or raise the rate limit of the server.',
};
const SERVER_FAILED: Explanation = {
  reason: 'unreachable',
  problem: ({ location, action }, told) => `${location} failed at ${action}, again after several tries: ${told}`,
  remedy: () => 'Run again later; nothing half-saved is visible.',
};
const UNREACHABLE: Explanation = {
  reason: 'unreachable',
  problem: ({ location }, told) => `${location} cannot be reached: ${told}`,
  remedy: () => 'Check the endpoint, the port and the network between here and there.',
};
const TLS: Explanation = {
  reason: 'unreachable',
  problem: ({ location }, told) => `the certificate of ${location} is not trusted: ${told}`,
  remedy: () => 'Give Node the certificate authority with NODE_EXTRA_CA_CERTS=/path/ca.pem, or correct the host name.',
};
const CONDITION: Explanation = {
  reason: 'conflict',
  problem: ({ key }) => `another writer changed ${key} first`,
  remedy: () => 'Run again.',
};
const NOT_IMPLEMENTED: Explanation = {
  reason: 'unsupported',
  problem: ({ location, action }, told) => `${location} does not support ${action} as it was requested: ${told}`,
  remedy: () => 'Set checksums to when-required for servers that do not support the newer default checksums.',
};
const ARCHIVED: Explanation = {
  reason: 'failed',
  problem: ({ key }) => `${key} is in an archive class and cannot be read at once`,
  remedy: () => 'Restore the object from the archive first, and use a storage class that is read directly.',
};

/** By the server's error code, or the code or name of the SDK's and Node's own errors. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  SignatureDoesNotMatch: WRONG_CREDENTIALS,
  InvalidAccessKeyId: WRONG_CREDENTIALS,
  InvalidToken: WRONG_CREDENTIALS,
  ExpiredToken: EXPIRED_CREDENTIALS,
  TokenRefreshRequired: EXPIRED_CREDENTIALS,
  CredentialsProviderError: NO_CREDENTIALS,
  AccessDenied: FORBIDDEN,
  AllAccessDisabled: FORBIDDEN,
  UserSuspended: FORBIDDEN,
  NoSuchBucket: NO_BUCKET,
  RequestTimeTooSkewed: CLOCK,
  RequestExpired: CLOCK,
  RequestInTheFuture: CLOCK,
  PermanentRedirect: WRONG_REGION,
  AuthorizationHeaderMalformed: WRONG_REGION,
  IllegalLocationConstraintException: WRONG_REGION,
  QuotaExceeded: QUOTA,
  XMinioStorageFull: QUOTA,
  InsufficientStorage: QUOTA,
  SlowDown: TOO_BUSY,
  TooManyRequests: TOO_BUSY,
  PreconditionFailed: CONDITION,
  ConditionalRequestConflict: CONDITION,
  NotImplemented: NOT_IMPLEMENTED,
  InvalidObjectState: ARCHIVED,
  TimeoutError: UNREACHABLE,
  ECONNREFUSED: UNREACHABLE,
  ECONNRESET: UNREACHABLE,
  EPIPE: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  SELF_SIGNED_CERT_IN_CHAIN: TLS,
  DEPTH_ZERO_SELF_SIGNED_CERT: TLS,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TLS,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TLS,
  CERT_HAS_EXPIRED: TLS,
  ERR_TLS_CERT_ALTNAME_INVALID: TLS,
};

/** Where the code says nothing, as in the answer to HEAD, which has no body. */
const BY_STATUS: Readonly<Record<number, Explanation>> = {
  301: WRONG_REGION,
  403: FORBIDDEN,
  409: CONDITION,
  412: CONDITION,
  429: TOO_BUSY,
  501: NOT_IMPLEMENTED,
  503: TOO_BUSY,
  507: QUOTA,
};

const UNKNOWN: Explanation = {
  reason: 'failed',
  problem: ({ location, action, key }, told) => `${location} failed at ${action} on ${key}: ${told}`,
  remedy: () => 'Check the log of the S3 server, and run again.',
};

/** What the SDK, Node or the server threw, as an error that a user reads. A StoreError is returned as it is. */
export function toStoreError(error: unknown, request: S3Request): StoreError {
  if (error instanceof StoreError) return error;
  const explanation = explain(error, request);
  const options: FlowkeepErrorOptions = { remedy: explanation.remedy(request), cause: error };
  return new StoreError(explanation.reason, explanation.problem(request, whatWasTold(error)), options);
}

/** The HTTP status of an answer that the SDK threw, or undefined where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
}

/** The server's own code of an error (`NoSuchKey`), or Node's, or the name of the error. */
export function codeOf(error: unknown): string {
  const { code, Code, name } = (error ?? {}) as { code?: string; Code?: string; name?: string };
  return [code, Code, name].find((text) => text !== undefined && text in EXPLANATIONS) ?? Code ?? name ?? '';
}

/** Whether the SDK could make nothing of an answer with a good status: it broke on its way. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof Error && error.message.includes('Deserialization error');
}

/** The error for answers that have a good status and are none of S3's. */
export function notS3({ location, action, key }: S3Request): StoreError {
  return new StoreError('format', `${location} answers ${action} on ${key}, but not like an S3 server`, {
    remedy: 'Check the endpoint of the store; it must not have a login page in front of it.',
  });
}

function explain(error: unknown, { action, headers }: S3Request): Explanation {
  const code = codeOf(error);
  const refused = explainRefusedHeaders(error, { code, status: statusOf(error) }, headers);
  if (refused) return refused;
  // 404: some servers say so of a condition on an object that does not exist.
  if (code === 'NoSuchKey' && action === 's3:PutObject') return CONDITION;
  const known = EXPLANATIONS[code];
  if (known) return known;
  const status = statusOf(error);
  if (status === undefined) return UNKNOWN;
  return BY_STATUS[status] ?? (status >= 500 ? SERVER_FAILED : UNKNOWN);
}

/** The code and the message, without a repetition: servers often leave the message empty. */
function whatWasTold(error: unknown): string {
  const code = codeOf(error);
  const message = messageOf(error);
  if (message === '' || message === 'UnknownError' || message === code) return code || 'no reason given';
  return code === '' || code === 'Error' || message.includes(code) ? message : `${code}: ${message}`;
}
