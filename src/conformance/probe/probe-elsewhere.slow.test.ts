import { expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { probeElsewhere } from './probe.ts';
import { renderReport } from './report.ts';

const ERRAND = { text: 'probe', frames: [new Uint8Array(60)] };
/** Sent frames do not come back. */
const mute = () => gceN1({ nics: [{ backend: 'none' }] });
const lineOf = (report: ReturnType<typeof probeElsewhere>, clause: string) =>
  report.requirements.find((line) => line.clause === clause)!;

test('requirements that another machine does not meet fail', () => {
  const report = probeElsewhere(mute(), ERRAND, () => null);

  expect([report.failed, lineOf(report, 'gce/NET-TRAFFIC').outcome]).toEqual([true, 'fail']);
});

test('and are waived, with the reason, if the difference is known', () => {
  const report = probeElsewhere(mute(), ERRAND, (clause) => (clause === 'gce/NET-TRAFFIC' ? 'mute' : null));

  expect([report.failed, lineOf(report, 'gce/NET-TRAFFIC')]).toEqual([
    false,
    expect.objectContaining({ outcome: 'waived', said: '1 frame out, 0 back: mute' }),
  ]);
});

test('its guest is not watched', () => {
  const report = probeElsewhere(mute(), ERRAND, () => null);

  expect(new Set(report.verdicts.map(({ outcome }) => outcome))).toEqual(new Set(['unreached']));
});

test("its time is the host's if it has no seed", () => {
  const machine = mute();
  const report = probeElsewhere(machine, ERRAND, () => null);
  const { profile, ramBytes } = machine;

  const text = renderReport(
    { ...report, machine: { ...machine, profile, ramBytes, seed: null, now: 1.5e6 } },
    { color: false },
  );

  expect(text.split('\n')[0]).toBe("guestrig  gce-n1, 128 MiB, 1.5 ms of the host's time");
});
