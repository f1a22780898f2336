import type { JsonObject } from '../lib/json/json.ts';
import { omit, requireText, sortByText } from './fields.ts';
import { KIND, NODE_PACKAGES } from './kinds.ts';

/** Checks one entry of the list of community packages; whether an update is available is not the instance's state. */
export function parsePackage(value: unknown): JsonObject & { packageName: string } {
  const found = requireText(value, ['packageName'], `GET ${KIND[NODE_PACKAGES].path}`);
  return { ...omit(found, ['updateAvailable']), packageName: found.packageName };
}

/** The stored order: by package name. */
export function sortPackages<T extends { packageName: string }>(packages: Iterable<T>): T[] {
  return sortByText(packages, (found) => found.packageName);
}
