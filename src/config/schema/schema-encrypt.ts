import { resolve } from 'node:path';
import { bech32 } from '@scure/base';
import * as z from 'zod';
import { complain, text, type ValidationIssue } from '../problems/validation-issue.ts';
import { secretField, type ResolveContext } from '../secrets.ts';

/** The recipients that a store encrypts to. docs/encryption.md */
export function encryptField(context: ResolveContext) {
  const previous = z
    .strictObject(keyFields(context))
    .transform(withRecipients(context))
    .exactOptional()
    .describe('What `recipients` and `digestKey` were before they were changed: so older snapshots are still proven.');
  return z
    .strictObject({ ...keyFields(context), previous })
    .transform(withRecipients(context))
    .exactOptional()
    .describe('Encrypts what is saved, with age; without it, nothing is encrypted.');
}

function keyFields(context: ResolveContext) {
  return {
    recipients: z
      .array(text(recipientIssue))
      .min(1)
      .exactOptional()
      .describe('age public keys (`age1…`); the identity of any one of them decrypts.'),
    recipientsFile: z
      .string()
      .min(1)
      .exactOptional()
      .describe('File with such keys, one per line, as for `age -R`; in addition to `recipients` or instead.'),
    digestKey: secretField(context)
      .exactOptional()
      .describe('Long random text: only people who have it can guess content by its digest or forge a snapshot.'),
  };
}

interface GivenRecipients {
  readonly recipients?: string[];
  readonly recipientsFile?: string;
}

/** The recipients of the list and of the file, in place of both. */
function withRecipients(context: ResolveContext) {
  return <Given extends GivenRecipients>(
    { recipients = [], recipientsFile, ...rest }: Given,
    refinement: z.RefinementCtx,
  ) => {
    const fromFile = recipientsFile === undefined ? [] : readRecipients(recipientsFile, context, refinement);
    if (recipients.length === 0 && recipientsFile === undefined)
      complain(refinement, { message: 'is missing, and so is recipientsFile', remedy: KEYGEN }, ['recipients']);
    return { ...rest, recipients: [...new Set([...recipients, ...fromFile])] };
  };
}

export type EncryptConfig = NonNullable<z.output<ReturnType<typeof encryptField>>>;

const KEYGEN = '`age-keygen -o identity.txt` prints one that begins with age1; keep the file elsewhere';

function readRecipients(file: string, context: ResolveContext, refinement: z.RefinementCtx): string[] {
  const report = (issue: ValidationIssue): string[] => {
    complain(refinement, issue, ['recipientsFile']);
    return [];
  };
  let content: string;
  try {
    content = context.readFile(resolve(context.baseDir, file));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    const remedy = 'check that it exists and that this user may read it';
    return report({ message: `cannot read the file${code}`, remedy });
  }
  const lines = content.split(/\r?\n/).map((line) => line.trim());
  const recipients = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (recipients.length === 0) return report({ message: 'the file has no recipient', remedy: KEYGEN });
  const wrong = lines.findIndex((line) => recipients.includes(line) && recipientIssue(line) !== null);
  const issue = recipientIssue(lines[wrong] ?? recipients[0]!);
  if (issue === null) return recipients;
  return report({ ...issue, message: `line ${wrong + 1} ${issue.message}` });
}

/** What is wrong with a recipient. It is never repeated: it may be an identity, which is a secret. */
function recipientIssue(value: string): ValidationIssue | null {
  if (/^age-secret-key-/i.test(value)) {
    const remedy = 'write its public key instead, which `age-keygen -y FILE` prints; flowkeep saves without it';
    return { message: 'is an identity, which must not be written into the configuration', remedy };
  }
  if (value.startsWith('ssh-')) return { message: 'is an SSH key, not an age key', remedy: KEYGEN };
  return isRecipient(value) ? null : { message: 'is not an age public key', remedy: KEYGEN };
}

/** Bytes of a key, by the human-readable part of its text: X25519, and with ML-KEM-768 beside it. */
const KEY_BYTES: Readonly<Record<string, number>> = { age: 32, age1pq: 1216 };

function isRecipient(value: string): boolean {
  // false: a post-quantum key is longer than bech32 allows.
  const decoded = bech32.decodeUnsafe(value, false);
  const bytes = decoded && bech32.fromWordsUnsafe(decoded.words);
  return bytes instanceof Uint8Array && bytes.length === KEY_BYTES[decoded?.prefix ?? ''];
}
