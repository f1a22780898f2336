import { expect, it } from 'vitest';
import { onlyProduction, sbomProblems, type Sbom, type SbomComponent } from '../../../scripts/supply-chain/sbom.ts';
import { INTEGRITY, locked, lockfile } from './support.ts';

const content = Buffer.from(INTEGRITY.replace('sha512-', ''), 'base64').toString('hex');
const component = (name: string, changes: Partial<SbomComponent> = {}): SbomComponent => ({
  ...{ 'bom-ref': `${name}@1.2.3`, name, version: '1.2.3', purl: `pkg:npm/${name}@1.2.3` },
  hashes: [{ alg: 'SHA-512', content }],
  licenses: [{ license: { id: 'MIT' } }],
  ...changes,
});
const sbom = (...components: SbomComponent[]): Sbom => ({
  metadata: { component: { name: 'folder', 'bom-ref': 'flowkeep@0.1.0' } },
  components,
  dependencies: [{ ref: 'flowkeep@0.1.0', dependsOn: components.map((each) => each['bom-ref']) }],
});
const shipped = lockfile({ 'node_modules/a': locked(), 'node_modules/dev': locked({ dev: true }) });

it('an SBOM that lists what is shipped, and nothing else, is fine', () => {
  expect(sbomProblems(sbom(component('a')), shipped)).toEqual([]);
});

it.each<[string, Sbom]>([
  ['the SBOM lacks a@1.2.3', sbom()],
  ['the SBOM has dev@1.2.3, which the lockfile does not ship', sbom(component('a'), component('dev'))],
  ['a@1.2.3: the SBOM has another hash', sbom(component('a', { hashes: [{ alg: 'SHA-512', content: '00' }] }))],
  ['a@1.2.3: the SBOM has another licence: ISC', sbom(component('a', { licenses: [{ license: { id: 'ISC' } }] }))],
])('%s', (problem, wrong) => {
  expect(sbomProblems(wrong, shipped)).toEqual([problem]);
});

it('what development alone uses is left out, also as a dependency', () => {
  const left = onlyProduction(sbom(component('a'), component('dev')), shipped);
  expect(sbomProblems(left, shipped)).toEqual([]);
  expect(left.dependencies).toEqual([{ ref: 'flowkeep@0.1.0', dependsOn: ['a@1.2.3'] }]);
  expect(left.metadata.component.name).toBe('flowkeep');
});
