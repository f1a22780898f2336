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
    ...checkReferences(listsIn(document, 'instances', 'stores'), document['stores'], 'a store'),
    ...checkReferences(listsIn(document, 'alerts', 'instances'), document['instances'], 'an instance'),
    ...listsIn(document, 'instances', 'kinds').flatMap(checkRepeated),
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

interface List {
  readonly path: PropertyKey[];
  readonly list: readonly unknown[];
}

/** Names that stand for what another section defines. */
function checkReferences(lists: readonly List[], defined: unknown, what: string): LocatedProblem[] {
  if (!isSection(defined)) return [];
  const known = Object.keys(defined);
  return lists.flatMap(({ path, list }) =>
    list.flatMap((name, index) => {
      if (typeof name !== 'string') return [];
      if (list.indexOf(name) < index) return [repeated([...path, index])];
      if (known.includes(name)) return [];
      const message = `is not the name of ${what}`;
      return [{ path: [...path, index], message, remedy: remedyFor(name, known) }];
    }),
  );
}

function checkRepeated({ path, list }: List): LocatedProblem[] {
  return list.flatMap((kind, index) => (list.indexOf(kind) < index ? [repeated([...path, index])] : []));
}

function repeated(path: PropertyKey[]): LocatedProblem {
  return { path, message: 'is given twice', remedy: 'remove one of them' };
}

/** The lists with this key in each entry of a section, which is a list itself or a mapping. */
function listsIn(document: Record<string, unknown>, section: string, key: string): List[] {
  const value = document[section];
  const entries: Iterable<[PropertyKey, unknown]> = Array.isArray(value)
    ? value.entries()
    : Object.entries(isSection(value) ? value : {});
  return [...entries].flatMap(([at, entry]) => {
    const list = isSection(entry) ? entry[key] : undefined;
    return Array.isArray(list) ? [{ path: [section, at, key], list: list as unknown[] }] : [];
  });
}
