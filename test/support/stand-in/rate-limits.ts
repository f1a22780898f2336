import { rawAnswer, type RawAnswer } from './respond.ts';
import { matchRoute } from './routes.ts';
import type { Route } from './exchange.ts';

/** How many requests an API key may make in a window: to one endpoint, and to all of them. */
export interface RequestLimit {
  readonly perEndpoint: number;
  readonly global: number;
}

/**
 * n8n's limits from 2.47.0 on, as its documentation tells of them (docs/internal/n8n-api-notes.md, Rate limits): each
 * read or write counts for its endpoint and for all reads or writes; what is refused is neither run nor counted; the
 * headers tell of the limit with the fewest requests left.
 */
export interface RequestLimits {
  readonly reads: RequestLimit;
  readonly writes: RequestLimit;
  /** Default: a minute. */
  readonly windowMs?: number;
}

interface Window {
  readonly limit: number;
  readonly resetAt: number;
  used: number;
}

export type Counted = { readonly headers: Readonly<Record<string, string>> } | { readonly refusal: RawAnswer };

/** Counts requests. A window begins with the first request that counts in it. */
export class RequestCounts {
  readonly #limits: RequestLimits;
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(limits: RequestLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  take(key: string, method: string, path: string, routes: readonly Route[]): Counted {
    const direction = method === 'GET' ? 'reads' : 'writes';
    const match = matchRoute(routes, method, path);
    const endpoint = typeof match === 'string' ? path : match.route.path;
    const { perEndpoint, global } = this.#limits[direction];
    const windows = [
      this.#window(`${key} ${direction} ${endpoint}`, perEndpoint),
      this.#window(`${key} ${direction}`, global),
    ];
    const isRefused = windows.some(({ used, limit }) => used >= limit);
    if (!isRefused) for (const window of windows) window.used++;
    const [tightest = windows[0]!] = windows.toSorted((a, b) => a.limit - a.used - (b.limit - b.used));
    const headers = this.#headersOf(tightest);
    if (!isRefused) return { headers };
    const { headers: json, ...refusal } = rawAnswer({ status: 429, json: { message: 'Too many requests' } });
    const seconds = Math.ceil((tightest.resetAt - this.#now()) / 1000);
    return { refusal: { ...refusal, headers: { ...json, ...headers, 'retry-after': String(seconds) } } };
  }

  #window(name: string, limit: number): Window {
    const known = this.#windows.get(name);
    if (known !== undefined && known.resetAt > this.#now()) return known;
    const made = { limit, resetAt: this.#now() + (this.#limits.windowMs ?? 60_000), used: 0 };
    this.#windows.set(name, made);
    return made;
  }

  #headersOf({ limit, used, resetAt }: Window): Record<string, string> {
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(limit - used),
      'x-ratelimit-reset': String(Math.ceil((resetAt - this.#now()) / 1000)),
    };
  }
}
