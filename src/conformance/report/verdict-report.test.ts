import { expect, test } from 'vitest';
import { BROKEN_DRIVERS } from '../../rules/all.mutants.ts';
import { usualMachine } from '../broken/broken-driver.ts';
import { judge } from '../suite/judge.ts';
import { renderVerdicts, verdictsJson, verdictsJunit } from './verdict-report.ts';

const { model, clause } = BROKEN_DRIVERS.find((broken) => broken.clause === 'virtio/FEAT-D1')!;
const { verdicts } = judge(model, { machine: usualMachine });
const waived = judge(model, { machine: usualMachine, waive: { [clause]: 'why & how' } }).verdicts;

test('verdicts are a suite for each family and a case for each clause', () => {
  const lines = verdictsJunit('mine', verdicts).split('\n');

  expect(lines[1]).toBe(`<testsuites name="mine" tests="${verdicts.length}" failures="1">`);
  expect(
    lines.filter((line) => line.includes('<testsuite ')).map((line) => /name="(\w+)"/.exec(line)![1]),
  ).toEqual([...new Set(verdicts.map((verdict) => verdict.clause.split('/')[0]))]);
  expect(lines.find((line) => line.includes(`name="${clause} `))).toMatch(
    /><failure message="\w+ was accepted, of which 00004000 was not offered">virtio\/FEAT-D1 {2}net0$/,
  );
});

test('a waived clause is skipped, with the reason, and so it stands in JSON', () => {
  expect(verdictsJunit('mine', waived)).toContain('"><skipped message="waived: why &amp; how"/></testcase>');
  expect(verdictsJson(waived).find((verdict) => verdict.clause === clause)).toMatchObject({
    outcome: 'waived',
    note: 'why & how',
  });
});

test('what follows from another breach is listed below that, and not by itself', () => {
  const broken = BROKEN_DRIVERS.find(
    ({ model }) => model.name === 'accepts VERSION_1, and resets the device then',
  )!;
  const text = renderVerdicts(judge(broken.model, { machine: broken.machine! }).verdicts, { color: false });

  expect(text.match(/^virtio\/\S+/gm)).toEqual(['virtio/INIT-D3']);
  expect(text).toContain(
    '\n  which follows from it: virtio/RFEAT-D1  VERSION_1 was accepted before the reset',
  );
});
