import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

/** Only the process entry may touch the process: everything else gets argv, env and signals as arguments. */
const noProcess = {
  'no-restricted-properties': [
    'error',
    ...['env', 'argv', 'exit', 'exitCode', 'stdout', 'stderr', 'stdin', 'on', 'once', 'cwd', 'chdir'].map(
      (property) => ({
        object: 'process',
        property,
        message: 'Only src/main.ts touches process: take it as an argument.',
      }),
    ),
  ],
  'no-restricted-imports': [
    'error',
    { paths: [{ name: 'node:process', message: 'Only src/main.ts touches process.' }] },
  ],
  'no-console': 'error',
};

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/', 'eslint.config.js', '.dependency-cruiser.mjs'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  // The script of the pages runs in a browser and is no part of the TypeScript project.
  { files: ['src/diff/html/page/*.js'], ...tseslint.configs.disableTypeChecked },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  { files: ['src/**/*.ts'], ignores: ['src/main.ts'], rules: noProcess },
  // Texts come from n8n, stores and HTTP: a pattern that takes more than linear time lets one of them stop everything.
  {
    files: ['src/**/*.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
      'regexp/no-misleading-capturing-group': 'error',
    },
  },
);
