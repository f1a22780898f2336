import * as z from 'zod';
import { rule } from '../problems/validation-issue.ts';
import * as field from './fields.ts';
import { encryptField } from './schema-encrypt.ts';
import { policyFields } from './schema-policy.ts';
import { secretField, type ResolveContext } from '../secrets.ts';

/** The settings of an S3 store. */
export function s3StoreSchema(context: ResolveContext) {
  const secret = secretField(context);
  return z
    .strictObject({
      type: z.literal('s3').describe('A bucket of S3 or of a server that speaks its protocol.'),
      bucket: field.bucketName.describe('Name of the bucket.'),
      prefix: field.keyPrefix.default('').describe('Folder within the bucket, so that it can be shared.'),
      region: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe("Region; null: from the AWS SDK's usual chain."),
      endpoint: field.serverUrl
        .nullable()
        .default(null)
        .describe('URL of an S3-compatible server; null: AWS.'),
      timeout: field.duration.prefault('30s').describe('Idle timeout of a connection to the server.'),
      forcePathStyle: z
        .boolean()
        .default(false)
        .describe('Put the bucket in the path, not in the host name.'),
      accessKeyId: secret.optional().describe("Access key; without it, the AWS SDK's usual chain."),
      secretAccessKey: secret.optional().describe('Secret of the access key.'),
      sse: z
        .enum(['AES256', 'aws:kms', 'aws:kms:dsse'])
        .nullable()
        .default(null)
        .describe('Server-side encryption to request; null: the default of the bucket.'),
      kmsKeyId: z.string().min(1).nullable().default(null).describe('KMS key of the encryption.'),
      storageClass: field.storageClass
        .nullable()
        .default(null)
        .describe('Storage class; null: the default one.'),
      checksums: z
        .enum(['when-supported', 'when-required'])
        .default('when-supported')
        .describe('`when-required` for servers that refuse the newer checksums.'),
      retention: retentionSchema
        .nullable()
        .default(null)
        .describe('Retention policy; null: snapshots are never removed.'),
      ...policyFields,
      encrypt: encryptField(context),
    })
    .check(
      rule('secretAccessKey', (store) => store.accessKeyId == null || store.secretAccessKey != null, {
        message: 'is missing beside accessKeyId',
        remedy: 'give both, or neither',
      }),
      rule('accessKeyId', (store) => store.secretAccessKey == null || store.accessKeyId != null, {
        message: 'is missing beside secretAccessKey',
        remedy: 'give both, or neither',
      }),
      rule('kmsKeyId', (store) => store.kmsKeyId == null || String(store.sse).startsWith('aws:kms'), {
        message: 'has no effect without sse: aws:kms',
        remedy: 'set sse to aws:kms, or remove kmsKeyId',
      }),
    );
}

const count = z.int().min(0).max(100_000).default(0);
const retentionSchema = z
  .strictObject({
    keepLast: count.describe('Keep the last N snapshots.'),
    keepHourly: count.describe('Keep the newest snapshot of each of the last N hours that have one.'),
    keepDaily: count.describe('The same for days.'),
    keepWeekly: count.describe('The same for weeks.'),
    keepMonthly: count.describe('The same for months.'),
    keepYearly: count.describe('The same for years.'),
    keepWithin: field.duration
      .optional()
      .describe('Keep all snapshots younger than this: 30m, 12h, 7d, 2w or 1y.'),
  })
  .check(
    rule('keepLast', (retention) => Object.values(retention).some((value) => value !== 0 && value != null), {
      message: 'is 0, and so is every other rule: prune would remove all but the newest snapshot',
      remedy: 'set at least one of the keep rules, or retention to null to keep everything',
    }),
  );
