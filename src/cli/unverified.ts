import { printable } from '../lib/printable.ts';
import type { Output } from './output/output.ts';

/** The flag of every command that uses the content of a snapshot. */
export interface UnverifiedFlag {
  readonly allowUnverified?: boolean;
}

/** For commander. */
export const ALLOW_UNVERIFIED = [
  '--allow-unverified',
  'use a snapshot that was altered, or that nothing proves to be what flowkeep saved',
] as const;

/** What stands above everything that is told of a snapshot which is not taken for what flowkeep saved. */
export function unverifiedLines(reasons: readonly string[] | undefined, palette: Output['palette']): string[] {
  return (reasons ?? []).map((reason) => palette.red(`WARNING: ${printable(reason)}`));
}
