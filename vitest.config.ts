import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** In every project: all that flowkeep puts out is grepped for the secrets that the tests gave to it. */
const grep = {
  setupFiles: ['test/support/secrets/setup.ts'],
  globalSetup: ['test/support/secrets/global-setup.ts'],
};

/** The contract suites first: their files are short, their tests are long, and vitest begins with long files. */
class ContractsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isContract = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/test/contract/');
    const sorted = await super.sort(files);
    return [...sorted.filter(isContract), ...sorted.filter((file) => !isContract(file))];
  }
}

/**
 * Projects: `unit` is fast and needs no root (npm test); `e2e` starts the real n8n, S3 and ssh servers (npm run
 * test:e2e) one file after another, because the machine may have two cores only; `faults` (npm run test:faults) runs
 * the program through proxies that make faults, and mostly waits, so that two files share the cores; `crashes` (npm
 * run test:crashes) kills the program and its git at each place where they write, and needs root for its full disks.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: ContractsFirst },
    projects: [
      {
        test: {
          name: 'unit',
          ...grep,
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'crashes',
          setupFiles: grep.setupFiles,
          globalSetup: [...grep.globalSetup, 'test/support/crashes/install-strace.ts', 'test/support/crashes/table.ts'],
          include: ['test/crashes/**/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          ...grep,
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'faults',
          ...grep,
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          maxWorkers: 2,
          maxConcurrency: 3,
        },
      },
    ],
  },
});
