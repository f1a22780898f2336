import { isJsonObject, type Json, type JsonObject } from '../../../../src/lib/json/json.ts';
import { badRequest } from '../api-error.ts';

/** One item that a package holds: its file lies in the folder `target`. */
export interface ManifestEntry extends JsonObject {
  id: string;
  name: string;
  target: string;
}

export interface Requirement extends JsonObject {
  usedByWorkflows: string[];
}

export const SECTIONS = ['workflows', 'folders', 'projects', 'credentials', 'dataTables', 'variables', 'tags'] as const;
export type Section = (typeof SECTIONS)[number];

export interface Manifest {
  readonly sourceN8nVersion: string;
  readonly sourceId: string;
  readonly exportedAt: string;
  readonly entries: Readonly<Record<Section, readonly ManifestEntry[]>>;
  readonly requirements: Readonly<Record<string, readonly Requirement[]>>;
}

/** @throws ApiError 400 where the manifest is not one of format version 1 */
export function parseManifest(json: Json | undefined): Manifest {
  if (!isJsonObject(json) || json['packageFormatVersion'] !== '1') throw invalid();
  const { sourceN8nVersion, sourceId, exportedAt } = json;
  if (typeof sourceN8nVersion !== 'string' || typeof sourceId !== 'string') throw invalid();
  if (typeof exportedAt !== 'string' || Number.isNaN(Date.parse(exportedAt))) throw invalid();
  const entries = Object.fromEntries(SECTIONS.map((section) => [section, entriesOf(json[section])]));
  const requirements = isJsonObject(json['requirements']) ? json['requirements'] : {};
  return {
    ...{ sourceN8nVersion, sourceId, exportedAt },
    entries: entries as Record<Section, ManifestEntry[]>,
    requirements: Object.fromEntries(Object.entries(requirements).map(([kind, list]) => [kind, requirementsOf(list)])),
  };
}

function entriesOf(list: Json | undefined): ManifestEntry[] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw invalid();
  const entries = list.map((entry) => {
    if (!isJsonObject(entry)) throw invalid();
    const { id, name, target } = entry;
    if (typeof id !== 'string' || typeof name !== 'string' || typeof target !== 'string') throw invalid();
    return { id, name, target };
  });
  if (new Set(entries.map(({ id }) => id)).size < entries.length) throw invalid();
  return entries;
}

function requirementsOf(list: Json): Requirement[] {
  if (!Array.isArray(list)) throw invalid();
  return list.map((entry) => {
    if (!isJsonObject(entry) || !Array.isArray(entry['usedByWorkflows'])) throw invalid();
    return { ...entry, usedByWorkflows: entry['usedByWorkflows'].map(String) };
  });
}

const invalid = () => badRequest('Package manifest failed validation');
