import { nameIssue } from './names.ts';
import { isSection } from '../problems/path.ts';
import type { LocatedProblem } from '../problems/problems.ts';
import { remedyFor } from '../problems/suggest.ts';

/**
 * What no single setting shows: names, and references from one section to another. Looks at the document as written,
 * so that these problems are reported together with those of the schema; wrong types are the schema's business.
 */
export function crossCheck(document: Record<string, unknown>): LocatedProblem[] {
  return [
    ...checkNames('instances', document['instances']),
    ...checkNames('stores', document['stores']),
    ...checkStoreReferences(document['instances'], document['stores']),
    ...checkRepeatedKinds(document['instances']),
  ];
}

function checkNames(section: string, value: unknown): LocatedProblem[] {
  if (!isSection(value)) return [];
  const names = Object.keys(value);
  if (names.length === 0)
    return [{ path: [section], message: 'is empty', remedy: `name at least one below ${section}` }];
  const seen = new Map<string, string>();
  return names.flatMap((name) => {
    const issue = nameIssue(name);
    if (issue) return [{ path: [section, name], ...issue }];
    const twin = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), name);
    if (twin === undefined) return [];
    const message = `differs from ${twin} in case only, which is the same folder on some disks`;
    return [{ path: [section, name], message, remedy: 'rename one of them' }];
  });
}

function checkStoreReferences(instances: unknown, stores: unknown): LocatedProblem[] {
  if (!isSection(instances) || !isSection(stores)) return [];
  const known = Object.keys(stores);
  return listsOf(instances, 'stores').flatMap(({ path, list }) =>
    list.flatMap((name, index) => {
      if (typeof name !== 'string') return [];
      if (list.indexOf(name) < index) return [repeated([...path, index])];
      if (known.includes(name)) return [];
      return [
        { path: [...path, index], message: 'is not the name of a store', remedy: remedyFor(name, known) },
      ];
    }),
  );
}

function checkRepeatedKinds(instances: unknown): LocatedProblem[] {
  if (!isSection(instances)) return [];
  return listsOf(instances, 'kinds').flatMap(({ path, list }) =>
    list.flatMap((kind, index) => (list.indexOf(kind) < index ? [repeated([...path, index])] : [])),
  );
}

function repeated(path: PropertyKey[]): LocatedProblem {
  return { path, message: 'is given twice', remedy: 'remove one of them' };
}

function listsOf(
  instances: Record<string, unknown>,
  key: string,
): { path: PropertyKey[]; list: unknown[] }[] {
  return Object.entries(instances).flatMap(([name, instance]) => {
    const list = isSection(instance) ? instance[key] : undefined;
    return Array.isArray(list) ? [{ path: ['instances', name, key], list: list as unknown[] }] : [];
  });
}
