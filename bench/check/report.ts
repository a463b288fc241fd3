import type { CheckResult } from './run.ts';

/** A line per ratio, for a terminal, and the counts. */
export function checkRows({ checked, commit, load }: CheckResult): string {
  const width = Math.max(...checked.map(({ name }) => name.length));
  const rows = checked.map(({ name, measured, limit, base, passes }) => {
    const [now, most] = [measured, limit].map((ratio) => (ratio?.toFixed(2) ?? '–').padStart(6));
    const beside = base === null ? '' : `, and ${base.toFixed(2)} there today`;
    return `${passes ? 'ok    ' : 'MISSED'}  ${name.padEnd(width)}  ${now}  limit ${most}${beside}`;
  });
  const failed = checked.filter(({ passes }) => !passes).length;
  return [
    `ratios of processor time, each measured in turns with what it is compared to; load ${load.toFixed(1)}; limits of ${commit?.slice(0, 8) ?? 'this commit'}`,
    ...rows,
    `bench: ${checked.length - failed} passed, ${failed} failed`,
  ].join('\n');
}

/** The same in the format of vitest's JSON reporter, which `.ci/run` counts. */
export function checkReport({ checked }: CheckResult): object {
  const assertionResults = checked.map(({ name, passes, measured, limit }) => ({
    fullName: name,
    status: passes ? 'passed' : 'failed',
    failureMessages: passes ? [] : [`${measured?.toFixed(2)}, limit ${limit}`],
  }));
  return { testResults: [{ name: 'bench', status: 'passed', assertionResults }] };
}
