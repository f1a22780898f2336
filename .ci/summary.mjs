// Prints the end of a run for somebody who sees only its last lines: what failed, each step's result and seconds, and
// the closing line `N passed, N failed`.
// A test report that is missing, or in which no test ran, is a failure: nothing passes because something was missing.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** So that the details of a few failed steps and the table of steps fit into 60 lines or so. */
const TESTS_NAMED = 15;
const LINES_OF_OUTPUT = 30;
/** How vitest begins its errors outside of tests, and how the bench says which scenario broke. */
const TELLS = /Unhandled Errors?|: BROKEN: /;

function main() {
  const steps = readSteps(process.argv[2]).map((step) => ({ ...step, ...counts(step) }));
  const failedSteps = steps.filter((step) => step.failed > 0);

  console.log('\n=== Summary');
  for (const step of failedSteps) console.log(`\n${step.name} failed:\n${details(step)}`);
  console.log('');
  for (const step of steps) console.log(row(step));
  for (const note of steps.flatMap(notes)) console.log(note);
  console.log(`\n${sum(steps, 'passed')} passed, ${sum(steps, 'failed')} failed`);
  process.exitCode = steps.length > 0 && failedSteps.length === 0 ? 0 : 1;
}

/**
 * The steps that .ci/run wrote down, one a line: name, result, seconds, file of its output, file of its test report.
 */
function readSteps(file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter(Boolean).map((line) => {
    const [name, result, seconds, log, report] = line.split('\t');
    return { name, ok: result === 'ok', seconds, log, report };
  });
}

/** Counts tests; a step that failed without a failed test (no report, a lint error, a crash) counts as one failure. */
function counts(step) {
  if (step.report === '') return { passed: 0, failed: step.ok ? 0 : 1, failedTests: [] };
  const report = readReport(step.report);
  if (report instanceof Error) return { passed: 0, failed: 1, failedTests: [`no test report: ${report.message}`] };
  const failedTests = namesOfFailed(report);
  const failed = report.numFailedTests + report.numPendingTests + report.numTodoTests;
  const broken = !step.ok || !report.success || report.numTotalTests === 0;
  return { passed: report.numPassedTests, failed: failed === 0 && broken ? 1 : failed, failedTests };
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return error;
  }
}

/** Failed, skipped and unfinished tests, each with its file; and files that failed before their first test. */
function namesOfFailed(report) {
  return report.testResults.flatMap((file) => {
    const path = relative(process.cwd(), file.name);
    const failed = file.assertionResults.filter((test) => test.status !== 'passed');
    if (failed.length === 0 && file.status === 'failed') return [`${path}: ${firstLine(file.message)}`];
    return failed.map((test) => `${path}: ${test.fullName}: ${firstLine(test.failureMessages?.[0] ?? test.status)}`);
  });
}

function details(step) {
  if (step.failedTests.length === 0) return indent(tellingLines(readFileSync(step.log, 'utf8')));
  const more = step.failedTests.length - TESTS_NAMED;
  const named = step.failedTests.slice(0, TESTS_NAMED);
  return indent([...named, ...(more > 0 ? [`and ${more} more`] : [])]);
}

function row({ name, failed, passed, seconds }) {
  const result = failed === 0 ? 'ok' : 'FAILED';
  const tests = passed > 0 ? `${passed} tests passed` : '';
  return `${result.padEnd(7)} ${name.padEnd(24)} ${seconds.padStart(5)} s  ${tests}`.trimEnd();
}

/** What a step could not look at: lines that it begins with `----`. */
function notes({ log }) {
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines.filter((line) => line.startsWith('---- '));
}

/** The first lines about an error outside of any test or about what broke, and where there are none, the last ones. */
function tellingLines(text) {
  const lines = stripVTControlCharacters(text).trimEnd().split('\n');
  const told = lines.findIndex((line) => TELLS.test(line));
  return told === -1 ? lines.slice(-LINES_OF_OUTPUT) : lines.slice(told, told + LINES_OF_OUTPUT);
}

function firstLine(text) {
  return text.split('\n', 1)[0].slice(0, 200);
}

function indent(lines) {
  return lines.map((line) => `  ${line}`).join('\n');
}

function sum(steps, count) {
  return steps.reduce((total, step) => total + step[count], 0);
}

main();
