import { describe, expect, it } from 'vitest';
import { lockfileProblems, productionPackages, type LockedPackage } from '../../../scripts/supply-chain/lockfile.ts';
import { locked, lockfile } from './support.ts';

const at = (changes: Partial<LockedPackage>) => lockfile({ 'node_modules/a': locked(changes) });

describe('dependencies', () => {
  it('dependencies that are pinned to the registry, of an allowed licence and without scripts, are fine', () => {
    const manifest = { dependencies: { a: '^1.2.3' }, devDependencies: { b: '~2.0.0' } };
    const fromMirror = { resolved: 'https://registry.example/a/-/a-1.2.3.tgz' };
    expect(lockfileProblems(at({}), manifest)).toEqual([]);
    expect(lockfileProblems(at(fromMirror), manifest)).toEqual([]);
  });

  it.each<[string, Partial<LockedPackage>]>([
    ['it has no SHA-512 integrity', { integrity: 'sha1-deadbeef' }],
    ['it does not come from a registry', { resolved: 'git+ssh://git@example.com/a.git#abc' }],
    ['it does not come from a registry', { resolved: 'file:../a.tgz' }],
    ['it is a link to another folder', { link: true }],
    ['its version is ^1.2.3', { version: '^1.2.3' }],
    ['its licence is not an allowed one', { license: 'AGPL-3.0' }],
    ['it is deprecated', { deprecated: 'use b' }],
    ['it runs a script when users install it', { hasInstallScript: true }],
  ])('%s', (problem, changes) => {
    expect(lockfileProblems(at(changes), {})[0]).toContain(`node_modules/a: ${problem}`);
  });

  it.each(['*', 'latest', '>=1.0.0', 'github:owner/a', 'file:../a', 'npm:b@1.0.0', 'https://example.com/a.tgz'])(
    'dependencies may not be asked for as %s',
    (range) => {
      expect(lockfileProblems(at({}), { dependencies: { a: range } })).toEqual([
        `package.json: a is no range of versions: ${range}`,
      ]);
    },
  );

  it('dependencies of development may have other licences, and scripts where package.json says so', () => {
    const dev = at({ dev: true, license: 'MPL-2.0', hasInstallScript: true });
    expect(lockfileProblems(dev, { allowScripts: { a: true } })).toEqual([]);
    expect(lockfileProblems(dev, {})).toEqual([expect.stringContaining('a has an install script')]);
    expect(productionPackages(dev)).toEqual([]);
  });
});
