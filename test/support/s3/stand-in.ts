import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '../../../src/lib/secrets/secret.ts';
import { refusalOf, type Dialect } from './dialects.ts';
import { applyToAnswer, type Fault, type S3Call } from './faults.ts';
import { grepBytes, grepOutput } from '../secrets/grep.ts';
import { plant } from '../secrets/planted.ts';
import { errorXml, listingXml } from './xml.ts';
import type { S3StoreOptions } from './store.ts';

export const STAND_IN_ACCESS_KEY = 'standin';
/** Any is taken, since signatures are not checked. */
export const STAND_IN_SECRET_KEY = 'planted/S3+secret=of-the-stand-in';
export const STAND_IN_BUCKET = 'backups';

export interface StandInObject {
  bytes: Buffer;
  /** Milliseconds since 1970; tests set it back to make an object old. */
  lastModified: number;
  etag: string;
}

export interface StandInOptions {
  /** What the server makes of conditional writes. Default: it honours them. */
  conditions?: 'honoured' | 'ignored' | 'unsupported';
  /** Which headers it refuses. Default: none. */
  dialect?: Dialect;
  /** By how many milliseconds its clock is ahead of this machine's. */
  clockAheadMs?: number;
}

/**
 * A small S3 server in memory, on 127.0.0.1: one bucket, path style, listings in pages of 1,000, conditional writes,
 * and faults. It checks the access key but not the signature.
 */
export class S3StandIn implements AsyncDisposable {
  /** By key; tests look into it and spoil it. */
  readonly objects = new Map<string, StandInObject>();
  /** Every request since the start, in order. */
  readonly calls: S3Call[] = [];
  /** Decides for each request whether something goes wrong with it. */
  fault: (call: S3Call) => Fault | null = () => null;
  options: StandInOptions;
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  static async start(options: StandInOptions = {}): Promise<S3StandIn> {
    const standIn = new S3StandIn(options);
    await new Promise<void>((resolve) => standIn.#server.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  private constructor(options: StandInOptions) {
    this.options = options;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Options of a store on this server. */
  storeOptions(changes: Partial<S3StoreOptions> = {}): S3StoreOptions {
    return s3Options(
      `http://127.0.0.1:${this.port}`,
      STAND_IN_BUCKET,
      STAND_IN_ACCESS_KEY,
      STAND_IN_SECRET_KEY,
      changes,
    );
  }

  /** How often each method was called since `calls` was emptied. */
  count(method: S3Call['method']): number {
    return this.calls.filter((call) => call.method === method).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [key, { bytes }] of this.objects) {
      grepOutput('a key of the bucket', key);
      grepBytes(`${key} in the bucket`, bytes);
    }
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, bucket = '', ...segments] = url.pathname.split('/');
    const key = decodeURIComponent(segments.join('/'));
    const isList = request.method === 'GET' && url.searchParams.has('list-type');
    const method = isList ? 'LIST' : (request.method as S3Call['method']);
    const call: S3Call = { method, key: isList ? (url.searchParams.get('prefix') ?? '') : key };
    this.calls.push(call);
    const fault = this.fault(call);
    if (fault?.reset) return void request.socket.resetAndDestroy();
    if (fault?.cutUpload) {
      request.once('data', () => request.socket.resetAndDestroy());
      return;
    }
    const body = await readAll(request);
    response.setHeader('Date', new Date(this.#now()).toUTCString());
    if (fault?.page !== undefined) {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(fault.page);
      return;
    }
    if (fault?.status !== undefined) return refuse(response, fault.status, fault.code ?? 'InternalError');
    if (!request.headers.authorization?.includes(`Credential=${STAND_IN_ACCESS_KEY}/`)) {
      return refuse(response, 403, 'InvalidAccessKeyId');
    }
    if (bucket !== STAND_IN_BUCKET) return refuse(response, 404, 'NoSuchBucket');
    await applyToAnswer(fault, request, response, () => this.#serve(call, url, request, response, body));
  }

  #serve(call: S3Call, url: URL, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    if (call.method === 'LIST') return this.#list(url.searchParams, response);
    if (call.method === 'PUT') return this.#put(call.key, request, response, body);
    if (call.method === 'DELETE') return this.#delete(call.key, request, response);
    return this.#get(call.key, request, response);
  }

  #list(query: URLSearchParams, response: ServerResponse): void {
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const keys = [...this.objects.keys()]
      .filter(
        (key) => key.startsWith(query.get('prefix') ?? '') && Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0,
      )
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const page = keys.slice(0, 1000).map((key) => ({ key, ...(this.objects.get(key) as StandInObject) }));
    response.setHeader('Content-Type', 'application/xml').end(listingXml(page, keys.length > page.length));
  }

  #get(key: string, request: IncomingMessage, response: ServerResponse): void {
    const object = this.objects.get(key);
    if (!object) return refuse(response, 404, 'NoSuchKey');
    const end = /^bytes=0-(\d+)$/.exec(request.headers.range ?? '')?.[1];
    if (end !== undefined && object.bytes.length === 0) return refuse(response, 416, 'InvalidRange');
    const bytes = end === undefined ? object.bytes : object.bytes.subarray(0, Number(end) + 1);
    response.writeHead(end === undefined ? 200 : 206, {
      ETag: object.etag,
      'Last-Modified': new Date(object.lastModified).toUTCString(),
      'Content-Length': bytes.length,
    });
    response.end(request.method === 'HEAD' ? undefined : bytes);
  }

