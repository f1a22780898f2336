import { parseCredential, readCredentialSchema, type Credential } from '../../kinds/credentials.ts';
import { credentialPath, credentialSchemaPath } from '../format/paths.ts';
import { putJson, type CollectContext, type KindContent } from './context.ts';
import { listItems } from './list-items.ts';

/** Reads the metadata of every credential, and the schema of each type in use. */
export async function collectCredentials(context: CollectContext): Promise<KindContent> {
  const credentials = await listItems(context, 'credentials', parseCredential);
  for (const credential of credentials) {
    putJson(context, credentialPath(credential.name, credential.id), credential, credential.name);
  }
  return { items: credentials.length, notes: await collectSchemas(context, credentials) };
}

/** Returns a note for each type whose schema the instance does not have. */
async function collectSchemas(context: CollectContext, credentials: readonly Credential[]): Promise<string[]> {
  const types = [...new Set(credentials.map((credential) => credential.type))].sort();
  const missing: string[] = [];
  await Promise.all(
    types.map(async (type) => {
      const schema = await readCredentialSchema(context.client, type, context.signal);
      if (schema) putJson(context, credentialSchemaPath(type), schema);
      else missing.push(type);
    }),
  );
  return missing.sort().map((type) => `n8n has no schema for credential type ${JSON.stringify(type)}`);
}
