import { SAFE_POLICIES } from '../../restore/package/import.ts';
import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';
import type { ExportCounts } from './format.ts';

/** A package, and where it is to be imported. */
export interface PlacedPackage {
  readonly path: string;
  readonly projectId: string | null;
  readonly folderId: string | null;
}

/** A script that needs nothing but sh and curl. The key goes through a pipe, where no list of processes shows it. */
export function importScript(packages: readonly PlacedPackage[]): string {
  const policies = Object.entries(SAFE_POLICIES).map(([name, value]) => `    -F ${name}=${value} \\`);
  return [
    '#!/bin/sh',
    '# Imports these packages into an n8n, in their order, through its public API. Existing items are not changed.',
    '#   N8N_URL=https://n8n.example.com N8N_API_KEY=... sh import.sh',
    'set -eu',
    ': "${N8N_URL:?set it to the URL of n8n}" "${N8N_API_KEY:?set it to an API key of n8n}"',
    'cd "$(dirname "$0")"',
    '',
    'import_package() {',
    '  file=$1',
    '  shift',
    '  echo "$file"',
    `  printf 'header = "X-N8N-API-KEY: %s"\\n' "$N8N_API_KEY" | curl --config - --fail-with-body ` +
      `--silent --show-error \\`,
    '    -F "package=@$file" \\',
    ...policies,
    '    "$@" "${N8N_URL%/}/api/v1/n8n-packages/import"',
    '  echo',
    '}',
    '',
    ...packages.map(importLine),
    '',
  ].join('\n');
}

function importLine({ path, projectId, folderId }: PlacedPackage): string {
  const project = projectId === null ? '' : ` --form-string ${quote(`projectId=${projectId}`)}`;
  const folder = folderId === null ? '' : ` --form-string ${quote(`folderId=${folderId}`)}`;
  return `import_package ${path}${project}${folder}`;
}

/** For sh: nothing in an id can end the quotes. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

export function packagesReadme({ id, takenAt, header }: SnapshotView, counts: ExportCounts): string {
  const count = (what: string): number => counts.get(what) ?? 0;
  const [projects, folders, workflows, tables, unpackaged] = [
    'projects',
    'folders',
    'workflows',
    'tables',
    'workflows that packages cannot hold',
  ].map(count);
  return `The n8n instance "${header.instance}", as of ${takenAt} (snapshot ${id},
n8n ${header.n8nVersion ?? 'of unknown version'}), as ${count('packages')} packages that n8n's own import takes.

  N8N_URL=https://n8n.example.com N8N_API_KEY=... sh import.sh

imports them in order; it needs curl, and an n8n that has package import (2.41 has). Everything comes under its
original id, nothing that is there already is changed, and nothing is switched on.

What is here
  packages/    ${projects} projects, ${folders} folders, ${workflows} workflows with their tags,
               ${tables} data tables (without rows),
               ${count('stubs')} credentials as stubs: fill in the secrets in the editor
  other/       what packages do not hold: rows of data tables, static data, variables, and ${unpackaged} workflows

What packages do not hold of a workflow: its description, pinned data, static data, and the live version where that
differs from the draft. \`flowkeep export --format n8n-cli\` has all of these.
What lay in a personal project goes to the personal project of whoever owns the API key. Projects and folders need a
licence on the target: without it leave out those packages, and the --form-string parts of the lines in import.sh.
`;
}
