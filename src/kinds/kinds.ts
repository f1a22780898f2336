import { KIND, KINDS, type Kind, type ListKind } from './definitions.ts';

/**
 * The kinds of items: their definitions (definitions.ts), what follows from those (this file), and, a file for each,
 * how an item that n8n gave is checked and brought into its stored form. Nothing here asks n8n for items, except where
 * a kind needs its own way (workflow-folders.ts, credentials.ts); that is what snapshot/collect does.
 */
export { DEFAULT_KINDS, KIND, KINDS, NODE_PACKAGES, type Kind, type ListKind, type SecretKind } from './definitions.ts';

/** `workflow`, `data table`: one item of a kind, for people. */
export function singular(kind: Kind): string {
  return KIND[kind].singular;
}

/** `workflows`, `data tables`. */
export function plural(kind: Kind): string {
  return KIND[kind].plural;
}

/** `1 workflow`, `3 data tables`. */
export function counted(kind: Kind, count: number): string {
  return `${count} ${count === 1 ? singular(kind) : plural(kind)}`;
}

/** The kind that a word names: `workflow`, `workflows`, `data-table`, `table`; null for any other word. */
export function kindOfWord(word: string): Kind | null {
  const wanted = fold(word);
  return (
    KINDS.find((kind) =>
      [KIND[kind].singular, KIND[kind].plural, ...KIND[kind].aliases].some((each) => fold(each) === wanted),
    ) ?? null
  );
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, '').replace(/s$/, '');
}

/** Whether the items of a kind are all in one file. */
export function isList(kind: Kind): kind is ListKind {
  return KIND[kind].stored === 'list';
}

/**
 * The order in which kinds are restored: each after everything that it may refer to. Deletion runs it in reverse.
 * Tags of workflows, publishing and archiving follow after the last kind.
 */
export const RESTORE_ORDER: readonly Kind[] = [...KINDS].sort((a, b) => KIND[a].restoreOrder - KIND[b].restoreOrder);
