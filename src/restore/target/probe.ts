// What the target of a restore can do, and the data that people give for its credentials.

import { isInstanceGone, isN8nError } from '../../n8n/http/errors.ts';
import { listAll } from '../../n8n/list/paginate.ts';
import type { N8nClient } from '../../n8n/http/types.ts';
import type { UserItem } from '../model/model.ts';
import { importPackage } from '../package/import.ts';
import { memberNames } from './specification.ts';
import type { Capabilities } from '../plan/types.ts';

/** Finds out what the target can do, without changing anything. @throws N8nError where it does not answer */
export async function probeCapabilities(client: N8nClient): Promise<Capabilities> {
  const [packages, { credential, settings }] = await Promise.all([takesPackages(client), readSpecification(client)]);
  return {
    packages,
    // If the specification does not say, the first request with an id shows it, and is repeated without.
    credentialIds: credential.length === 0 || credential.includes('id'),
    settings: settings.length === 0 ? null : settings,
  };
}

/**
 * Whether package imports are served, asked with a package that holds nothing: `GET /discover` does not know of a proxy
 * that lets no import through.
 */
async function takesPackages(client: N8nClient): Promise<boolean> {
  try {
    await importPackage(client, {}, { projectId: null, folderId: null });
    return true;
  } catch (error) {
    if (isN8nError(error) && (error.status === 404 || error.status === 405 || error.status === 403)) return false;
    if (isN8nError(error, 'refused', 'conflict')) return true;
    throw error;
  }
}

const SETTINGS = ['components', 'schemas', 'workflowSettings', 'properties'];
const CREDENTIAL_BODY = [
  'paths',
  '/credentials',
  'post',
  'requestBody',
  'content',
  'application/json',
  'schema',
  'properties',
];

interface Specification {
  readonly credential: readonly string[];
  readonly settings: readonly string[];
}

/**
 * What `GET /openapi.yml` says of the members that requests take: nothing where old versions and some installations do
 * not serve it (docs/internal/n8n-api-notes.md, "Version").
 */
async function readSpecification(client: N8nClient): Promise<Specification> {
  try {
    const text = await client.getText('/openapi.yml');
    return { credential: memberNames(text, CREDENTIAL_BODY), settings: memberNames(text, SETTINGS) };
  } catch (error) {
    if (isInstanceGone(error) && error.kind !== 'wrong-url') throw error;
    if (isN8nError(error) || isYamlError(error)) return { credential: [], settings: [] };
    throw error;
  }
}

function isYamlError(error: unknown): boolean {
  return error instanceof Error && error.name === 'YAMLParseError';
}

/** The users of the target, or null where the key may not list them. */
export async function readUsers(client: N8nClient): Promise<UserItem[] | null> {
  const users: UserItem[] = [];
  try {
    await listAll(client, '/users', {
      query: { includeRole: true },
      onPage: (page) => {
        for (const { id, email, role } of page) {
          if (typeof id !== 'string' || typeof email !== 'string') continue;
          users.push({ id, name: email, email, role: typeof role === 'string' ? role : null });
        }
      },
    });
    return [...new Map(users.map((user) => [user.id, user])).values()];
  } catch (error) {
    if (isN8nError(error, 'scope', 'licence', 'too-old', 'not-found')) return null;
    throw error;
  }
}
