import { isJsonObject, type Json, type JsonObject } from '../../../../src/lib/json/json.ts';
import { badRequest } from '../api-error.ts';
import { asText } from '../body.ts';
import type { ColumnType, WorkflowContent } from '../state.ts';
import { readPackage, type PackageFiles } from './archive.ts';
import { parseManifest, type Manifest, type ManifestEntry } from './manifest.ts';

export interface PackageWorkflow {
  readonly id: string;
  readonly name: string;
  readonly content: WorkflowContent;
  readonly settings: JsonObject;
  readonly isArchived: boolean;
  readonly tagIds: readonly string[];
  readonly versionId: string | null;
  readonly publishedVersionId: string | null;
  /** The target of the project in the package that it lies in; undefined: outside of any. */
  readonly projectTarget: string | undefined;
  /** The id of the package folder that it lies in, or null. */
  readonly folderId: string | null;
}

export interface ParsedPackage {
  readonly manifest: Manifest;
  readonly workflows: readonly PackageWorkflow[];
  /** The one file of any other item. */
  readonly fileOf: (entry: ManifestEntry, file: string) => JsonObject;
}

/** @throws ApiError 400 in n8n's words for a package that cannot be used */
export async function parsePackage(bytes: Buffer): Promise<ParsedPackage> {
  const files = await readPackage(bytes);
  const manifest = parseManifest(files.get('manifest.json'));
  const fileOf = (entry: ManifestEntry, file: string) => requiredFile(files, `${entry.target}/${file}`, 'item');
  const workflows = manifest.entries.workflows.map((entry) => parseWorkflow(entry, files, manifest));
  return { manifest, workflows, fileOf };
}

function parseWorkflow(entry: ManifestEntry, files: PackageFiles, manifest: Manifest): PackageWorkflow {
  const path = `${entry.target}/workflow.json`;
  if (!/^[\w./-]+$/.test(path)) throw badRequest(`Package entry path "${path}" contains disallowed characters`);
  const json = requiredFile(files, path, 'workflow');
  const metadataPath = `${entry.target}/workflow-metadata.json`;
  const metadata = files.get(metadataPath);
  if (!isJsonObject(metadata)) {
    throw badRequest(
      `Package workflow metadata file is missing at ${metadataPath}. Export the package again from an instance that runs this version.`,
    );
  }
  const { name, nodes, connections, settings, tagIds } = json;
  if (typeof name !== 'string' || !Array.isArray(nodes) || !isJsonObject(connections)) {
    throw badRequest(`Package workflow file at ${path} failed schema validation.`);
  }
  const container = entry.target.slice(0, Math.max(0, entry.target.lastIndexOf('/workflows/')));
  return {
    ...{ id: entry.id, name },
    content: { nodes: nodes.filter(isJsonObject).map(knownMembers), connections, nodeGroups: [] },
    settings: isJsonObject(settings) ? settings : {},
    isArchived: json['isArchived'] === true,
    tagIds: Array.isArray(tagIds) ? tagIds.map(String) : [],
    versionId: textOrNull(metadata['versionId']),
    publishedVersionId: textOrNull(metadata['publishedVersionId']),
    projectTarget: projectTargetOf(entry.target, manifest),
    folderId: manifest.entries.folders.find(({ target }) => target === container)?.id ?? null,
  };
}

/** n8n passes over members of nodes that its schema of packages does not name. */
function knownMembers(node: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(node).filter(([member]) => NODE_MEMBERS.has(member)));
}

/** `serializedWorkflowSchema` of n8n 2.41.1. */
const NODE_MEMBERS: ReadonlySet<string> = new Set([
  ...['id', 'name', 'type', 'typeVersion', 'position', 'parameters', 'credentials', 'disabled', 'notes'],
  ...['notesInFlow', 'continueOnFail', 'retryOnFail', 'maxTries', 'waitBetweenTries', 'alwaysOutputData'],
  ...['executeOnce', 'onError', 'webhookId'],
]);

/** The target of the package's project that a target lies in. */
export function projectTargetOf(target: string, manifest: Manifest): string | undefined {
  return manifest.entries.projects.find((project) => target.startsWith(`${project.target}/`))?.target;
}

function requiredFile(files: PackageFiles, path: string, what: string): JsonObject {
  const json = files.get(path);
  if (isJsonObject(json)) return json;
  throw badRequest(`Package manifest references a missing ${what} file at ${path}.`);
}

function textOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** The columns of a data-table.json, in order. */
export function columnsOf(json: JsonObject): { name: string; type: ColumnType }[] {
  const columns = (Array.isArray(json['columns']) ? json['columns'] : []).filter(isJsonObject);
  return columns
    .sort((a, b) => Number(a['index']) - Number(b['index']))
    .map(({ name, type }) => ({ name: asText(name), type: asText(type) as ColumnType }));
}
