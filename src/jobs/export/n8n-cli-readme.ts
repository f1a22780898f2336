import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';
import type { ExportCounts } from './format.ts';

/** What to do with the folder, for somebody who never heard of flowkeep. */
export function cliReadme({ id, takenAt, header }: SnapshotView, counts: ExportCounts): string {
  const count = (what: string): number => counts.get(what) ?? 0;
  const workflows = count('workflows');
  const published = count('live versions that differ from the draft');
  return `Workflows and credentials of the n8n instance "${header.instance}", as of ${takenAt}
(snapshot ${id}, n8n ${header.n8nVersion ?? 'of unknown version'}), in the form that n8n itself imports.

Run these in this folder, on the machine (or in the container) of n8n, credentials first:

  n8n import:credentials --separate --input=credentials
  n8n import:workflow --separate --input=workflows

IMPORTANT: import the credentials only into an n8n that does not have them yet. They are stubs: n8n gives no secrets
to backups. Importing one over a credential of the same id EMPTIES its secret. Where n8n still has its credentials,
run the second command alone.

What is here
  workflows/            ${workflows} workflows: nodes, settings, tags, static data, pinned data, under their own ids
  credentials/          ${count('credentials')} credentials: id, name and type; fill in the secrets in the editor
  published/            ${published} workflows whose live version differs from the draft: the same, with what was live.
                        To go on with these, import them after the others: --input=published
  live-workflows.txt    the ids of the workflows that were live. Imported workflows are always off; switch them on in
                        the editor, those that are called by others first, or with n8n stopped:
                          while read -r id; do n8n publish:workflow --id="$id"; done < live-workflows.txt
  other/                what n8n's command line does not import (variables, projects, folders, data tables with
                        their rows, packages), as plain JSON

What n8n does with it
  - A workflow of the same id is replaced; its history stays.
  - Everything goes to the owner's personal project, without folders, unless --projectId=ID is given.
  - Tags are matched by id, then by name, and else created.
`;
}
