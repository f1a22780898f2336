import { FlowkeepError, messageOf } from '../../lib/errors.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** A secret: anyone who knows it may use it. */
  readonly url: URL;
  readonly body?: { readonly type: string; readonly text: string };
}

/** Sends a request once. @throws FlowkeepError that says what went wrong, without the URL */
export async function request({ method, url, body }: HttpRequest, signal: AbortSignal): Promise<void> {
  const response = await answerTo({ method, url, ...(body && { body }) }, signal);
  if (!response.ok) throw new FlowkeepError('alert', `HTTP ${response.status}`);
}

async function answerTo({ method, url, body }: HttpRequest, signal: AbortSignal): Promise<Response> {
  try {
    const response = await fetch(url, {
      method,
      // A redirect would show the secret path to another host.
      redirect: 'manual',
      signal,
      ...(body && { body: body.text, headers: { 'content-type': body.type } }),
    });
    await response.body?.cancel();
    return response;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new FlowkeepError('alert', messageOf(cause).replaceAll(url.href, '[secret]'));
  }
}
