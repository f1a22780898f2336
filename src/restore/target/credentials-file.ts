import { parse } from 'yaml';
import { UsageError } from '../../lib/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json/json.ts';
import { rememberSecret } from '../../lib/secrets/redact.ts';
import { Secret } from '../../lib/secrets/secret.ts';
import { checkCredentialData } from './credential-schema.ts';
import type { CredentialItem, SnapshotModel } from '../model/model.ts';

/** Where values come from that are not in the file itself. Each throws, or gives undefined if there is none. */
export interface ValueResolvers {
  /** The value of an environment variable. */
  env(name: string): string | undefined;
  /** The text of a file. */
  file(path: string): Promise<string>;
}

/** The data of credentials, each a JSON text, by the credential's id in the snapshot. */
export type CredentialData = ReadonlyMap<string, Secret>;

interface Entry {
  readonly where: string;
  readonly id: string | null;
  readonly name: string | null;
  readonly type: string | null;
  readonly data: JsonObject;
}

/**
 * Reads `--credentials-file`: YAML or JSON, each credential by its id or name, as a mapping (`name: {field: value}`)
 * or as a list of `{id, name, type, data}`, which is what `n8n export:credentials --decrypted` writes. A value may be
 * `{env: NAME}` or `{file: PATH}`.
 * @throws UsageError that names every problem by credential and field, and no value
 */
export async function readCredentialsFile(
  text: string,
  path: string,
  source: SnapshotModel,
  resolvers: ValueResolvers,
): Promise<CredentialData> {
  const problems: string[] = [];
  const data = new Map<string, Secret>();
  for (const entry of entriesIn(parseFile(text, path), problems)) {
    const credential = findCredential(entry, source, problems);
    if (!credential) continue;
    if (data.has(credential.id)) problems.push(`${entry.where}: the credential is in the file twice`);
    const resolved = await resolveMembers(entry.data, entry.where, resolvers, problems);
    problems.push(
      ...checkCredentialData(resolved, source.schemas.get(credential.type)).map(
        (problem) => `${entry.where} (${credential.type}): ${problem}`,
      ),
    );
    rememberTexts(resolved);
    data.set(credential.id, new Secret(JSON.stringify(resolved)));
  }
  if (problems.length === 0) return data;
  throw new UsageError(
    `the credentials file ${path} cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    'Correct the file. `flowkeep export SNAPSHOT --out DIR` writes out the credentials of a snapshot, and below ' +
      'credential-schemas/ the fields of each type.',
  );
}

function parseFile(text: string, path: string): Json {
  try {
    return parse(text) as Json;
  } catch (error) {
    // The parser's message quotes the line, which may hold a secret; its place is enough.
    const line = (error as { linePos?: readonly { line: number }[] }).linePos?.[0]?.line;
    const where = line === undefined ? '' : `, line ${line}`;
    throw new UsageError(`the credentials file ${path} is neither YAML nor JSON${where}`, 'Correct the file.');
  }
}

function entriesIn(document: Json, problems: string[]): Entry[] {
  const listed = isJsonObject(document) && document.credentials !== undefined ? document.credentials : document;
  if (Array.isArray(listed)) return listed.flatMap((entry, index) => entryOf(entry, index, problems));
  if (!isJsonObject(listed)) {
    problems.push('it is neither a mapping nor a list of credentials');
    return [];
  }
  return Object.entries(listed).flatMap(([key, data]) => {
    if (isJsonObject(data)) return [{ where: JSON.stringify(key), id: key, name: key, type: null, data }];
    problems.push(`${JSON.stringify(key)}: its fields are missing`);
    return [];
  });
}

function entryOf(entry: Json, index: number, problems: string[]): Entry[] {
  const id = textIn(entry, 'id');
  const name = textIn(entry, 'name');
  const named = name ?? id;
  const where = named === null ? `entry ${index + 1}` : JSON.stringify(named);
  if (named === null) problems.push(`${where}: it has neither an id nor a name`);
  else if (!isJsonObject(entry) || !isJsonObject(entry.data)) problems.push(`${where}: its data is missing`);
  else return [{ where, id, name, type: textIn(entry, 'type'), data: entry.data }];
  return [];
}

function textIn(value: Json, member: string): string | null {
  const text = isJsonObject(value) ? value[member] : undefined;
  return typeof text === 'string' && text !== '' ? text : null;
}

/** The id decides, then the name; a name that several have is a question, not a choice. */
function findCredential(entry: Entry, source: SnapshotModel, problems: string[]): CredentialItem | undefined {
  const byId = entry.id === null ? undefined : source.credentials.get(entry.id);
  if (byId) return byId;
  const named = [...source.credentials.values()].filter(
    ({ name, type }) => name === entry.name && (entry.type === null || type === entry.type),
  );
  if (named.length === 0) problems.push(`${entry.where}: the snapshot has no such credential`);
  if (named.length > 1) {
    const list = named.map(({ id, type }) => `${id} (${type})`).join(', ');
    problems.push(`${entry.where}: several credentials have this name: ${list}. Name it by its id.`);
  }
  return named.length === 1 ? named[0] : undefined;
}

/** Which fields are secret, only n8n knows: all texts are hidden, should n8n or a proxy quote one. */
function rememberTexts(value: Json): void {
  if (typeof value === 'string') rememberSecret(value);
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(rememberTexts);
}

async function resolveMembers(
  data: JsonObject,
  where: string,
  resolvers: ValueResolvers,
  problems: string[],
): Promise<JsonObject> {
  const resolved: JsonObject = {};
  for (const [field, value] of Object.entries(data)) {
    const text = await resolveValue(value, `${where}.${field}`, resolvers, problems);
    if (text !== undefined) resolved[field] = text;
  }
  return resolved;
}

async function resolveValue(
  value: Json,
  where: string,
  resolvers: ValueResolvers,
  problems: string[],
): Promise<Json | undefined> {
  const [only, ...others] = isJsonObject(value) ? Object.entries(value) : [];
  if (!only || others.length > 0 || typeof only[1] !== 'string') return value;
  const [kind, name] = only;
  if (kind === 'env') {
    const found = resolvers.env(name);
    if (found === undefined) problems.push(`${where}: the environment has no variable ${name}`);
    return found;
  }
  if (kind !== 'file') return value;
  try {
    // Editors and secret stores end a file with a line break that no secret has.
    return (await resolvers.file(name)).replace(/\r?\n$/, '');
  } catch {
    // The reason of the system adds nothing: the path is all that helps.
    problems.push(`${where}: the file ${name} cannot be read`);
    return undefined;
  }
}
