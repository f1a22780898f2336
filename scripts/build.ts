import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/**
 * `npm run build`: makes dist/ of src/. Every module that Node loads costs it about half a millisecond, and a backup
 * has hundreds of them; so the sources become `main.js` and one file in `lib/` for each part that is loaded by
 * itself. Names stay as they are written and a comment names each source file, so that a stack trace can be followed
 * without a map.
 */
const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/**
 * Packages stay outside and are loaded from node_modules, but for zod: its entry loads 95 files, most of them words in
 * fifty languages that nobody asks for, which is a third of what the start of a backup takes. It remains a dependency,
 * so that audits and the SBOM name it.
 */
const BUNDLED = 'zod';

/** The program of a thread: nothing imports it, and it stays beside what starts it (thread/limits.ts). */
const WORKER = 'scan-worker';

await rm(dist, { recursive: true, force: true });
const bundle = await rolldown({
  cwd: root,
  input: { main: 'src/main.ts', [WORKER]: `src/snapshot/secrets/thread/${WORKER}.ts` },
  platform: 'node',
  external: (id) => !/^[./]/.test(id) && id !== BUNDLED,
});
await bundle.write({
  dir: dist,
  format: 'esm',
  entryFileNames: ({ name }) => (name === WORKER ? `lib/${name}.js` : '[name].js'),
  chunkFileNames: 'lib/[name].js',
});
await bundle.close();
// Beside the file that reads them (src/diff/html/render.ts).
await cp(join(root, 'src/diff/html/page'), join(dist, 'lib/page'), { recursive: true });
await cp(join(root, 'node_modules', BUNDLED, 'LICENSE'), join(dist, `lib/${BUNDLED}.LICENSE`));
