import { listAll } from '../../n8n/list/paginate.ts';
import type { Query } from '../../n8n/http/types.ts';
import { KIND, type Kind } from '../../kinds/kinds.ts';
import type { CollectContext } from './context.ts';

/** Reads a whole list of light items, each checked by `parse`, each once. */
export async function listItems<T extends { id: string }>(
  context: CollectContext,
  kind: Kind,
  parse: (value: unknown) => T,
  query: Query = {},
): Promise<T[]> {
  const items = new Map<string, T>();
  const ids = await listAll(context.client, KIND[kind].path, {
    query,
    signal: context.signal,
    logger: context.logger,
    check: (item) => void parse(item),
    onPage: (page) => {
      for (const item of page.map(parse)) items.set(item.id, item);
      context.report(kind, items.size);
    },
  });
  return ids.flatMap((id) => items.get(id) ?? []);
}
