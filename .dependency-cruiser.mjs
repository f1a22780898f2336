/** The arrows of ARCHITECTURE.md, "Who may import whom": a folder may import what is listed for it, and itself. */
const layers = {
  lib: [],
  config: ['lib'],
  n8n: ['lib'],
  resources: ['lib', 'n8n'],
  store: ['lib'],
  snapshot: ['lib', 'n8n', 'resources'],
  restore: ['lib', 'n8n', 'resources', 'snapshot'],
  diff: ['lib', 'resources', 'snapshot'],
  jobs: ['lib', 'config', 'n8n', 'resources', 'store', 'snapshot', 'restore', 'diff'],
  daemon: ['lib', 'jobs'],
  cli: ['lib', 'config', 'jobs', 'diff', 'daemon', 'app'],
};

const layerRules = Object.entries(layers).map(([folder, allowed]) => ({
  name: `layer-${folder}`,
  comment: `src/${folder} may import only: ${allowed.join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: {
    path: '^src/',
    pathNot: [folder, ...allowed].map((name) => `^src/${name}(/|\\.ts$)`),
  },
}));

export default {
  forbidden: [
    ...layerRules,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
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
