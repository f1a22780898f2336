import * as z from 'zod';
import { configSchema, type AlertSchema } from './schema.ts';

/** A JSON Schema, as far as flowkeep's own code looks into it. */
export interface JsonSchema {
  description?: string;
  default?: unknown;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  required?: string[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  items?: JsonSchema;
  [keyword: string]: unknown;
}

/**
 * The JSON Schema of a config file, for editors: generated from the validator, so that the two cannot disagree.
 * What it cannot say (cron expressions, references between sections, secrets that can be read) loadConfig checks.
 */
export function configJsonSchema(alert: AlertSchema): JsonSchema {
  // Nothing is resolved here: only the form of what is written matters.
  const schema = configSchema({ env: {}, readFile: () => '', baseDir: '/' }, alert);
  const { required: _required, ...json } = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
  // No section is required of a file: the environment may give what it leaves out.
  return { title: 'flowkeep configuration', ...json };
}
