import { parse } from 'yaml';
import { isJsonObject, type Json } from '../../lib/json.ts';
import { isN8nError } from '../../n8n/errors.ts';
import type { ApplyContext } from './context.ts';

/** What every n8n with a public API takes in a workflow's settings. */
const OLDEST = [
  'saveExecutionProgress',
  'saveManualExecutions',
  'saveDataErrorExecution',
  'saveDataSuccessExecution',
  'executionTimeout',
  'errorWorkflow',
  'timezone',
  'executionOrder',
];

const asked = new WeakMap<ApplyContext, Promise<ReadonlySet<string>>>();

/**
 * The settings that the target takes, from its own specification (`GET /openapi.yml`), asked once a run. Some n8n answer
 * it with an error (docs/n8n-api-notes.md, "Version"); then those that every version takes.
 */
export function knownSettings(context: ApplyContext): Promise<ReadonlySet<string>> {
  const known = asked.get(context) ?? readSettings(context);
  asked.set(context, known);
  return known;
}

async function readSettings(context: ApplyContext): Promise<ReadonlySet<string>> {
  try {
    const text = await context.client.getText('/openapi.yml', { signal: context.signal });
    const names = namesIn(parse(text) as Json);
    return new Set(names.length > 0 ? names : OLDEST);
  } catch (error) {
    if (isN8nError(error)) return new Set(OLDEST);
    throw error;
  }
}

function namesIn(specification: Json): string[] {
  const schema = ['components', 'schemas', 'workflowSettings', 'properties'].reduce<Json | undefined>(
    (inner, member) => (isJsonObject(inner) ? inner[member] : undefined),
    specification,
  );
  return isJsonObject(schema) ? Object.keys(schema) : [];
}
