import type { KindScope } from './definition.ts';
import { KIND, KINDS, type Kind } from './definitions.ts';

/** What a key is used for: reading a backup, writing a restore, or n8n's own source-control pull. */
export type Use = 'read' | 'restore' | 'pull';

/**
 * The commands that talk to n8n, and what each uses the key for. Restore and pull save a snapshot before they begin.
 */
export const COMMAND_USES = {
  backup: ['read'],
  daemon: ['read'],
  diff: ['read'],
  check: ['read'],
  restore: ['read', 'restore'],
  pull: ['read', 'pull'],
} as const satisfies Record<string, readonly Use[]>;

export type ApiCommand = keyof typeof COMMAND_USES;

export interface ScopeNeed extends KindScope {
  readonly use: Use;
  readonly kind: Kind | 'source-control';
}

const PULL: readonly KindScope[] = [
  { scope: 'sourceControl:pull', purpose: 'pull' },
  { scope: 'sourceControl:read', purpose: 'preview the pull', without: 'the pull is not previewed' },
];

/** Every scope that flowkeep uses: the one table behind `flowkeep check` and docs/api-key.md. */
export const SCOPE_NEEDS: readonly ScopeNeed[] = [
  ...(['read', 'restore'] as const).flatMap((use) =>
    KINDS.flatMap((kind) => KIND[kind].scopes[use].map((scope) => ({ use, kind, ...scope }))),
  ),
  ...PULL.map((scope) => ({ use: 'pull', kind: 'source-control', ...scope }) as const),
];

/** What a command needs for these kinds, in the order of the table. */
export function needsOf(command: ApiCommand, kinds: readonly Kind[]): readonly ScopeNeed[] {
  const uses: readonly Use[] = COMMAND_USES[command];
  return SCOPE_NEEDS.filter(
    ({ use, kind }) => uses.includes(use) && (kind === 'source-control' || kinds.includes(kind)),
  );
}

/** What a command needs and a key with these scopes lacks. */
export function missingNeeds(
  command: ApiCommand,
  kinds: readonly Kind[],
  granted: readonly string[],
): readonly ScopeNeed[] {
  return needsOf(command, kinds).filter(({ scope }) => !granted.includes(scope));
}

/** The scopes that a key has and none of these commands uses: a key that can do less is safer to keep. */
export function needlessScopes(
  commands: readonly ApiCommand[],
  kinds: readonly Kind[],
  granted: readonly string[],
): readonly string[] {
  const used = new Set(commands.flatMap((command) => needsOf(command, kinds)).map(({ scope }) => scope));
  return granted.filter((scope) => !used.has(scope));
}
