import { isJsonObject, type Json, type JsonObject } from '../../lib/json/json.ts';

/**
 * Checks the data of a credential against the JSON Schema that n8n gives for its type: names, types, choices, and what
 * must be there. Conditional parts are left to n8n: they have refused valid data before (n8n-io/n8n#8472).
 * @returns one sentence for each problem; it names the field and never the value
 */
export function checkCredentialData(data: JsonObject, schema: JsonObject | undefined): string[] {
  if (!schema) return [];
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : [];
  return [
    ...required.filter((name) => !Object.hasOwn(data, name)).map((name) => `field "${name}" is missing`),
    ...Object.entries(data).flatMap(([field, value]) => {
      const rule = Object.hasOwn(properties, field) ? properties[field] : undefined;
      if (isJsonObject(rule)) return checkField(field, value, rule);
      return schema.additionalProperties === false ? [unknownField(field, Object.keys(properties))] : [];
    }),
  ];
}

function unknownField(field: string, known: readonly string[]): string {
  return `unknown field "${field}"; known fields: ${known.map((name) => `"${name}"`).join(', ')}`;
}

function checkField(field: string, value: Json, rule: JsonObject): string[] {
  // An expression is worked out by n8n when the credential is used.
  if (typeof value === 'string' && value.startsWith('=')) return [];
  if (typeof rule.type === 'string' && !isOfType(value, rule.type)) return [`field "${field}" is not a ${rule.type}`];
  if (Array.isArray(rule.enum) && !rule.enum.some((choice) => choice === value))
    return [`field "${field}" is not one of ${rule.enum.map((choice) => JSON.stringify(choice)).join(', ')}`];
  return [];
}

function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'number':
    case 'integer':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    default:
      // n8n writes types of its own there (`json`), which say nothing about the value.
      return true;
  }
}
