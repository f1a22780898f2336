// Adds up vitest's JSON reports and prints the closing line of a run: `N passed, N failed`.
// A report that is missing, or in which no test ran, is a failure: nothing passes because something was missing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, failedSteps, ...reports] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const name of reports) {
  try {
    const report = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    passed += report.numPassedTests;
    failed += report.numFailedTests + report.numPendingTests + report.numTodoTests;
    if (report.numTotalTests === 0 || (!report.success && report.numFailedTests === 0)) failed += 1;
  } catch (error) {
    console.log(`no report of ${name}: ${error.message}`);
    failed += 1;
  }
}
if (failed === 0) failed = Number(failedSteps);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
