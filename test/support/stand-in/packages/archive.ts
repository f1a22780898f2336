import { gunzipSync, gzipSync } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import type { Json } from '../../../../src/lib/json/json.ts';
import { badRequest } from '../api-error.ts';

/** The files of a package, by path, in the order of the archive. */
export type PackageFiles = Map<string, Json>;

/** A gzipped tar of JSON files, in the order given: manifest.json must come first. */
export async function writePackage(files: PackageFiles): Promise<Buffer> {
  const tar = pack();
  const mtime = new Date(0);
  for (const [name, content] of files) tar.entry({ name, mtime }, JSON.stringify(content, null, '\t'));
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

/** The files of an uploaded package. @throws ApiError 400 in n8n's words where it is none */
export async function readPackage(bytes: Buffer): Promise<PackageFiles> {
  const files: PackageFiles = new Map();
  for (const [name, text] of await readEntries(bytes)) {
    if (files.size === 0 && name !== 'manifest.json') {
      throw badRequest(`Package must begin with manifest.json but found "${name}"`);
    }
    try {
      files.set(name, JSON.parse(text) as Json);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw badRequest(name === 'manifest.json' ? 'Package manifest is not valid JSON' : `Invalid JSON in ${name}`);
    }
  }
  if (files.size === 0) throw badRequest('Failed to read package archive');
  return files;
}

async function readEntries(bytes: Buffer): Promise<[string, string][]> {
  const entries: [string, string][] = [];
  try {
    const tar = extract();
    tar.end(gunzipSync(bytes));
    for await (const entry of tar) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      if (entry.header.type === 'file') entries.push([entry.header.name, Buffer.concat(chunks).toString()]);
    }
  } catch (error) {
    throw badRequest(error instanceof Error ? 'Failed to read package archive' : String(error));
  }
  return entries;
}
