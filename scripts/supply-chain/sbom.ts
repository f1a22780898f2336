import { nameOf, type LockedPackage, type Lockfile, productionPackages } from './lockfile.ts';
import { npmOutput } from './npm.ts';

/** What is read of a CycloneDX document (version 1.5). */
export interface Sbom {
  readonly metadata: { readonly component: { readonly name: string; readonly 'bom-ref': string } };
  readonly components: readonly SbomComponent[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

export interface SbomComponent {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly {
    readonly license?: { readonly id?: string };
    readonly expression?: string;
  }[];
}

/** The software bill of materials of what users get, in CycloneDX, from the lockfile. */
export async function makeSbom(root: string, lockfile: Lockfile): Promise<Sbom> {
  const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
  return onlyProduction(JSON.parse(await npmOutput(args, root)) as Sbom, lockfile);
}

/**
 * Leaves out what development alone uses. npm could do so itself (`--omit=dev`), but leaves out packages that are
 * shipped, too: with npm 11.19, commander and eleven others. The name of the project is the folder's there, so it is
 * set.
 */
export function onlyProduction(sbom: Sbom, lockfile: Lockfile): Sbom {
  const shipped = lockedById(lockfile);
  const components = sbom.components.filter((component) => shipped.has(idOf(component)));
  const { component } = sbom.metadata;
  const kept = new Set([component['bom-ref'], ...components.map((each) => each['bom-ref'])]);
  return {
    ...sbom,
    metadata: { ...sbom.metadata, component: { ...component, name: 'flowkeep' } },
    components,
    dependencies: sbom.dependencies
      .filter(({ ref }) => kept.has(ref))
      .map((each) => ({ ...each, dependsOn: each.dependsOn.filter((ref) => kept.has(ref)) })),
  };
}

/** What differs between the SBOM and the lockfile: each package with its version, licence and hash. A line each. */
export function sbomProblems(sbom: Sbom, lockfile: Lockfile): string[] {
  const listed = new Map(sbom.components.map((component) => [idOf(component), component]));
  const shipped = lockedById(lockfile);
  const missing = [...shipped.keys()].filter((id) => !listed.has(id)).map((id) => `the SBOM lacks ${id}`);
  return [...missing, ...[...listed].flatMap(([id, component]) => componentProblems(id, component, shipped.get(id)))];
}

function componentProblems(
  id: string,
  { purl, hashes = [], licenses = [] }: SbomComponent,
  locked: LockedPackage | undefined,
): string[] {
  if (!locked) return [`the SBOM has ${id}, which the lockfile does not ship`];
  const problems: string[] = [];
  const integrity = Buffer.from((locked.integrity ?? '').replace('sha512-', ''), 'base64').toString('hex');
  if (!hashes.some(({ alg, content }) => alg === 'SHA-512' && content === integrity)) {
    problems.push(`${id}: the SBOM has another hash`);
  }
  const licence = licenses.map((each) => each.license?.id ?? each.expression).join();
  if (licence !== locked.license) problems.push(`${id}: the SBOM has another licence: ${licence}`);
  if (!purl.startsWith('pkg:npm/')) problems.push(`${id}: its package URL is ${purl}`);
  return problems;
}

function lockedById(lockfile: Lockfile): Map<string, LockedPackage> {
  return new Map(productionPackages(lockfile).map(([path, each]) => [`${nameOf(path, each)}@${each.version}`, each]));
}

function idOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}@${version}`;
}
