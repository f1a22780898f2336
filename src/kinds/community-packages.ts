import type { JsonObject } from '../lib/json/json.ts';
import { omit, requireText, sortByText } from './fields.ts';

/** Checks one entry of `GET /community-packages`; whether an update is available is not the instance's state. */
export function parseCommunityPackage(value: unknown): JsonObject & { packageName: string } {
  const found = requireText(value, ['packageName'], 'GET /community-packages');
  return { ...omit(found, ['updateAvailable']), packageName: found.packageName };
}

/** The stored order: by package name. */
export function sortCommunityPackages<T extends { packageName: string }>(packages: Iterable<T>): T[] {
  return sortByText(packages, (found) => found.packageName);
}
