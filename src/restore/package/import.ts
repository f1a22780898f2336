import { isJsonObject } from '../../lib/json/json.ts';
import { writePackage } from '../../n8n/package.ts';
import type { N8nClient } from '../../n8n/http/types.ts';
import { objectsIn } from '../../kinds/fields.ts';
import type { Place } from '../model/model.ts';
import { buildPackage, type PackageContent } from './build.ts';

/** What n8n did with a package. */
export interface Imported {
  /** Ids of workflows that were not there before. */
  readonly workflows: ReadonlySet<string>;
  /** Ids of credentials that were made as stubs. */
  readonly stubs: readonly string[];
}

/**
 * Missing items are created and existing ones are not changed, so that the same package may be sent again
 * after its answer was lost. Nothing is published, nothing of the target is overwritten, and no variable is made.
 */
export const SAFE_POLICIES = {
  workflowConflictPolicy: 'skip',
  workflowIdPolicy: 'source',
  workflowPublishingPolicy: 'preserve-published-state',
  missingNodeTypeMode: 'import-anyway',
  credentialMatchingMode: 'id-only',
  credentialMissingMode: 'create-stub',
  projectConflictPolicy: 'merge',
  folderConflictPolicy: 'merge',
  dataTableMissingMode: 'create',
  dataTableSchemaConflictPolicy: 'keep-existing',
  variableMissingMode: 'do-nothing',
  tagMissingMode: 'create',
  tagConflictPolicy: 'fail',
};

/** The bytes of a package, to be sent now or later. */
export function packPackage(content: PackageContent): Promise<Uint8Array> {
  return writePackage(buildPackage(content));
}

/**
 * `POST /n8n-packages/import`.
 * @throws N8nError `refused` or `conflict` with n8n's issues where it takes nothing of the package; `licence`, `scope`
 */
export async function importPackage(client: N8nClient, content: PackageContent, place: Place): Promise<Imported> {
  return sendPackage(client, await packPackage(content), place);
}

/** The same for a package that is ready. @throws N8nError as importPackage */
export async function sendPackage(client: N8nClient, bytes: Uint8Array, place: Place): Promise<Imported> {
  const fields = {
    ...SAFE_POLICIES,
    ...(place.projectId === null ? {} : { projectId: place.projectId }),
    ...(place.folderId === null ? {} : { folderId: place.folderId }),
  };
  const file = { field: 'package', fileName: 'flowkeep.n8np', content: bytes };
  const answer = await client.upload('/n8n-packages/import', { fields, file }, { idempotent: true });
  return readImported(answer);
}

function readImported(answer: unknown): Imported {
  const { workflows, credentials } = isJsonObject(answer) ? answer : {};
  const created = objectsIn(workflows).filter(({ status }) => status === 'created');
  const stubbed = isJsonObject(credentials) ? credentials.stubbed : [];
  return {
    workflows: new Set(created.flatMap(({ localId }) => (typeof localId === 'string' ? [localId] : []))),
    stubs: Array.isArray(stubbed) ? stubbed.filter((id) => typeof id === 'string') : [],
  };
}
