import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { audit } from './supply-chain/audit.ts';
import { installedProblems } from './supply-chain/installed.ts';
import { lockfileProblems, productionPackages, type Lockfile, type Manifest } from './supply-chain/lockfile.ts';
import { makeSbom, sbomProblems } from './supply-chain/sbom.ts';
import { tarballProblems } from './supply-chain/tarball.ts';

/**
 * What flowkeep is made of, and what is published (`npm run check:supply-chain`): dependencies pinned, of an allowed
 * licence, without install scripts and known holes; the SBOM; the package as users get it. SECURITY.md says why.
 * With FLOWKEEP_AUDIT=required a registry that serves no advisories is a failure; otherwise it is told loudly.
 */
const root = join(import.meta.dirname, '..');
const failures: string[] = [];

await main();

async function main(): Promise<void> {
  const lockfile = readJson<Lockfile>('package-lock.json');
  const production = productionPackages(lockfile);
  const all = Object.keys(lockfile.packages).length - 1;
  report(`${all} packages are pinned, ${production.length} of them shipped`, [
    ...lockfileProblems(lockfile, readJson<Manifest>('package.json')),
    ...installedProblems(root, production),
  ]);

  const sbom = await makeSbom(root, lockfile);
  report(`the SBOM lists ${sbom.components.length} packages`, sbomProblems(sbom, lockfile));

  await reportAudit('what is shipped', ['--omit=dev']);
  await reportAudit('what development uses', []);

  const { files, problems } = await tarballProblems(root);
  report(`the package holds ${files} files, installs in an empty folder and starts`, problems);

  process.exitCode = failures.length === 0 ? 0 : 1;
}

async function reportAudit(what: string, args: readonly string[]): Promise<void> {
  const result = await audit(root, args);
  if (result.status === 'audited') return report(`no advisory of high severity about ${what}`, result.problems);
  const words = `NOT AUDITED: this registry serves no advisories about ${what} (${result.reason})`;
  if (process.env.FLOWKEEP_AUDIT === 'required') report('audit', [words]);
  else console.log(`----    ${words}`);
}

function report(what: string, problems: readonly string[]): void {
  failures.push(...problems);
  console.log(problems.length === 0 ? `ok      ${what}` : `FAILED  ${what}: ${problems.length} problems`);
  for (const problem of problems) console.log(`        ${problem}`);
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(join(root, file), 'utf8')) as T;
}
