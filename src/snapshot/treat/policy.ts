import type { SecretException } from './exceptions.ts';
import type { Scanner } from '../secrets/scan.ts';

/**
 * What a store gets of what was read: its settings `secrets`, `secretExceptions`, `pinData` and `variableValues`
 * (docs/secrets.md).
 */
export interface StorePolicy {
  readonly secrets: 'warn' | 'redact' | 'block' | 'off';
  readonly pinData: 'keep' | 'drop';
  readonly variableValues: 'keep' | 'omit';
  /** Findings that are none. */
  readonly secretExceptions?: readonly SecretException[];
}

export const DEFAULT_POLICY: StorePolicy = { secrets: 'warn', pinData: 'keep', variableValues: 'keep' };

/** Whether a store with this policy gets other bytes than were read. */
export function changesBytes({ secrets, pinData, variableValues }: StorePolicy): boolean {
  return secrets === 'redact' || pinData === 'drop' || variableValues === 'omit';
}

/** A policy as it is applied to files. */
export interface FilePolicy extends StorePolicy {
  /** null: no secrets are looked for. */
  readonly scanner: Scanner | null;
  /** The name of a file's item, for people. */
  readonly nameOf: (path: string) => string | undefined;
  /** Whether a file has n8n's own texts, in which nothing is a marker; false where it was redacted before. */
  readonly isPlain: (path: string) => boolean;
}

/** What only says where secrets are, and changes nothing. */
export function lookingPolicy(
  scanner: Scanner,
  secretExceptions: readonly SecretException[] = [],
  nameOf: FilePolicy['nameOf'] = () => undefined,
): FilePolicy {
  return { ...DEFAULT_POLICY, secretExceptions, scanner, nameOf, isPlain: () => true };
}
