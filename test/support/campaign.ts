/**
 * Whether a campaign runs in full, as the npm scripts ending in `:full` ask for; else the same seeded sample of it, so
 * that `npm test` and `.ci/run` stay short.
 */
export const IS_FULL = process.env.FLOWKEEP_TEST_FULL === '1';
