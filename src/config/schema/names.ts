import type { ValidationIssue } from '../problems/validation-issue.ts';

export const NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';
const NAME = new RegExp(NAME_PATTERN);
/** Names that Windows keeps for devices, with or without an extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * What is wrong with the name of an instance or a store. An instance's name is a folder in every store, so it must be
 * safe on any disk and must not look like an option or a hidden folder such as `.git`.
 */
export function nameIssue(name: string): ValidationIssue | null {
  if (NAME.test(name) && !name.endsWith('.') && !DEVICE.test(name)) return null;
  return {
    message: 'is not a name that is safe as a folder',
    remedy: 'use up to 64 letters, digits, dots, dashes and underscores; begin with a letter or digit',
  };
}
