import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { formatScanner } from '../../src/snapshot/secrets/known-formats.ts';
import { npmOutput } from './npm.ts';

/** Builds and packs what `npm publish` would publish, and looks at it as a user gets it. @returns a line each */
export async function tarballProblems(root: string): Promise<{ files: number; problems: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'flowkeep-pack-'));
  try {
    await npmOutput(['run', '--silent', 'build'], root);
    const packed = await npmOutput(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root);
    const [{ filename } = { filename: '' }] = JSON.parse(packed) as [{ filename: string }];
    const tarball = join(folder, filename);
    execFileSync('tar', ['-xzf', tarball, '-C', folder]);
    const contents = join(folder, 'package');
    const files = filesBelow(contents);
    const problems = [
      ...listProblems(files, expectedFiles(root)),
      ...(await contentProblems(contents, files, [root, homedir()])),
      ...(await installProblems(tarball, join(folder, 'user'), root)),
    ];
    return { files: files.length, problems };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function listProblems(files: readonly string[], expected: readonly string[]): string[] {
  const [packed, wanted] = [new Set(files), new Set(expected)];
  return [
    ...expected.filter((file) => !packed.has(file)).map((file) => `the package lacks ${file}`),
    ...files.filter((file) => !wanted.has(file)).map((file) => `the package holds ${file}`),
    ...files.filter(isNoProgram).map((file) => `the package holds ${file}, which no program is made of`),
  ];
}

/** Source maps, declarations, tests: what a build could leave beside the program. */
function isNoProgram(file: string): boolean {
  return file.startsWith('dist/') && !/^[^.]+\.(js|css|LICENSE)$/.test(file);
}

/**
 * The program as it was just built into an empty folder, its documentation and its examples as far as git knows them.
 */
function expectedFiles(root: string): string[] {
  const known = execFileSync('git', ['ls-files', 'docs', 'config'], { cwd: root, encoding: 'utf8' });
  const program = filesBelow(join(root, 'dist')).map((file) => `dist/${file}`);
  return [
    ...['package.json', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE'],
    ...known.trimEnd().split('\n'),
    ...program,
  ];
}

/** @param places folders of this machine, whose names tell users nothing */
async function contentProblems(folder: string, files: readonly string[], places: readonly string[]): Promise<string[]> {
  const findSecrets = await formatScanner();
  const problems: string[] = [];
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    problems.push(...textProblems(text, places).map((problem) => `${file} ${problem}`));
    if ((await findSecrets(text)).length > 0) problems.push(`${file} holds what looks like a secret`);
  }
  return problems;
}

export function textProblems(text: string, places: readonly string[]): string[] {
  const problems = places.filter((place) => text.includes(`${place}/`)).map((place) => `names ${place}`);
  if (/\/[/*]# sourceMappingURL=/.test(text)) problems.push('refers to a source map');
  return problems;
}

/** Installs it in an empty folder, with what it depends on and nothing else, and starts it. */
async function installProblems(tarball: string, folder: string, root: string): Promise<string[]> {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  await npmOutput(['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball], folder);
  const flowkeep = (...args: string[]): string =>
    execFileSync(join(folder, 'node_modules/.bin/flowkeep'), args, { cwd: folder, encoding: 'utf8' });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const said = flowkeep('--version').trim();
  const problems = said === version ? [] : [`the installed package says that it is version ${said}`];
  const schema = readFileSync(join(root, 'config/schema.json'), 'utf8');
  if (flowkeep('config', 'schema') !== schema) problems.push('the installed package has another config schema');
  return problems;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
