import type * as z from 'zod';
import { isSection, valueAt, type Path } from '../problems/path.ts';

/** The keys that the schema knows at a path, following the document where the schema has alternatives. */
export function knownKeys(schema: z.core.$ZodType, path: Path, document: unknown): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return knownKeys(def.innerType, path, document);
    case 'pipe':
      return knownKeys(def.in, path, document);
    case 'union': {
      const option = def.options.find((option) => fits(option, document)) ?? def.options[0];
      return option ? knownKeys(option, path, document) : [];
    }
    case 'array':
      return path.length === 0 ? [] : knownKeys(def.element, path.slice(1), childOf(document, path));
    case 'record':
      return path.length === 0 ? [] : knownKeys(def.valueType, path.slice(1), childOf(document, path));
    case 'object': {
      if (path.length === 0) return Object.keys(def.shape);
      const child = def.shape[String(path[0])];
      return child ? knownKeys(child, path.slice(1), childOf(document, path)) : [];
    }
    default:
      return [];
  }
}

function childOf(document: unknown, path: Path): unknown {
  return valueAt(document, path.slice(0, 1));
}

/** Whether a value is of the alternative: a list, or a section of the `type` that it names, if any. */
function fits(option: z.core.$ZodType, document: unknown): boolean {
  const { def } = (option as z.core.$ZodTypes)._zod;
  if (def.type === 'array') return Array.isArray(document);
  if (def.type !== 'object' || !isSection(document)) return false;
  const type = (def.shape['type'] as z.core.$ZodTypes | undefined)?._zod.def;
  return type?.type === 'literal' && (type.values as unknown[]).includes(document['type']);
}
