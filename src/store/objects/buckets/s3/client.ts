import type * as Sdk from '@aws-sdk/client-s3';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { StoreError } from '../../../errors.ts';
import { revealNow } from '../../../reveal.ts';
import { DEFAULT_CONCURRENCY, DEFAULT_MAX_ATTEMPTS, DEFAULT_TIMEOUT_MS } from './options.ts';
import type { S3BucketOptions, S3BucketRuntime } from './options.ts';

export interface S3Connection {
  readonly sdk: typeof Sdk;
  readonly client: S3Client;
}

/** The SDK and a client. The SDK is loaded here and not at the top: it takes longer than the rest of the program. */
export async function connect(options: S3BucketOptions, runtime: S3BucketRuntime): Promise<S3Connection> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client(clientConfig(options, runtime));
  await checkRegion(client, options);
  return { sdk, client };
}

function clientConfig(options: S3BucketOptions, runtime: S3BucketRuntime): S3ClientConfig {
  const timeoutMs = runtime.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const region = options.region ?? (options.endpoint === null ? null : 'us-east-1');
  return {
    forcePathStyle: options.forcePathStyle,
    maxAttempts: runtime.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
    retryMode: 'standard',
    requestChecksumCalculation: options.checksums === 'when-required' ? 'WHEN_REQUIRED' : 'WHEN_SUPPORTED',
    // Most servers return no checksum; every read is checked against flowkeep's own hash instead.
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: timeoutMs,
      // Of a connection on which nothing moves, in either direction: without it the SDK waits for ever on a silent
      // server. A limit on the whole request would fail large files on slow lines.
      socketTimeout: timeoutMs,
      httpAgent: { keepAlive: true, maxSockets: 2 * (runtime.concurrency ?? DEFAULT_CONCURRENCY) },
      httpsAgent: { keepAlive: true, maxSockets: 2 * (runtime.concurrency ?? DEFAULT_CONCURRENCY) },
    },
    ...(region === null ? {} : { region }),
    ...(options.endpoint === null ? {} : { endpoint: options.endpoint }),
    ...explicitCredentials(options),
  };
}

function explicitCredentials({ accessKeyId, secretAccessKey }: S3BucketOptions): S3ClientConfig {
  if (accessKeyId === undefined || secretAccessKey === undefined) return {};
  return {
    // Asked again for each request, since the SDK keeps what does not expire: the files may have been rotated.
    credentials: async () => ({
      accessKeyId: revealNow(accessKeyId),
      secretAccessKey: revealNow(secretAccessKey),
      expiration: new Date(0),
    }),
  };
}

/** The SDK looks for the region late, and its message names no setting of flowkeep's. */
async function checkRegion(client: S3Client, options: S3BucketOptions): Promise<void> {
  try {
    await client.config.region();
  } catch (error) {
    client.destroy();
    throw new StoreError('failed', `no region is known for the bucket "${options.bucket}"`, {
      remedy: "Set the store's region, or AWS_REGION.",
      cause: error,
    });
  }
}
