/** One package of package-lock.json (version 3). */
export interface LockedPackage {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly deprecated?: string;
  readonly hasInstallScript?: boolean;
}

export interface Lockfile {
  readonly lockfileVersion: number;
  /** By path below the project; the empty path is the project itself. */
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  /** Packages whose install scripts npm may run. */
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

/** Licences that may be shipped with software under the Apache License 2.0 without further conditions. */
export const ALLOWED_LICENCES = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/** A package that users get, by its path below the project. */
export type Production = readonly [path: string, locked: LockedPackage];

export function productionPackages({ packages }: Lockfile): Production[] {
  return Object.entries(packages).filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional);
}

export function nameOf(path: string, { name }: LockedPackage): string {
  return name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** What is wrong with how dependencies are asked for and pinned; a line each. */
export function lockfileProblems(lockfile: Lockfile, manifest: Manifest): string[] {
  const problems = lockfile.lockfileVersion === 3 ? [] : [`lockfileVersion is ${lockfile.lockfileVersion}, not 3`];
  for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    if (!/^[\^~]?\d+\.\d+\.\d+$/.test(range)) problems.push(`package.json: ${name} is no range of versions: ${range}`);
  }
  for (const [path, locked] of Object.entries(lockfile.packages)) {
    if (path !== '') problems.push(...pinProblems(locked).map((problem) => `${path}: ${problem}`));
  }
  for (const [path, locked] of productionPackages(lockfile)) {
    problems.push(...shippedProblems(locked).map((problem) => `${path}: ${problem}`));
  }
  return [...problems, ...scriptProblems(lockfile, manifest)];
}

/** Each package is one version from the registry, and its bytes are known. */
function pinProblems({ version, integrity, resolved, link }: LockedPackage): string[] {
  if (link) return ['it is a link to another folder'];
  const problems: string[] = [];
  if (!/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version ?? '')) problems.push(`its version is ${version}`);
  if (!/^sha512-[\w+/]{86}==$/.test(integrity ?? '')) problems.push('it has no SHA-512 integrity');
  if (resolved !== undefined && !/^https:\/\/[^/]+\/.+\/-\/[^/]+\.tgz$/.test(resolved)) {
    problems.push(`it does not come from a registry: ${resolved}`);
  }
  return problems;
}

function shippedProblems({ license, deprecated, hasInstallScript }: LockedPackage): string[] {
  const problems: string[] = [];
  if (!ALLOWED_LICENCES.includes(license ?? '')) problems.push(`its licence is not an allowed one: ${license}`);
  if (deprecated !== undefined) problems.push(`it is deprecated: ${deprecated}`);
  if (hasInstallScript) problems.push('it runs a script when users install it');
  return problems;
}

/** Development may run install scripts of the packages that package.json names, and no others. */
function scriptProblems({ packages }: Lockfile, { allowScripts = {} }: Manifest): string[] {
  return Object.entries(packages)
    .filter(([path, { hasInstallScript }]) => path !== '' && hasInstallScript)
    .map(([path, locked]) => nameOf(path, locked))
    .filter((name) => allowScripts[name] !== true)
    .map((name) => `${name} has an install script, and is not in allowScripts of package.json`);
}
