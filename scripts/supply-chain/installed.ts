import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Production } from './lockfile.ts';

interface InstalledManifest {
  readonly version: string;
  readonly scripts?: Readonly<Record<string, string>>;
}

/**
 * Whether what is installed is what is locked, and whether any of it runs a script at installation: the lockfile only
 * repeats what the registry says of that.
 */
export function installedProblems(root: string, production: readonly Production[]): string[] {
  return production.flatMap(([path, { version }]) => {
    const manifest = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as InstalledManifest;
    const scripts = ['preinstall', 'install', 'postinstall'].filter((name) => manifest.scripts?.[name] !== undefined);
    return [
      ...(manifest.version === version
        ? []
        : [`${path}: ${manifest.version} is installed, not ${version}; run npm ci`]),
      ...scripts.map((name) => `${path}: it has a script "${name}"`),
      // npm compiles what has this file, without any script.
      ...(existsSync(join(root, path, 'binding.gyp')) ? [`${path}: it is compiled at installation`] : []),
    ];
  });
}
