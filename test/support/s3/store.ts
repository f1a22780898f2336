import { createS3Bucket } from '../../../src/store/objects/buckets/s3.ts';
import type { S3BucketOptions, S3BucketRuntime } from '../../../src/store/objects/buckets/s3/options.ts';
import { createObjectStore, type ObjectStore, type ObjectStoreOptions } from '../../../src/store/objects/store.ts';

/** The settings of a store in a bucket of S3, as the configuration has them. */
export type S3StoreOptions = S3BucketOptions & { readonly name: string };
export type S3StoreRuntime = S3BucketRuntime & Omit<ObjectStoreOptions, 'name' | 'prefix'>;

/** An object store on a bucket of S3. */
export function createS3Store(options: S3StoreOptions, runtime: S3StoreRuntime = {}): ObjectStore {
  const { name, prefix } = options;
  return createObjectStore(createS3Bucket(options, runtime), { name, prefix, ...runtime });
}
