import type { ServerResponse } from 'node:http';
import { type IncomingMessage } from 'node:http';

export interface S3Call {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE' | 'LIST';
  /** For LIST the prefix. */
  readonly key: string;
}

/** What goes wrong with one request. */
export interface Fault {
  /** Answers with this status, and `code` in the body, without doing anything. */
  readonly status?: number;
  readonly code?: string;
  /** Answers with this page and status 200, without doing anything: a network that wants a sign-in first. */
  readonly page?: string;
  /** Resets the connection without doing anything: the server is gone. */
  readonly reset?: true;
  /** Resets the connection in the middle of an upload. */
  readonly cutUpload?: true;
  /** Does what was asked, and resets the connection instead of answering. */
  readonly loseAnswer?: true;
  /** Sends so many bytes of the body less than announced, then ends the connection. */
  readonly truncateBy?: number;
  /** Changes the byte at this place of the body, counted from its end, on its way. */
  readonly flipByte?: number;
  /** Never answers. */
  readonly silent?: true;
  /** Answers only once this resolves. */
  readonly until?: Promise<void>;
}

/** Serves a request as the fault, if there is one, has it. */
export async function applyToAnswer(
  fault: Fault | null,
  request: IncomingMessage,
  response: ServerResponse,
  serve: () => void,
): Promise<void> {
  if (fault?.silent) return;
  await fault?.until;
  if (fault?.loseAnswer) {
    response.end = ((): ServerResponse => {
      request.socket.resetAndDestroy();
      return response;
    }) as ServerResponse['end'];
  }
  if (fault?.truncateBy !== undefined) truncate(response, fault.truncateBy);
  if (fault?.flipByte !== undefined) flip(response, fault.flipByte);
  serve();
}

function flip(response: ServerResponse, place: number): void {
  const end = response.end.bind(response);
  response.end = ((body?: Buffer): ServerResponse => {
    const bytes = Buffer.from(body ?? '');
    if (bytes.length > 0) bytes[bytes.length - 1 - (place % bytes.length)]! ^= 0x10;
    return end(bytes);
  }) as ServerResponse['end'];
}

function truncate(response: ServerResponse, by: number): void {
  response.end = ((body: Buffer): ServerResponse => {
    response.write(body.subarray(0, Math.max(0, body.length - by)), () => response.socket?.destroy());
    return response;
  }) as ServerResponse['end'];
}

/** A fault for the first `times` requests that `matches`. */
export function firstTimes(
  times: number,
  matches: (call: S3Call) => boolean,
  fault: Fault,
): (call: S3Call) => Fault | null {
  let left = times;
  return (call) => (matches(call) && left-- > 0 ? fault : null);
}
