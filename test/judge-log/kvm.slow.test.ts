import { expect, test } from 'vitest';
import { MUTANTS } from '../../src/rules/kvm/kvm.mutants.ts';
import { brokenRun, REFERENCE_RUNS, recorded, replayed } from './recorded.ts';

const good = REFERENCE_RUNS.filter(({ name }) => name.startsWith('reference guest of KVM: '));
/** Of the reading of a clock, of an MSR, of a structure, and of an interrupt. */
const broken = MUTANTS.filter(({ clause }) => /RETRY|RESERVED|FREED|EOI-TWICE/.test(clause)).map(brokenRun);

test.each([...good, ...broken])('$name comes to the same verdicts by its log', (run) => {
  const { verdicts, lines } = recorded(run);

  const again = replayed(lines);

  const met = verdicts
    .filter((one) => one.met > 0)
    .map(({ clause, met: times, outcome }) => [clause, times, outcome]);
  const metAgain = again.verdicts
    .filter((one) => one.met > 0)
    .map(({ clause, met: times, outcome }) => [clause, times, outcome]);
  expect(again.log.damaged).toEqual([]);
  expect(metAgain.filter(([clause]) => `${clause}`.startsWith('kvm/'))).toEqual(
    met.filter(([clause]) => `${clause}`.startsWith('kvm/')),
  );
});

test('an instruction of a vCPU that the machine lacks is damage to the log', () => {
  const { lines } = recorded(good[0]!);
  const missing = { at: 0, kind: 'guest', does: 'execute', vcpu: 9, instruction: 'rdtsc', with: [] };

  const { log } = replayed([lines[0]!, JSON.stringify(missing)]);

  expect(log.damaged).toEqual([{ line: 2, why: 'the machine has no vCPU 9' }]);
});
