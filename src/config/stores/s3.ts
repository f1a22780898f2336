import * as z from 'zod';
import { rememberSecret } from '../../lib/secrets/redact.ts';
import { formatDuration } from '../duration.ts';
import { setting, textToValue } from '../environment/env-values.ts';
import { remedyFor } from '../problems/suggest.ts';
import { rule, text } from '../problems/validation-issue.ts';
import { duration, serverUrl } from '../schema/fields.ts';
import { storeFields } from '../schema/store-fields.ts';
import { secretField, type ResolveContext } from '../secrets.ts';
import { credentialsInUrl, withoutUserinfo } from '../urls.ts';
import { prefixField, printRetention, retentionField, retentionVariables } from './object-store.ts';
import type { Section, StoreType, UrlReading } from './store-type.ts';

const variables = [
  setting('FLOWKEEP_S3_BUCKET', 'bucket'),
  setting('FLOWKEEP_S3_PREFIX', 'prefix'),
  setting('FLOWKEEP_S3_REGION', 'region'),
  setting('FLOWKEEP_S3_ENDPOINT', 'endpoint'),
  setting('FLOWKEEP_S3_TIMEOUT', 'timeout'),
  setting('FLOWKEEP_S3_FORCE_PATH_STYLE', 'forcePathStyle', 'boolean'),
  setting('FLOWKEEP_S3_ACCESS_KEY_ID', 'accessKeyId', 'secret'),
  setting('FLOWKEEP_S3_SECRET_ACCESS_KEY', 'secretAccessKey', 'secret'),
  setting('FLOWKEEP_S3_SSE', 'sse'),
  setting('FLOWKEEP_S3_KMS_KEY_ID', 'kmsKeyId'),
  setting('FLOWKEEP_S3_STORAGE_CLASS', 'storageClass'),
  setting('FLOWKEEP_S3_CHECKSUMS', 'checksums'),
  ...retentionVariables,
];

/** What the S3 client finds by itself is a secret that no part of flowkeep holds. */
const AWS_SECRETS = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN'];

export const s3Store: StoreType<ReturnType<typeof schema>> = {
  schema,
  variables,
  urlForms: ['s3://bucket/prefix?region=…'],
  parseUrl: (text) => (text.startsWith('s3://') ? parseUrl(text) : null),
  print({ endpoint, retention, timeout, ...rest }) {
    return {
      ...rest,
      timeout: formatDuration(timeout),
      endpoint: endpoint === null ? null : withoutUserinfo(endpoint),
      retention: printRetention(retention),
    };
  },
  async open(store, { env, logger, clock }) {
    for (const name of AWS_SECRETS) rememberSecret(env[name] ?? '');
    const { createObjectStore } = await import('../../store/objects/store.ts');
    const { createS3Bucket } = await import('../../store/objects/buckets/s3.ts');
    const { name, prefix, timeout } = store;
    return createObjectStore(createS3Bucket(store, { timeoutMs: timeout, clock }), {
      name,
      prefix,
      logger,
      clock,
    });
  },
};

function schema(context: ResolveContext) {
  const secret = secretField(context);
  return z
    .strictObject({
      type: z.literal('s3').describe('A bucket of S3 or of a server that speaks its protocol.'),
      bucket: bucketName.describe('Name of the bucket.'),
      prefix: prefixField,
      region: z.string().min(1).nullable().default(null).describe("Region; null: from the AWS SDK's usual chain."),
      endpoint: serverUrl.nullable().default(null).describe('URL of an S3-compatible server; null: AWS.'),
      timeout: duration.prefault('30s').describe('Idle timeout of a connection to the server.'),
      forcePathStyle: z.boolean().default(false).describe('Put the bucket in the path, not in the host name.'),
      accessKeyId: secret.exactOptional().describe("Access key; without it, the AWS SDK's usual chain."),
      secretAccessKey: secret.exactOptional().describe('Secret of the access key.'),
      sse: z
        .enum(['AES256', 'aws:kms', 'aws:kms:dsse'])
        .nullable()
        .default(null)
        .describe('Server-side encryption to request; null: the default of the bucket.'),
      kmsKeyId: z.string().min(1).nullable().default(null).describe('KMS key of the encryption.'),
      storageClass: storageClass.nullable().default(null).describe('Storage class; null: the default one.'),
      checksums: z
        .enum(['when-supported', 'when-required'])
        .default('when-supported')
        .describe('`when-required` for servers that refuse the newer checksums.'),
      retention: retentionField,
      ...storeFields(context),
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

/** Letters, digits, dots and dashes, as S3 requires; underscores and capitals are of older buckets. */
const bucketName = text((value) => {
  if (/^[A-Za-z0-9][\w.-]{0,254}$/.test(value)) return null;
  return {
    message: 'is not the name of a bucket',
    remedy: 'write the name alone; the path goes into prefix',
  };
});

/** Classes that must be thawed before they are read would make a backup that cannot be verified or restored. */
const storageClass = text((value) => {
  if (value === 'GLACIER' || value === 'DEEP_ARCHIVE') {
    return { message: 'cannot be read back immediately', remedy: 'use GLACIER_IR, STANDARD_IA or STANDARD' };
  }
  if (/^[A-Z0-9_]{1,64}$/.test(value)) return null;
  return { message: 'is not a storage class', remedy: 'for example: STANDARD_IA' };
});

function parseUrl(text: string): UrlReading {
  const url = URL.parse(text);
  if (!url || url.hostname === '') return { message: 'has no bucket' };
  const credentials = credentialsInUrl('FLOWKEEP_S3_ACCESS_KEY_ID and FLOWKEEP_S3_SECRET_ACCESS_KEY');
  if (url.username !== '' || url.password !== '') return credentials;
  const prefix = decoded(url.pathname);
  if (prefix === null) return { message: 'has an invalid percent escape (%) in its prefix', remedy: 'write % as %25' };
  const settings: Section = { bucket: url.hostname, prefix };
  for (const [name, value] of url.searchParams) {
    if (/key|secret|token|password/i.test(name) && name !== 'kmsKeyId') return credentials;
    const option = URL_OPTIONS.get(name);
    if (!option) return unknownOption(name);
    settings[name] = textToValue(value, option.type, '');
  }
  return { settings };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** Options of one word: nested ones and secrets have their variables only. */
const URL_OPTIONS = new Map(
  variables
    .filter(({ path, type }) => path.length === 1 && type !== 'secret')
    .map((setting) => [setting.path.join('.'), setting] as const)
    .filter(([name]) => name !== 'bucket' && name !== 'prefix'),
);

function unknownOption(name: string): UrlReading {
  const shown = /^[A-Za-z-_]{1,20}$/.test(name) ? ` ${name}` : '';
  return { message: `has an unknown option${shown}`, remedy: remedyFor(name, [...URL_OPTIONS.keys()]) };
}
