import { COMMAND_USES, SCOPE_NEEDS, type ApiCommand, type ScopeNeed, type Use } from '../src/kinds/scopes.ts';

const TITLES: Readonly<Record<Use, string>> = {
  read: 'To read',
  restore: 'To restore, beside those to read',
  pull: 'To pull, beside those to read',
};

/** What is lost without a scope that the table says nothing special about. */
const LOSSES: Readonly<Record<Use, (kind: string) => string>> = {
  read: (kind) => `${kind} are \`unavailable\` in the snapshot`,
  restore: () => 'what needs it is not restored, and the report names it',
  pull: () => 'no pull',
};

/** The tables of docs/api-key.md: for each use of a key, the kinds, the scopes and what they are for. */
export function scopesMarkdown(): string {
  return (Object.keys(TITLES) as Use[]).map(section).join('\n');
}

function section(use: Use): string {
  const rows = SCOPE_NEEDS.filter((need) => need.use === use).map(row);
  return [
    `## ${TITLES[use]}`,
    '',
    `Used by: ${commandsWith(use)}.`,
    '',
    '| Kind | Scope | For | Without it |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function row({ use, kind, scope, purpose, onlyWith, without }: ScopeNeed): string {
  const condition = onlyWith === undefined ? '' : ` (only with \`${onlyWith}\`)`;
  const loss = without ?? (onlyWith === undefined ? LOSSES[use](kind) : 'the flag cannot be used');
  return `| ${kind} | \`${scope}\` | ${purpose}${condition} | ${loss} |`;
}

function commandsWith(use: Use): string {
  return (Object.keys(COMMAND_USES) as ApiCommand[])
    .filter((command) => (COMMAND_USES[command] as readonly Use[]).includes(use))
    .map((command) => `\`flowkeep ${command}\``)
    .join(', ');
}
