// Problems of a configuration in a user's words: the path of a setting, what is wrong with it, and what to
// do.

import type * as z from 'zod';
import type { ConfigProblem } from './errors.ts';
import { knownKeys } from '../schema/known-keys.ts';
import { isSection, valueAt, type Path } from './path.ts';
import { SECRET_REMEDY } from '../secrets.ts';
import { remedyFor, suggest } from './suggest.ts';

/** A problem whose path is not text yet, so that it can be traced to the variable that a value came from. */
export interface LocatedProblem extends Omit<ConfigProblem, 'path'> {
  readonly path: Path;
}

/**
 * What zod found, in words: every message is written here, because zod's own know no remedy. A value is never
 * repeated, since any value may be a secret in the wrong place.
 */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  schema: z.core.$ZodType,
  document: unknown,
): LocatedProblem[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(schema, issue.path, document);
      return issue.keys.map((key) => unknownKey(issue.path, key, known));
    }
    const inner = issue.code === 'invalid_union' ? issuesOfOnlyFit(issue) : [];
    if (inner.length > 0) return problemsOf(inner, schema, document);
    return [{ path: issue.path, ...describe(issue, valueAt(document, issue.path)) }];
  });
}

/** Of alternatives of different types, such as a section or a list: the issues of the one that the value is of. */
function issuesOfOnlyFit({ errors, path }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] {
  const fitting = errors.filter((issues) => wrongType(issues) === undefined);
  if (fitting.length !== 1 || errors.length === 1) return [];
  return fitting.flat().map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
}

/** The type that an alternative wants, where the value is of another one. */
function wrongType(issues: readonly z.core.$ZodIssue[]): string | undefined {
  const issue = issues.find(({ code, path }) => code === 'invalid_type' && path.length === 0);
  return issue?.code === 'invalid_type' ? issue.expected : undefined;
}

type Description = Omit<ConfigProblem, 'path'>;

function unknownKey(path: Path, key: string, known: string[]): LocatedProblem {
  // A secret pasted without its key becomes a key itself: only what looks like a setting is repeated.
  const shown = /^[A-Za-z_][\w-]{0,31}$/.test(key) ? key : '(unreadable)';
  return { path: [...path, shown], message: 'is not a known setting', remedy: remedyFor(key, known) };
}

function describe(issue: z.core.$ZodIssue, value: unknown): Description {
  if (issue.code === 'custom') return withRemedy(issue.message, issue.params?.['remedy']);
  if (issue.code === 'invalid_union' && !('discriminator' in issue && issue.discriminator)) {
    const wanted = new Set(issue.errors.flatMap((issues) => wrongType(issues) ?? []));
    if (wanted.size < 2) return describeSecret(value);
    return { message: `must be ${[...wanted].map(named).join(' or ')}, not ${typeNameOf(value)}` };
  }
  if (value == null) return { message: 'is missing', remedy: 'add it; docs/configuration.md describes every setting' };
  switch (issue.code) {
    case 'invalid_type':
      return { message: `must be ${named(issue.expected)}, not ${typeNameOf(value)}` };
    case 'invalid_value':
      return oneOf(issue.values.map(String), value);
    case 'invalid_union':
      return oneOf('options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [], value);
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return { message: `must be at most ${issue.maximum}` };
    default:
      return { message: 'is not valid', remedy: 'docs/configuration.md describes every setting' };
  }
}

function withRemedy(message: string, remedy: unknown): Description {
  return typeof remedy === 'string' ? { message, remedy } : { message };
}

function describeSecret(value: unknown): Description {
  if (value == null) return { message: 'is missing', remedy: SECRET_REMEDY };
  if (isSection(value)) return { message: 'must have exactly one of env and file', remedy: SECRET_REMEDY };
  return { message: 'is a secret, which must not be written into the configuration', remedy: SECRET_REMEDY };
}

function oneOf(allowed: string[], value: unknown): Description {
  const meant = typeof value === 'string' ? suggest(value, allowed) : null;
  const message = `must be ${allowed.length > 1 ? 'one of ' : ''}${allowed.join(', ')}`;
  return meant === null ? { message } : { message, remedy: `did you mean ${meant}?` };
}

function tooSmall(issue: z.core.$ZodIssueTooSmall): Description {
  if (issue.origin === 'string' || issue.origin === 'array') return { message: 'must not be empty' };
  return { message: `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}` };
}

const TYPE_NAMES: Record<string, string> = {
  object: 'a section',
  record: 'a section',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function named(type: string): string {
  return TYPE_NAMES[type] ?? type;
}

function typeNameOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' && Number.isFinite(value)) return Number.isInteger(value) ? 'a number' : 'a fraction';
  return named(typeof value);
}
