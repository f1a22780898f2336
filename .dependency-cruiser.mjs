/**
 * The arrows of ARCHITECTURE.md, "Who may import whom": a folder may import what is listed for it, and itself. A folder
 * within one that is listed has rules of its own.
 */
const layers = {
  lib: [],
  // What a kind is called stands in the configuration; definitions.ts is data, and imports nothing but its type.
  config: ['lib', 'kinds/definitions'],
  // A type of store knows how it is opened.
  'config/stores': ['lib', 'config', 'store'],
  n8n: ['lib'],
  kinds: ['lib', 'n8n'],
  store: ['lib'],
  snapshot: ['lib', 'n8n', 'kinds'],
  restore: ['lib', 'n8n', 'kinds', 'snapshot'],
  diff: ['lib', 'kinds', 'snapshot'],
  jobs: ['lib', 'config', 'n8n', 'kinds', 'store', 'snapshot', 'restore', 'diff'],
  daemon: ['lib', 'jobs', 'config/secrets', 'config/schema/fields'],
  cli: ['lib', 'config', 'app', 'jobs', 'diff', 'daemon', 'restore/plan', 'restore/model', 'snapshot/format', 'kinds'],
};

const layerRules = Object.entries(layers).map(([folder, allowed]) => ({
  name: `layer-${folder}`,
  comment: `src/${folder} may import only: ${allowed.join(', ') || 'nothing'}`,
  severity: 'error',
  from: {
    path: `^src/${folder}/`,
    pathNot: Object.keys(layers)
      .filter((other) => other.startsWith(`${folder}/`))
      .map((other) => `^src/${other}/`),
  },
  to: {
    path: '^src/',
    pathNot: [folder, ...allowed].map((name) => `^src/${name}(/|\\.ts$)`),
  },
}));

export default {
  forbidden: [
    ...layerRules,
    {
      name: 'kind-definitions-are-data',
      comment: 'src/config reads the definitions of kinds: they may import nothing but their own type',
      severity: 'error',
      from: { path: '^src/kinds/definitions?\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(lib/|kinds/definitions?\\.ts$)' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-dead-module',
      comment: 'nothing leads to it from src/main.ts: such as a type of store or a channel that no registry lists',
      severity: 'error',
      from: { path: '^src/main\\.ts$' },
      to: { path: '^src/', pathNot: '^src/diff/html/page/', reachable: false },
    },
    {
      name: 'no-test-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts)/' },
    },
    {
      name: 'no-dev-dependency-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
