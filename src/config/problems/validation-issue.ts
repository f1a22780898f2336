import * as z from 'zod';

/** What is wrong with one value, and what to do about it. Neither may repeat a value that could be a secret. */
export interface ValidationIssue {
  readonly message: string;
  readonly remedy: string;
}

/** A test of one value: null where nothing is wrong. */
export type Test<Value> = (value: Value) => ValidationIssue | null;

/** Text that must pass a test. */
export function text(test: Test<string>): z.ZodString {
  return z
    .string()
    .min(1)
    .superRefine((value, context) => {
      const issue = value === '' ? null : test(value);
      if (issue) complain(context, issue);
    });
}

/** Reports a complaint as an issue that problems.ts turns into a ConfigProblem. */
export function complain(context: z.RefinementCtx, { message, remedy }: ValidationIssue, path: string[] = []): void {
  context.addIssue({ code: 'custom', message, params: { remedy }, path });
}

/**
 * A rule between several settings of a section. It runs even where another setting of the section is wrong, so that
 * every problem is reported at once: `holds` must therefore cope with values of any type.
 */
export function rule(path: string, holds: (section: Record<string, unknown>) => boolean, issue: ValidationIssue) {
  return z.refine<Record<string, unknown>>(holds, {
    path: [path],
    error: issue.message,
    params: { remedy: issue.remedy },
    when: ({ value }) => typeof value === 'object' && value !== null,
  });
}
