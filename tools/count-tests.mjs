import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { argv, cwd } from 'node:process';

const FAILED = ['failed', 'pending'];
const MESSAGE_LINES = 20;

/**
 * `count-tests.mjs FOLDER BROKEN NAME...` sums up reports of vitest, as `N passed, N failed`: FOLDER/NAME.json is a
 * report, FOLDER/NAME.files.json the list of its files, and BROKEN the number of broken steps. Tests whose worker died
 * are pending in a report, or missing, and their file passed: they count as failed, and so does each file without a
 * report. What failed is told before, because the runner's own words are far above.
 */
const [folder, broken, ...names] = argv.slice(2);
const counts = names.map(countOf);
const sum = (key) => counts.reduce((total, one) => total + one[key], 0);
const failed = Math.max(sum('failed'), Number(broken));
for (const failure of counts.flatMap(({ failures }) => failures)) console.log(failure);
console.log(`${sum('passed')} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function countOf(name) {
  const results = read(`${name}.json`)?.testResults ?? [];
  const listed = read(`${name}.files.json`) ?? [{ file: name }];
  const reported = results.map((result) => result.name);
  const missing = listed.filter(({ file }) => !reported.includes(file));
  return {
    passed: results.reduce((total, result) => total + numberOf(result, 'passed'), 0),
    failed: results.reduce((total, result) => total + failedIn(result), missing.length),
    failures: [...results.flatMap(failuresOf), ...missing.map(({ file }) => `no report: ${fromHere(file)}`)],
  };
}

/** Of a file that failed as a whole, its own message. */
function failuresOf({ name, status, message, assertionResults }) {
  const failed = assertionResults.filter((one) => FAILED.includes(one.status));
  if (status === 'failed' && failed.length === 0) return [`failed: ${fromHere(name)}\n${startOf(message)}`];
  return failed.map(
    (one) => `${one.status}: ${fromHere(name)}: ${one.fullName}\n${startOf(one.failureMessages.join('\n'))}`,
  );
}

function startOf(message) {
  return message
    .split('\n', MESSAGE_LINES)
    .map((line) => `  ${line}`)
    .join('\n');
}

function fromHere(file) {
  return relative(cwd(), file);
}

/** A file that failed, or that has no test, did so before its first. */
function failedIn(result) {
  const least = result.status === 'failed' || result.assertionResults.length === 0 ? 1 : 0;
  return Math.max(least, numberOf(result, ...FAILED));
}

function numberOf({ assertionResults }, ...kinds) {
  return assertionResults.filter(({ status }) => kinds.includes(status)).length;
}

/** Null if it was not written. */
function read(name) {
  const path = join(folder, name);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
}
