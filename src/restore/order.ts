import { KINDS, type Kind } from '../resources/kinds.ts';

/**
 * The order in which kinds are restored: each after everything that it may refer to. Deletion runs it in reverse.
 * Tags of workflows, publishing and archiving follow after the last kind.
 */
export const RESTORE_ORDER = [
  'community-packages',
  'users',
  'projects',
  'folders',
  'tags',
  'variables',
  'credentials',
  'data-tables',
  'workflows',
] as const satisfies readonly Kind[];

/** Compares kinds by their place in the order of restoring. */
export function compareKinds(a: Kind, b: Kind): number {
  return RESTORE_ORDER.indexOf(a) - RESTORE_ORDER.indexOf(b);
}

const SINGULAR: Readonly<Record<Kind, string>> = {
  workflows: 'workflow',
  credentials: 'credential',
  variables: 'variable',
  tags: 'tag',
  projects: 'project',
  folders: 'folder',
  'data-tables': 'data table',
  'community-packages': 'community package',
  users: 'user',
};

/** `workflow`, `data table`: one item of a kind, for people. */
export function singular(kind: Kind): string {
  return SINGULAR[kind];
}

/** `1 workflow`, `3 data tables`. */
export function counted(kind: Kind, count: number): string {
  return `${count} ${SINGULAR[kind]}${count === 1 ? '' : 's'}`;
}

/** The kind that a word names: `workflow`, `workflows`, `data-table`, `table`; null for any other word. */
export function kindOfWord(word: string): Kind | null {
  const plain = word.toLowerCase().replaceAll(/[-_ ]/g, '').replace(/s$/, '');
  if (plain === 'table') return 'data-tables';
  if (plain === 'package') return 'community-packages';
  return KINDS.find((kind) => SINGULAR[kind].replaceAll(' ', '') === plain) ?? null;
}
