import { canonicalJson, isJsonObject, parseJson, type Json, type JsonObject } from '../../lib/json/json.ts';
import { objectsIn } from '../../kinds/fields.ts';
import { KIND } from '../../kinds/kinds.ts';
import { kindOf, parsePath, partOf, type Part } from '../format/paths.ts';
import type { Hit } from '../secrets/hit.ts';
import { mayHoldMarker } from '../secrets/marker.ts';
import { cut, placeOf, textAt } from '../secrets/place.ts';
import { redact } from '../secrets/redact.ts';
import { isExcepted } from './exceptions.ts';
import type { FileView, SecretFinding } from './finding.ts';
import { applyToRows } from './apply-to-rows.ts';
import type { FilePolicy } from './policy.ts';

/** Whether a policy looks into a file at all. */
export function concerns({ scanner, pinData, variableValues }: FilePolicy, path: string): boolean {
  if (scanner) return mayHoldSecrets(path);
  const part = partOf(path);
  return (pinData === 'drop' && part === 'workflows') || (variableValues === 'omit' && part === 'variables');
}

/** Whether a file is one that secrets are looked for in. */
export function mayHoldSecrets(path: string): boolean {
  const at = parsePath(path);
  if (!at?.part || at.role === 'table' || at.role === 'schema') return false;
  return KIND[kindOf(at.part)].mayHoldSecrets;
}

/** Applies a policy to one file: the same bytes and the same policy give the same bytes. */
export async function applyToFile(filePolicy: FilePolicy, path: string, content: Uint8Array): Promise<FileView> {
  const text = Buffer.from(content).toString('utf8');
  if (parsePath(path)?.role === 'rows') return applyToRows(filePolicy, path, text);
  const root = parseJson(text);
  const left = leaveOut(filePolicy, path, root);
  const all = filePolicy.scanner ? await filePolicy.scanner.scan(root) : [];
  const found = all
    .map((hit) => ({ hit, finding: findingOf(filePolicy, path, root, hit) }))
    .filter(({ finding }) => !isExcepted(finding, filePolicy.secretExceptions));
  const [hits, findings] = [found.map(({ hit }) => hit), found.map(({ finding }) => finding)];
  if (filePolicy.secrets !== 'redact') return { content: left ? encode(root) : null, findings };
  const escapes = filePolicy.isPlain(path) && mayHoldMarker(text);
  const changed = left || hits.length > 0 || escapes;
  return { content: changed ? encode(redact(root, hits, escapes)) : null, findings };
}

function encode(root: Json): Uint8Array {
  return Buffer.from(canonicalJson(root));
}

/** Takes out of a document what the store shall not have. Returns whether it had any of it. */
function leaveOut(policy: FilePolicy, path: string, root: Json): boolean {
  const part = partOf(path);
  // A draft without pinned data stays as n8n gave it: then its bytes tell that nothing changed.
  if (policy.pinData === 'drop' && part === 'workflows' && isJsonObject(root))
    return isPinned(root.pinData) && remove(root, 'pinData');
  if (policy.variableValues === 'omit' && part === 'variables')
    return objectsIn(root).filter((variable) => remove(variable, 'value')).length > 0;
  return false;
}

function isPinned(pinData: Json | undefined): boolean {
  return isJsonObject(pinData) && Object.keys(pinData).length > 0;
}

function remove(object: JsonObject, member: string): boolean {
  if (!Object.hasOwn(object, member)) return false;
  delete object[member];
  return true;
}

function findingOf({ nameOf }: FilePolicy, path: string, root: Json, hit: Hit): SecretFinding {
  const part = partOf(path);
  // In a list the item is an entry; the other files are an item each.
  const item = Array.isArray(root) ? root[Number(hit.path[0])] : root;
  const member = (name: string): string | undefined => {
    const value = isJsonObject(item) ? item[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const id = member('id') ?? member('key') ?? '';
  const { node, field } = placeOf(root, hit.path);
  const secret = textAt(root, hit.path).slice(hit.start, hit.end);
  const safe = (text: string): string => text.replaceAll(secret, '…');
  return {
    kind: kindOf(part as Part),
    id,
    name: safe(cut(member('key') ?? member('name') ?? nameOf(path) ?? id)),
    node: node === null ? null : safe(node),
    field: safe(field),
    rule: hit.rule,
  };
}
