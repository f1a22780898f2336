import { describe, expect, it } from 'vitest';
import { pruneOutcome } from '../../../src/jobs/outcome.ts';
import type { StorePruning } from '../../../src/jobs/prune/prune.ts';
import { StoreError } from '../../../src/store/errors.ts';

const where = { store: 'offsite', location: 's3://offsite' };
const failed: StorePruning = {
  ...{ ...where, status: 'failed' },
  error: new StoreError('unreachable', 'offsite does not answer'),
};
const damaged: StorePruning = {
  ...{ ...where, status: 'failed' },
  error: new StoreError('integrity', 'a manifest is damaged'),
};
const pruned: StorePruning = {
  ...{ ...where, store: 'near', status: 'pruned', empty: [], decisions: [], removed: [] },
  ...{ failed: [], garbage: null, garbageError: null },
};
const unfinished: StorePruning = { ...pruned, status: 'partial' };
const history: StorePruning = { ...where, store: 'repo', status: 'history' };

describe('the exit code of prune', () => {
  it.each<[string, StorePruning[], number, string | undefined]>([
    ['is done where every store was pruned, or has nothing to prune', [pruned, history], 0, undefined],
    ['is failed where the only store failed', [failed], 1, 'store-unreachable'],
    ['is failed where every store failed', [failed, failed], 1, 'store-unreachable'],
    ['is that of the first error where every store failed', [damaged, failed], 5, 'store-integrity'],
    ['is partial where one store failed while another was done', [pruned, failed], 3, 'store-unreachable'],
    ['is partial where a store beside git failed', [history, failed], 3, 'store-unreachable'],
    ['is partial where something could not be removed', [unfinished], 3, 'prune-partial'],
  ])('%s', (_what, stores, exitCode, code) => {
    const outcome = pruneOutcome({ dryRun: false, stores });
    expect(outcome.exitCode).toBe(exitCode);
    expect(outcome.error?.code).toBe(code);
  });
});
