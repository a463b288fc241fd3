import { execFileSync } from 'node:child_process';

/** Debian's Python, regardless of others. */
const PYTHON = '/usr/bin/python3';
const READ = `
import json, sys
from junitparser import JUnitXml, TestSuite
root = JUnitXml.fromfile(sys.argv[1])
suites = [root] if isinstance(root, TestSuite) else list(root)
said = lambda result: { 'kind': type(result).__name__.lower(), 'message': result.message, 'text': result.text }
print(json.dumps({
  'tests': root.tests, 'failures': root.failures,
  'suites': [{ 'name': suite.name, 'tests': suite.tests, 'failures': suite.failures, 'skipped': suite.skipped } for suite in suites],
  'cases': [
    { 'suite': suite.name, 'classname': case.classname, 'name': case.name, 'result': [said(result) for result in case.result] }
    for suite in suites for case in suite],
}))`;

/** The result of a case: null if it passed. */
interface Result {
  readonly kind: 'failure' | 'error' | 'skipped';
  readonly message: string | null;
  readonly text: string | null;
}

interface Counts {
  readonly tests: number;
  readonly failures: number;
}

/** A report in JUnit's XML, as python3-junitparser of Debian reads it. */
export interface JunitReport extends Counts {
  readonly suites: readonly (Counts & { readonly name: string; readonly skipped: number })[];
  readonly cases: readonly {
    readonly suite: string;
    readonly classname: string;
    readonly name: string;
    readonly result: readonly Result[];
  }[];
}

export function readJunit(path: string): JunitReport {
  return JSON.parse(execFileSync(PYTHON, ['-c', READ, path], { encoding: 'utf8', maxBuffer: 1 << 26 }));
}
