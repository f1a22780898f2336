import { isJsonObject, type JsonObject } from '../lib/json/json.ts';
import { isN8nError } from '../n8n/http/errors.ts';
import { segment, type N8nClient } from '../n8n/http/types.ts';
import {
  type Identified,
  invalid,
  objectsIn,
  pick,
  requireLists,
  requireText,
  sortByText,
  textMember,
} from './fields.ts';

/** A credential's metadata. The public API never gives the secret. */
export interface Credential extends Identified {
  name: string;
  type: string;
}

/** Checks one entry of `GET /credentials` and orders its lists. @throws N8nError `invalid-answer` */
export function parseCredential(value: unknown): Credential {
  const credential = requireText(value, ['id', 'name', 'type'], 'GET /credentials') as Credential;
  requireLists(credential, ['shared'], 'GET /credentials');
  if (!Array.isArray(credential.shared)) return credential;
  // Who it is shared with is kept by id, name and role; when it was shared says nothing that a restore needs.
  const shared = sortByText(objectsIn(credential.shared), textMember('id')).map((share) =>
    pick(share, ['id', 'name', 'role']),
  );
  return { ...credential, shared };
}

/**
 * The JSON Schema of a credential type, or null where the instance does not know the type: its community package was
 * removed, but its credential is still there.
 */
export async function readCredentialSchema(
  client: N8nClient,
  type: string,
  signal?: AbortSignal,
): Promise<JsonObject | null> {
  try {
    const path = `/credentials/schema/${segment(type)}`;
    const check = (value: unknown): void => {
      // What a proxy says in n8n's place is an object, too; every schema of n8n has its properties.
      if (!isJsonObject(value) || !isJsonObject(value.properties))
        throw invalid(`GET ${path}`, 'it is not a JSON Schema with properties');
    };
    return (await client.get(path, { check, ...(signal ? { signal } : {}) })) as JsonObject;
  } catch (error) {
    if (isN8nError(error, 'not-found')) return null;
    throw error;
  }
}
