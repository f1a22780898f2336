import * as z from 'zod';
import { KINDS } from '../../kinds/definitions.ts';
import { complain } from '../problems/validation-issue.ts';
import type { ResolveContext } from '../secrets.ts';
import { encryptField } from './schema-encrypt.ts';

/** What a store of each type has among its settings. */
export function storeFields(context: ResolveContext) {
  return { ...policyFields, encrypt: encryptField(context) };
}

const glob = z.string().min(1).exactOptional();
const exceptionSchema = z
  .strictObject({
    kind: z.enum(KINDS).exactOptional().describe('Kind of the item, such as `workflows`.'),
    item: glob.describe('Id or name of the item.'),
    node: glob.describe('Name of the node.'),
    field: glob.describe('Field of the node or the item.'),
    rule: glob.describe('Name of the rule.'),
  })
  .superRefine(({ item, node, field }, context) => {
    if ([item, node, field].some((place) => place !== undefined && /[^*]/.test(place))) return;
    const remedy =
      'name an item, a node or a field, too, by more than `*`; to look for nothing in a store, set its `secrets` to off';
    complain(context, { message: 'would hide every finding, or every one of a kind or a rule', remedy });
  });

/** What a store gets of what was read. docs/secrets.md */
const policyFields = {
  secrets: z
    .enum(['warn', 'redact', 'block', 'off'])
    .default('warn')
    .describe(
      'How to handle secrets that someone typed into a workflow or a variable: save and report them, ' +
        'replace them by a marker, or save nothing; `off` does not look for them.',
    ),
  secretExceptions: z
    .array(exceptionSchema)
    .exactOptional()
    .describe(
      'Findings that are no secrets: a list of `{ kind, item, node, field, rule }`, as `--json` names them, where ' +
        '`*` stands for any text; all that an entry names must fit.',
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
