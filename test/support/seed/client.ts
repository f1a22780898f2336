import type { JsonObject } from '../../../src/lib/json/json.ts';

export interface SeedTarget {
  readonly url: string;
  readonly apiKey: string;
}

/** Requests that must succeed. */
export interface SeedClient {
  get(path: string): Promise<JsonObject>;
  post(path: string, body?: unknown): Promise<JsonObject>;
  put(path: string, body: unknown): Promise<JsonObject>;
  /** Works on eight items at a time, the most that n8n does faster than one by one. @returns results in order */
  eight<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]>;
}

export function seedClient({ url, apiKey }: SeedTarget): SeedClient {
  async function call(method: string, path: string, body?: unknown): Promise<JsonObject> {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        'X-N8N-API-KEY': apiKey,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 300)}`);
    return text === '' ? {} : (JSON.parse(text) as JsonObject);
  }
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
    async eight(items, work) {
      const results = new Array<Awaited<ReturnType<typeof work>>>(items.length);
      const queue = [...items.entries()].reverse();
      const run = async () => {
        for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
          results[next[0]] = await work(next[1]);
        }
      };
      await Promise.all(Array.from({ length: 8 }, run));
      return results;
    },
  };
}

/** The id in the answer of a create. */
export function idOf(answer: JsonObject): string {
  const { id } = answer;
  if (typeof id !== 'string') throw new Error(`an answer without id: ${JSON.stringify(answer).slice(0, 200)}`);
  return id;
}
