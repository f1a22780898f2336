import * as z from 'zod';

/** What a store gets of what was read: the same settings for each type of store. docs/secrets.md */
export const policyFields = {
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
