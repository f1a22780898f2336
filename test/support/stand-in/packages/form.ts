import { ApiError, badRequest, forbidden } from '../api-error.ts';
import type { ApiRequest } from '../exchange.ts';

/** The form fields that choose among words, and n8n's default for each; null: required. */
const POLICIES = {
  workflowConflictPolicy: { words: ['new-version', 'fail', 'skip'], preset: null },
  workflowIdPolicy: { words: ['new', 'source'], preset: 'source' },
  workflowPublishingPolicy: {
    words: ['preserve-published-state', 'match-source', 'publish-all', 'unpublish-all'],
    preset: 'preserve-published-state',
  },
  missingNodeTypeMode: { words: ['fail', 'import-anyway'], preset: 'fail' },
  credentialMissingMode: { words: ['must-preexist', 'create-stub'], preset: 'create-stub' },
  projectConflictPolicy: { words: ['merge', 'fail', 'overwrite'], preset: 'merge' },
  folderConflictPolicy: { words: ['merge', 'fail', 'overwrite'], preset: 'merge' },
  dataTableMissingMode: { words: ['create', 'must-preexist', 'do-nothing'], preset: 'create' },
  variableMissingMode: {
    words: ['do-nothing', 'must-preexist', 'create-stub', 'create-with-value'],
    preset: 'create-with-value',
  },
  tagMissingMode: { words: ['create', 'do-nothing'], preset: 'create' },
} as const;

export type PolicyName = keyof typeof POLICIES;

/** Fields that n8n knows and the stand-in takes without acting on them. */
const IGNORED_FIELDS = [
  'bindings',
  'credentialMatchingMode',
  'overwriteDeletionPolicy',
  'dataTableMatchingMode',
  'dataTableSchemaConflictPolicy',
  'variableConflictPolicy',
  'variableParentPolicy',
  'tagConflictPolicy',
];

export interface ImportForm {
  readonly bytes: Buffer;
  readonly policies: Readonly<Record<PolicyName, string>>;
  readonly projectId: string | undefined;
  readonly folderId: string | undefined;
}

/** Reads and checks the multipart form of an import. The required fields are checked before the key's scope. */
export async function readImportForm(request: ApiRequest): Promise<ImportForm> {
  const form = await parseMultipart(request);
  const file = form.get('package');
  if (!(file instanceof Blob)) throw badRequest("request/body must have required property 'package'");
  const policies = Object.fromEntries(
    Object.entries(POLICIES).map(([name, { words, preset }]) => [name, policyOf(form, name, words, preset)]),
  ) as Record<PolicyName, string>;
  for (const name of form.keys()) {
    const known = name in POLICIES || IGNORED_FIELDS.includes(name);
    if (!known && !['package', 'projectId', 'folderId'].includes(name)) {
      throw badRequest(`Unexpected form field "${name}"`);
    }
  }
  if (!request.scopes.includes('workflow:import')) throw forbidden();
  const bytes = Buffer.from(await file.arrayBuffer());
  return { bytes, policies, projectId: textOf(form, 'projectId'), folderId: textOf(form, 'folderId') };
}

function policyOf(form: FormData, name: string, words: readonly string[], preset: string | null): string {
  const value = textOf(form, name) ?? preset;
  if (value === null) throw badRequest(`request/body must have required property '${name}'`);
  if (words.includes(value)) return value;
  throw badRequest(`request/body/${name} must be equal to one of the allowed values: ${words.join(', ')}`);
}

function textOf(form: FormData, name: string): string | undefined {
  const value = form.get(name);
  return typeof value === 'string' ? value : undefined;
}

async function parseMultipart({ contentType, rawBody }: ApiRequest): Promise<FormData> {
  if (contentType === undefined || !contentType.startsWith('multipart/form-data')) {
    throw new ApiError(415, `unsupported media type ${contentType}`);
  }
  return new Response(new Uint8Array(rawBody), { headers: { 'content-type': contentType } }).formData();
}
