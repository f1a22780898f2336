import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import * as z from 'zod';
import { FlowkeepError } from '../lib/errors.ts';
import { Secret, type SecretOptions } from '../lib/secrets/secret.ts';
import { complain, type ValidationIssue } from './problems/validation-issue.ts';
import { serverUrlIssue } from './urls.ts';
import { trimEndOf } from '../lib/trim.ts';

/** What the settings are resolved against. */
export interface ResolveContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file; throws where it cannot be read. */
  readonly readFile: (path: string) => string;
  /** Absolute folder that relative paths start from: that of the config file. */
  readonly baseDir: string;
}

export const SECRET_REMEDY = 'write { env: NAME } or { file: PATH }, and keep the secret in that variable or file';

const fromEnv = {
  env: z.string().min(1).describe('Name of the environment variable that holds the secret.'),
};
const fromFile = { file: z.string().min(1).describe('Path of the file that holds the secret.') };

export interface SecretFieldOptions extends Pick<SecretOptions, 'partsOf'> {
  /** What is wrong with a value, for what it is used as. */
  readonly test?: (value: string) => ValidationIssue | null;
}

/** A secret, given by reference only. A file is read again at each use: see `Secret`. */
export function secretField(context: ResolveContext, options: SecretFieldOptions = {}) {
  return z
    .union([z.strictObject(fromEnv), z.strictObject(fromFile)])
    .transform((reference, refinement) => resolveSecret(reference, context, refinement, options));
}

/** A URL that is itself a secret, such as that of a webhook: anyone who knows it may use it. */
export function secretUrlField(context: ResolveContext) {
  return secretField(context, {
    test: (value) => serverUrlIssue(value, { query: true }),
    // An error of the network may name the path alone, which is the secret part.
    partsOf: (url) => [new URL(url).pathname],
  });
}

/** The credentials of a git host: a reference to the token, and a user name beside it. */
export function gitAuthField(context: ResolveContext) {
  const username = z.string().min(1).exactOptional().describe('User name beside the token.');
  return z
    .union([z.strictObject({ ...fromEnv, username }), z.strictObject({ ...fromFile, username })])
    .transform(({ username, ...reference }, refinement) => {
      const token = resolveSecret(reference, context, refinement);
      return username === undefined ? { token } : { username, token };
    });
}

type Reference = { readonly env: string } | { readonly file: string };

function resolveSecret(
  reference: Reference,
  context: ResolveContext,
  refinement: z.RefinementCtx,
  { test = () => null, ...options }: SecretFieldOptions = {},
): Secret {
  const read = (): string | ValidationIssue => {
    const found = 'env' in reference ? readVariable(reference.env, context) : readSecretFile(reference.file, context);
    return typeof found === 'string' ? (valueIssue(found) ?? test(found) ?? found) : found;
  };
  const isKept = 'env' in reference || isGoneOnceRead(resolve(context.baseDir, reference.file));
  const first = read();
  if (typeof first !== 'string') {
    complain(refinement, first);
    return z.NEVER;
  }
  return new Secret(first, isKept ? options : { ...options, read: () => readAgain(read) });
}

/** A pipe, such as a shell's `<(command)`, gives its text to the first reader alone. */
function isGoneOnceRead(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false;
}

function readAgain(read: () => string | ValidationIssue): string {
  const found = read();
  if (typeof found === 'string') return found;
  const { message, remedy } = found;
  throw new FlowkeepError('secret', `a secret cannot be read any more: ${message}`, { remedy });
}

function readVariable(name: string, { env }: ResolveContext): string | ValidationIssue {
  const value = env[name];
  if (value !== undefined && value !== '') return trimEndOf(value, '\r\n');
  // Somebody may have pasted the secret itself in place of the variable's name: a log must not show it.
  const shown = /^[A-Z][A-Z0-9_]{0,63}$/.test(name) ? name : 'that it names';
  return {
    message: `the environment variable ${shown} is ${value === undefined ? 'not set' : 'empty'}`,
    remedy: 'set it, or name the variable or file that holds the secret',
  };
}

function readSecretFile(file: string, { readFile, baseDir }: ResolveContext): string | ValidationIssue {
  const shown = /^\.{0,2}\//.test(file) ? file : 'that it names';
  try {
    const value = trimEndOf(readFile(resolve(baseDir, file)), '\r\n');
    if (value !== '') return value;
    return { message: `the file ${shown} is empty`, remedy: 'write the secret into it' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    const remedy = 'check that it exists and that this user may read it';
    return { message: `cannot read the file ${shown}${code}`, remedy };
  }
}

/** A line break inside a secret would end up in an HTTP header, whose error message repeats it. */
function valueIssue(value: string): ValidationIssue | null {
  if (!/[\u0000-\u001f\u007f]/.test(value) && value.trim() !== '') return null;
  return {
    message: 'the secret holds a line break or another control character, or only blanks',
    remedy: 'store the secret alone, on one line',
  };
}
