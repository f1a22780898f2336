import type { N8nClient, RequestOptions } from './http/types.ts';

/** The same client for one run: a request that names no signal of its own ends when this one aborts. */
export function withSignal(client: N8nClient, signal: AbortSignal): N8nClient {
  const bound = <O extends RequestOptions>(options?: O): O & { readonly signal: AbortSignal } =>
    ({ ...options, signal: options?.signal ?? signal }) as O & { readonly signal: AbortSignal };
  return {
    url: client.url,
    get stats() {
      return client.stats;
    },
    get: (path, options) => client.get(path, bound(options)),
    post: (path, body, options) => client.post(path, body, bound(options)),
    put: (path, body, options) => client.put(path, body, bound(options)),
    patch: (path, body, options) => client.patch(path, body, bound(options)),
    delete: (path, options) => client.delete(path, bound(options)),
    exportBytes: (path, body, options) => client.exportBytes(path, body, bound(options)),
    upload: (path, form, options) => client.upload(path, form, bound(options)),
    getText: (path, options) => client.getText(path, bound(options)),
    close: () => client.close(),
  };
}
