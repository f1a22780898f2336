import * as z from 'zod';

/** What a store gets of what was read: the same settings for each type of store. docs/secrets.md */
export const policyFields = {
  secrets: z
    .enum(['warn', 'redact', 'block', 'off'])
    .default('warn')
    .describe(
      'What becomes of secrets that someone typed into a workflow or a variable: they are saved and reported, ' +
        'replaced by a marker, or nothing is saved; `off` looks for none.',
    ),
  pinData: z
    .enum(['keep', 'drop'])
    .default('keep')
    .describe('Whether pinned data of workflows is saved: test data, at times copied from production.'),
  variableValues: z
    .enum(['keep', 'omit'])
    .default('keep')
    .describe('Whether the values of variables are saved, or their names alone.'),
};
