import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';

const HERE = import.meta.dirname;

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string; readonly generateName?: string };
  readonly [key: string]: unknown;
}

/** The documents of a file, read as Kubernetes does (YAML 1.1: 0440 is octal). @throws where a key comes twice */
export function readManifests(file: string): Manifest[] {
  return parseAllDocuments(readFileSync(file, 'utf8'), { uniqueKeys: true, version: '1.1' }).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0] as Error;
    const value = document.toJS() as Manifest | null;
    return value === null ? [] : [value];
  });
}

/**
 * What is wrong with manifests, without a cluster: values by the OpenAPI validators of the npm package
 * kubernetes-models (types, enums, what is required), and unknown fields, which those let pass, by its types.
 */
export async function validateManifests(manifests: readonly Manifest[]): Promise<string[]> {
  const problems: string[] = [];
  for (const manifest of manifests) {
    try {
      const module = (await import(moduleOf(manifest))) as Record<string, new (value: object) => Model>;
      const Model = module[manifest.kind];
      if (!Model) throw new Error(`there is no ${manifest.kind} in ${manifest.apiVersion}`);
      new Model(manifest).validate();
    } catch (error) {
      problems.push(`${nameOf(manifest)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return [...problems, ...unknownFields(manifests)];
}

interface Model {
  validate(): void;
}

function moduleOf({ apiVersion, kind }: Manifest): string {
  return `kubernetes-models/${apiVersion}/${kind}`;
}

function nameOf({ kind, metadata }: Manifest): string {
  return `${kind}/${metadata?.name ?? metadata?.generateName ?? ''}`;
}

/** The compiler refuses a field that the type does not have in a literal. */
function unknownFields(manifests: readonly Manifest[]): string[] {
  const folder = mkdtempSync(join(HERE, '.k8s-'));
  try {
    const files = manifests.map((manifest, index) => {
      const file = join(folder, `${index}.ts`);
      const type = `import type { I${manifest.kind} as Type } from '${moduleOf(manifest)}';`;
      writeFileSync(file, `${type}\nexport const manifest: Type = ${JSON.stringify(manifest, null, 1)};\n`);
      return file;
    });
    const program = ts.createProgram(files, {
      ...{ strict: true, noEmit: true, skipLibCheck: true, types: [] },
      ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
      target: ts.ScriptTarget.ES2022,
    });
    return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
      const index = files.findIndex((file) => diagnostic.file?.fileName.endsWith(relative(HERE, file)));
      const said = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n').split('\n').at(-1)?.trim();
      const manifest = manifests[index];
      return `${manifest ? nameOf(manifest) : 'a manifest'}: ${said}`;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
