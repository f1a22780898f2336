import type { JsonObject } from '../../lib/json/json.ts';
import { N8nError } from '../../n8n/http/errors.ts';
import type { Query } from '../../n8n/http/types.ts';
import { KIND, type Kind, type ListKind } from '../../kinds/kinds.ts';
import type { Identified } from '../../kinds/fields.ts';
import { listPath } from '../format/paths.ts';
import { putJson, type CollectContext, type KindContent } from './context.ts';
import { listItems } from './list-items.ts';

/** How a kind is read. */
export type Collector = (context: CollectContext, kind: Kind) => Promise<KindContent>;

/**
 * The collector of a kind that is one sorted list in one file. An instance that has none of a kind still gets its
 * file: `[]`. `parse` checks one item, `sort` brings all into the stored order.
 */
export function collectList<T extends Identified>(
  parse: (value: unknown) => T,
  sort: (items: readonly T[]) => T[],
  query: Query = {},
): Collector {
  return async (context, kind) => put(context, kind, sort(await listItems(context, kind, parse, query)));
}

/** The same for a kind that n8n gives as a bare array (docs/internal/n8n-api-notes.md, Lists). */
export function collectWhole<T extends JsonObject>(
  parse: (value: unknown) => T,
  sort: (items: readonly T[]) => T[],
): Collector {
  return async (context, kind) => {
    const { path } = KIND[kind];
    const parseAll = (answer: unknown): T[] => {
      if (Array.isArray(answer)) return answer.map(parse);
      throw new N8nError('invalid-answer', `n8n answered GET ${path} with no list`);
    };
    const check = (answer: unknown): void => void parseAll(answer);
    const answer = await context.client.get(path, { signal: context.signal, check });
    return put(context, kind, sort(parseAll(answer)));
  };
}

function put(context: CollectContext, kind: Kind, items: readonly JsonObject[]): KindContent {
  putJson(context, listPath(kind as ListKind), items);
  return { items: items.length };
}
