import type { Json } from '../../../src/lib/json/json.ts';

/** A request as hooks and faults see it. */
export interface SeenRequest {
  readonly method: string;
  /** Below `/api/v1`, without the query; whole where it lies elsewhere. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** What goes wrong with a request. */
export type FaultAction =
  /** Another answer than n8n's, as a proxy or an overloaded n8n gives it. Text is sent as HTML, the rest as JSON. */
  | { readonly status: number; readonly body?: Json; readonly headers?: Readonly<Record<string, string>> }
  /** The connection ends after so many bytes of the answer, whose length was announced. */
  | { readonly truncateAfter: number }
  /** The answer comes so many milliseconds later. */
  | { readonly delayMs: number }
  /** The connection is reset. */
  | 'reset'
  /** No answer ever comes. */
  | 'stall'
  /** Each page names itself as the next one (n8n-io/n8n#16394). */
  | 'repeat-cursor';

export interface Fault {
  readonly method?: string;
  readonly path?: string | RegExp;
  /** How many matching requests go well first. Default: none. */
  readonly after?: number;
  /** How many are hit then. Default: one. */
  readonly times?: number;
  /** Whether n8n does what was asked before the answer is lost. Default: false. */
  readonly handled?: boolean;
  readonly action: FaultAction;
}

/** The faults of one server, each with its own count of matching requests. */
export class Faults {
  readonly #active = new Set<{ readonly fault: Fault; seen: number }>();

  /** @returns what takes the fault away again */
  add(fault: Fault): () => void {
    const entry = { fault, seen: 0 };
    this.#active.add(entry);
    return () => void this.#active.delete(entry);
  }

  /** The fault that hits a request, if any. Counts the request for every fault that it matches. */
  take(request: SeenRequest): Fault | undefined {
    let hit: Fault | undefined;
    for (const entry of this.#active) {
      if (!matches(entry.fault, request)) continue;
      entry.seen++;
      const { after = 0, times = 1 } = entry.fault;
      if (entry.seen > after && entry.seen <= after + times) hit ??= entry.fault;
    }
    return hit;
  }
}

function matches({ method, path }: Fault, request: SeenRequest): boolean {
  if (method !== undefined && method !== request.method) return false;
  if (path instanceof RegExp) return path.test(request.path);
  return path === undefined || path === request.path;
}
