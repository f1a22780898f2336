import type { JsonObject } from '../../lib/json/json.ts';
import { parsePath, safeId } from './paths.ts';

/**
 * What is wrong with the id of an item that is a file of its own; null where it is the one that its path is made of.
 * Two files can then never be the same item, and an item never another than its path says.
 */
export function idProblem(path: string, item: JsonObject): string | null {
  if (typeof item.id !== 'string' || item.id === '') return 'it has no id';
  if (safeId(item.id) === parsePath(path)?.id) return null;
  return `its id ${JSON.stringify(item.id.slice(0, 100))} is not that of its path`;
}
