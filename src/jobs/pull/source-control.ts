import { isJsonObject, type JsonObject } from '../../lib/json/json.ts';
import { isN8nError, N8nError } from '../../n8n/http/errors.ts';
import type { N8nClient } from '../../n8n/http/types.ts';
import { textOf } from '../../kinds/fields.ts';

/** One entry of what a pull changes or changed, as n8n lists it (openapi.yml, /source-control). */
export interface SourceControlFile {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  /** `created`, `modified`, `deleted`, ... */
  readonly status: string;
  readonly conflict: boolean;
  /** Path in the repository. */
  readonly file: string;
  /** Why a workflow was pulled but not published. */
  readonly publishingError?: string;
}

export const AUTO_PUBLISH = ['none', 'all', 'published'] as const;
/** Which workflows n8n publishes after it pulled them: none, all, or those that were published before. */
export type AutoPublish = (typeof AUTO_PUBLISH)[number];

/** A pull clones, fetches and imports before it answers. */
const PULL_MS = 10 * 60_000;

/**
 * What a pull would change: GET /source-control/status?direction=pull.
 * @returns null where this n8n is too old to tell, or the key may not ask
 * @throws N8nError with a remedy where the instance is not connected or not licensed
 */
export async function previewPull(client: N8nClient, signal: AbortSignal): Promise<SourceControlFile[] | null> {
  try {
    const query = { direction: 'pull' };
    return readFiles(await client.get('/source-control/status', { query, signal, timeoutMs: PULL_MS }));
  } catch (error) {
    if (isN8nError(error, 'too-old', 'scope')) return null;
    throw explained(error);
  }
}

/** @throws N8nError: 400 not connected, 403 unlicensed or no scope, 409 conflict (exit code 4) */
export async function requestPull(
  client: N8nClient,
  settings: { readonly force: boolean; readonly autoPublish: AutoPublish },
  signal: AbortSignal,
): Promise<SourceControlFile[]> {
  try {
    const answer = await client.post('/source-control/pull', settings, { signal, timeoutMs: PULL_MS });
    return readFiles(answer);
  } catch (error) {
    throw explained(pullFailure(error));
  }
}

/** Two of the pull's answers are unlike n8n's others: 409 is a bare list, and 400 may be a sentence as plain text. */
function pullFailure(error: unknown): unknown {
  if (!(error instanceof N8nError)) return error;
  const about = { status: error.status ?? 0, request: 'POST /source-control/pull' };
  if (error.status === 409) {
    const message = 'n8n refuses the pull: the instance and its repository have both changed';
    return new N8nError('conflict', message, about);
  }
  if (error.status !== 400 || error.reason !== undefined) return error;
  return new N8nError('refused', 'n8n could not pull from its repository (HTTP 400)', {
    ...about,
    remedy: 'The log of n8n says why. Often n8n cannot reach the repository, or its deploy key was removed.',
  });
}

/** The pull answers with a list, older versions with an object of lists, the preview with `data`. */
function readFiles(answer: unknown): SourceControlFile[] {
  const data = isJsonObject(answer) && Array.isArray(answer['data']) ? answer['data'] : answer;
  if (!Array.isArray(data)) return [];
  return data.filter(isJsonObject).map(readFile);
}

function readFile(entry: JsonObject): SourceControlFile {
  const publishingError = entry['publishingError'];
  return {
    type: textOf(entry['type']),
    id: textOf(entry['id']),
    name: textOf(entry['name']),
    status: textOf(entry['status']),
    conflict: entry['conflict'] === true,
    file: textOf(entry['file']),
    ...(typeof publishingError === 'string' ? { publishingError } : {}),
  };
}

/** The same error, with what to do about it here. */
function explained(error: unknown): unknown {
  if (!(error instanceof N8nError)) return error;
  const remedy = remedyFor(error);
  if (remedy === undefined) return error;
  const { message, status, request, reason, exitCode, maybeDone } = error;
  return new N8nError(error.kind, message, {
    ...{ remedy, exitCode, maybeDone },
    ...(status === undefined ? {} : { status }),
    ...(request === undefined ? {} : { request }),
    ...(reason === undefined ? {} : { reason }),
  });
}

function remedyFor(error: N8nError): string | undefined {
  if (error.kind === 'conflict')
    return (
      'The instance has local changes. Push or undo them in n8n, or pull with --force to overwrite them: a ' +
      'safety snapshot is taken first.'
    );
  if (error.kind === 'licence') return 'Source control is part of n8n Enterprise. Without it, use `flowkeep restore`.';
  if (error.kind === 'scope') return 'Give the API key the scopes sourceControl:pull and sourceControl:read.';
  if (error.kind === 'refused' && /not connected/i.test(error.reason ?? ''))
    return 'Connect the instance to its repository in n8n: Settings, Environments.';
  return error.remedy;
}
