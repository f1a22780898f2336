import * as z from 'zod';
import type { ResolveContext } from '../secrets.ts';
import { encryptField } from './schema-encrypt.ts';

/** What a store of each type has among its settings. */
export function storeFields(context: ResolveContext) {
  return { ...policyFields, encrypt: encryptField(context) };
}

/** What a store gets of what was read. docs/secrets.md */
const policyFields = {
  secrets: z
    .enum(['warn', 'redact', 'block', 'off'])
    .default('warn')
    .describe(
      'How to handle secrets that someone typed into a workflow or a variable: save and report them, ' +
        'replace them by a marker, or save nothing; `off` does not look for them.',
    ),
  pinData: z
    .enum(['keep', 'drop'])
    .default('keep')
    .describe('Whether to save pinned data of workflows: test data, sometimes copied from production.'),
  variableValues: z
    .enum(['keep', 'omit'])
    .default('keep')
    .describe('Whether to save the values of variables, or only their names.'),
};

export type PolicyConfig = z.output<z.ZodObject<typeof policyFields>>;
export type StoreFields = z.output<z.ZodObject<ReturnType<typeof storeFields>>>;
