import { KINDS, type Kind } from './kinds.ts';

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

/** The kinds as a list for messages. */
export function kindWords(): string {
  return KINDS.join(', ');
}
