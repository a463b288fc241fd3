import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';

/**
 * `count-tests.mjs FOLDER BROKEN NAME...` sums up reports of vitest, as `N passed, N failed`: FOLDER/NAME.json is a
 * report, FOLDER/NAME.files.json the list of its files, and BROKEN the number of broken steps. Tests whose worker died
 * are pending in a report, or missing, and their file passed: they count as failed, and so does each file without a
 * report.
 */
const [folder, broken, ...names] = argv.slice(2);
const counts = names.map(countOf);
const sum = (key) => counts.reduce((total, one) => total + one[key], 0);
const failed = Math.max(sum('failed'), Number(broken));
console.log(`${sum('passed')} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function countOf(name) {
  const results = read(`${name}.json`)?.testResults ?? [];
  const listed = read(`${name}.files.json`) ?? [{ file: name }];
  const reported = results.map((result) => result.name);
  const missing = listed.filter(({ file }) => !reported.includes(file)).length;
  return {
    passed: results.reduce((total, result) => total + numberOf(result, 'passed'), 0),
    failed: results.reduce((total, result) => total + failedIn(result), missing),
  };
}

/** A file that failed, or that has no test, did so before its first. */
function failedIn(result) {
  const least = result.status === 'failed' || result.assertionResults.length === 0 ? 1 : 0;
  return Math.max(least, numberOf(result, 'failed', 'pending'));
}

function numberOf({ assertionResults }, ...kinds) {
  return assertionResults.filter(({ status }) => kinds.includes(status)).length;
}

/** Null if it was not written. */
function read(name) {
  const path = join(folder, name);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
}
