/** The kinds of items, in the order in which they are read and printed. `users` is off unless asked for. */
export const KINDS = [
  'workflows',
  'credentials',
  'variables',
  'tags',
  'projects',
  'folders',
  'data-tables',
  'community-packages',
  'users',
] as const;

export type Kind = (typeof KINDS)[number];

/** The kinds that a backup reads unless the config says otherwise: all but users, which are personal data. */
export const DEFAULT_KINDS: readonly Kind[] = KINDS.filter((kind) => kind !== 'users');

/** Whether a text names a kind. */
export function isKind(text: string): text is Kind {
  return (KINDS as readonly string[]).includes(text);
}
