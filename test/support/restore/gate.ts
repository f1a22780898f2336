import type { ServerResponse } from 'node:http';
import { pass, startHttpProxy, type HttpProxy } from '../http-proxy.ts';

export type Gate = HttpProxy;

/** What the gate sees of a request. */
export interface PassingRequest {
  readonly method: string;
  readonly path: string;
}

/**
 * A proxy before an n8n that answers some requests itself: what `judge` gives a status for is refused with it, all else
 * goes through and is done even where the client is gone by then.
 */
export async function startGate(
  url: string,
  judge: (request: PassingRequest) => { readonly status: number } | undefined,
): Promise<Gate> {
  return startHttpProxy(url, async ({ method, target }, response, forward) => {
    const refused = judge({ method, path: target });
    if (refused) refuse(response, refused.status);
    else pass(await forward(), response);
  });
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ message: 'not found' }));
}
