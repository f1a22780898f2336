/**
 * Writes every file that is made from the code: `npm run generate`. With `--check` it writes nothing and fails where a
 * file is stale, so that documentation and schema cannot fall behind (`npm run check:generated`).
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { exampleConfig } from '../src/config/init.ts';
import { alertSchema } from '../src/daemon/notify/registry.ts';
import { configJsonSchema } from '../src/config/schema/json-schema.ts';
import { scopesMarkdown } from './scopes-markdown.ts';
import { settingsTables } from './settings-tables.ts';

const root = new URL('../', import.meta.url);

const stale = await staleFiles(await generatedFiles());
if (process.argv.includes('--check')) {
  for (const [path] of stale) process.stderr.write(`${path} is stale: run \`npm run generate\`\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [path, content] of stale) await write(path, content);
}

/** The content that each generated file should have, by its path in the project. */
async function generatedFiles(): Promise<[path: string, content: string][]> {
  return [
    ['config/example.yaml', exampleConfig()],
    ['config/schema.json', `${JSON.stringify(configJsonSchema(alertSchema), null, 2)}\n`],
    ...(await pages(['docs/configuration.md', 'docs/api-key.md'])),
  ];
}

/** Pages of prose with the tables in them brought up to date. */
async function pages(paths: string[]): Promise<[string, string][]> {
  const tables = new Map([...settingsTables(), ['scopes', scopesMarkdown().trimEnd()]]);
  const texts = await Promise.all(paths.map(readText));
  for (const name of tables.keys()) {
    if (texts.some((text) => text.includes(`<!-- table: ${name} -->`))) continue;
    throw new Error(`no page has the table ${name}: write a section with <!-- table: ${name} --> and <!-- /table -->`);
  }
  return Promise.all(
    paths.map(async (path): Promise<[string, string]> => [
      path,
      await formatted(path, withTables(path, await readText(path), tables)),
    ]),
  );
}

/** A page as `npm run format` leaves it, so that a generated table is never stale for its layout alone. */
async function formatted(path: string, page: string): Promise<string> {
  const filepath = fileURLToPath(new URL(path, root));
  return format(page, { ...(await resolveConfig(filepath)), filepath });
}

/**
 * Replaces what stands between `<!-- table: NAME -->` and `<!-- /table -->`; the prose around it is written by hand.
 */
function withTables(path: string, page: string, tables: ReadonlyMap<string, string>): string {
  return page.replaceAll(
    /(<!-- table: (\w+) -->\n)[^]*?(<!-- \/table -->)/g,
    (_all, open: string, name: string, end: string) => {
      const table = tables.get(name);
      if (table === undefined) throw new Error(`${path} asks for an unknown table: ${name}`);
      return `${open}${table}\n${end}`;
    },
  );
}

async function staleFiles(files: [string, string][]): Promise<[string, string][]> {
  const current = await Promise.all(files.map(([path]) => readText(path)));
  return files.filter(([, content], index) => content !== current[index]);
}

/** A file's text; empty where it does not exist yet. */
async function readText(path: string): Promise<string> {
  const file = new URL(path, root);
  return existsSync(file) ? readFile(file, 'utf8') : '';
}

async function write(path: string, content: string): Promise<void> {
  const file = fileURLToPath(new URL(path, root));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  process.stdout.write(`wrote ${path}\n`);
}