  #put(key: string, request: IncomingMessage, response: ServerResponse, bytes: Buffer): void {
    const refusal = this.options.dialect === undefined ? null : refusalOf(this.options.dialect, request.headers);
    if (refusal) return refuse(response, refusal.status, refusal.code, refusal.message);
    if (!this.#conditionsHold(key, request, response)) return;
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    // S3 keeps times in whole seconds.
    this.objects.set(key, { bytes, etag, lastModified: Math.floor(this.#now() / 1000) * 1000 });
    response.setHeader('ETag', etag).end();
  }

  #delete(key: string, request: IncomingMessage, response: ServerResponse): void {
    if (!this.#conditionsHold(key, request, response)) return;
    this.objects.delete(key);
    response.writeHead(204).end();
  }

  #conditionsHold(key: string, request: IncomingMessage, response: ServerResponse): boolean {
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
    const { conditions = 'honoured' } = this.options;
    if (conditions === 'ignored' || (ifMatch ?? ifNoneMatch) === undefined) return true;
    const etag = this.objects.get(key)?.etag;
    const holds = ifMatch === undefined ? etag === undefined : etag === ifMatch;
    if (conditions === 'unsupported') refuse(response, 501, 'NotImplemented');
    else if (!holds) refuse(response, 412, 'PreconditionFailed');
    return conditions === 'honoured' && holds;
  }

  #now(): number {
    return Date.now() + (this.options.clockAheadMs ?? 0);
  }
}

/** Options of a store with a prefix, as most people have it. */
export function s3Options(
  endpoint: string,
  bucket: string,
  accessKey: string,
  secretKey: string,
  changes: Partial<S3StoreOptions> = {},
): S3StoreOptions {
  plant(secretKey, 'secret key of S3');
  return {
    name: 'offsite',
    bucket,
    prefix: 'n8n',
    region: 'us-east-1',
    endpoint,
    forcePathStyle: true,
    accessKeyId: new Secret(accessKey),
    secretAccessKey: new Secret(secretKey),
    sse: null,
    kmsKeyId: null,
    storageClass: null,
    checksums: 'when-supported',
    ...changes,
  };
}

function refuse(response: ServerResponse, status: number, code: string, message?: string): void {
  response.writeHead(status, { 'Content-Type': 'application/xml' });
  response.end(response.req.method === 'HEAD' ? undefined : errorXml(code, message));
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
