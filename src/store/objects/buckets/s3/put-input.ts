import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { PutOptions } from '../../bucket.ts';
import type { S3BucketOptions } from './options.ts';

/** One upload, with the headers that the settings and its conditions ask for. */
export function putInput(
  { bucket, sse, kmsKeyId, storageClass }: S3BucketOptions,
  key: string,
  bytes: Uint8Array,
  options: PutOptions,
): PutObjectCommandInput {
  return {
    Bucket: bucket,
    Key: key,
    Body: bytes,
    ContentType: key.endsWith('.gz') ? 'application/gzip' : 'application/octet-stream',
    ...(options.ifNoneMatch === undefined ? {} : { IfNoneMatch: options.ifNoneMatch }),
    ...(options.ifMatch === undefined ? {} : { IfMatch: options.ifMatch }),
    ...(sse === null ? {} : { ServerSideEncryption: sse }),
    ...(kmsKeyId === null ? {} : { SSEKMSKeyId: kmsKeyId }),
    ...(storageClass !== null && options.rarelyRead
      ? { StorageClass: storageClass as NonNullable<PutObjectCommandInput['StorageClass']> }
      : {}),
  };
}
