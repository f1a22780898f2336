import type { IncomingHttpHeaders } from 'node:http';

/** Servers that speak most of S3's protocol, and refuse some of its headers. */
export type Dialect = 'b2' | 'ovh' | 'gcs' | 'gcs-signature' | 'huawei' | 'conditions-400' | 'oss';

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const NOT_IMPLEMENTED = 'A header you provided implies functionality that is not implemented';

/** What such a server answers to an upload with these headers; null: it takes it. */
export function refusalOf(dialect: Dialect, headers: IncomingHttpHeaders): Refusal | null {
  const checksum = Object.keys(headers).find((name) => /^x-amz-(sdk-)?checksum/.test(name));
  const condition = ['if-match', 'if-none-match'].find((name) => name in headers);
  switch (dialect) {
    // https://www.backblaze.com/docs/cloud-storage-s3-compatible-api, "Unsupported Features"; the words as they are
    // reported in github.com/nocodb/nocodb/issues/10942.
    case 'b2':
      return checksum === undefined ? null : invalid(`Unsupported header '${checksum}' received for this API call.`);
    // github.com/ovh/public-cloud-roadmap/issues/781 names the headers that are not supported, and no code.
    case 'ovh':
      return checksum === undefined ? null : invalid(`Value of header ${checksum} is not supported`);
    // github.com/milvus-io/milvus-storage/pull/480.
    case 'gcs':
      return checksum === undefined
        ? null
        : { status: 400, code: 'ExcessHeaderValues', message: 'Multiple values given for a header' };
    // github.com/aws/aws-sdk-java-v2/issues/5987.
    case 'gcs-signature':
      return checksum === undefined ? null : { status: 403, code: 'SignatureDoesNotMatch', message: 'Access denied.' };
    // github.com/milvus-io/milvus-storage/pull/500.
    case 'huawei':
      return checksum === undefined ? null : { status: 400, code: 'XAmzContentSHA256Mismatch', message: '' };
    case 'conditions-400':
      return condition === undefined ? null : invalid(`Unsupported header '${condition}' received for this API call.`);
    // github.com/tobi/walgit/issues/67: Alibaba Cloud OSS.
    case 'oss':
      return condition === undefined ? null : { status: 501, code: 'NotImplemented', message: NOT_IMPLEMENTED };
  }
}

function invalid(message: string): Refusal {
  return { status: 400, code: 'InvalidArgument', message };
}
