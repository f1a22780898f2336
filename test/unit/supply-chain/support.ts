import type { LockedPackage, Lockfile } from '../../../scripts/supply-chain/lockfile.ts';

export const INTEGRITY = `sha512-${'A'.repeat(86)}==`;

/** A package from the registry that may be shipped, with changes. */
export function locked(changes: Partial<LockedPackage> = {}): LockedPackage {
  return { version: '1.2.3', license: 'MIT', integrity: INTEGRITY, ...changes };
}

export function lockfile(packages: Record<string, LockedPackage>): Lockfile {
  return { lockfileVersion: 3, packages: { '': {}, ...packages } };
}
