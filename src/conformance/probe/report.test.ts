import { expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { reportHtml } from '../../report/html.ts';
import { junit } from '../../report/junit.ts';
import { renderVerdicts } from '../report/verdict-report.ts';
import { verdictsOf } from '../verdict.ts';
import { probeMachine } from './probe.ts';
import { probeReport, renderReport } from './report.ts';

test('a broken note is reported and fails nothing', () => {
  const machine = gceN1();
  // CONFADD has no bits 1 and 0: Linux writes them nevertheless.
  machine.port.out(0xcf8, 0x8000_0001, 4);
  machine.port.in(0xcfd, 1);

  const text = renderVerdicts(verdictsOf(machine.journal), { color: false });

  expect(text).toMatch(
    /^Rules for drivers {3}\d+ pass {3}0 fail {3}\d+ unreached {3}1 noted\nguestrig \d+\.\d+\.\d+, rules \d+\.\d+(?:, of which \d+ new)?\n\npci\/CONFADD-ALIGN/,
  );
});

test('notes are not mentioned if none is broken', () => {
  const text = renderVerdicts(verdictsOf(gceN1().journal), { color: false });

  expect(text).not.toContain('noted');
});

test('a balloon gives the requested pages and gets them back, and reports its memory', () => {
  const machine = gceN1({ disks: [], nics: [], balloon: true });
  machine.balloon!.target = 3;

  const report = probeMachine(machine, { text: 'probe', frames: [] });

  expect(renderReport(report, { color: false })).toMatch(/^balloon +16 pages +16 given, 0 left$/m);
  expect(report.seen.balloon!.told).toBe(BigInt(machine.ramBytes));
  // What was asked for before is asked for again.
  expect([machine.balloon!.target, machine.findings]).toEqual([3, []]);
});

test('functions are listed, even those without a reference driver, and fail nothing', () => {
  const machine = gceN1({ disks: [], nics: [], display: true, balloon: true });

  const report = probeMachine(machine, { text: 'probe', frames: [] });

  const text = renderReport(report, { color: false });
  expect(text).toMatch(/^00:04.0 +1ae0:a002 +r01 +030000 +display +virtual display +mem fe000000/m);
  expect(text).toMatch(/^00:05.0 +1af4:1002 +r00 +00ff00 +memory +virtio-balloon +io c040/m);
  expect(report.verdicts.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
});

test('a modern function is also listed by the name of its driver', () => {
  const machine = gceN1({ disks: [], nics: [], virtio: 'modern', rng: true });

  const text = renderReport(probeMachine(machine, { text: 'probe', frames: [] }), { color: false });

  expect(text).toMatch(/^00:04.0 +1af4:1044 +r01 +00ff00 +entropy +virtio-rng +mem/m);
});

test('a probe has its lines in every format, with the same words as in its verdicts', () => {
  const machine = gceN1({ disks: [], nics: [] });
  const probed = probeMachine(machine, { text: 'probe', frames: [] });
  const report = probeReport(probed);
  const outcomeOf = (clause: string) => report.lines.find(({ name }) => name === clause)!.outcome;

  expect([report.passed, outcomeOf('gce/NET'), outcomeOf('gce/SERIAL')]).toEqual([
    !probed.failed,
    'unreached',
    'pass',
  ]);
  expect(renderReport(probed, { color: false })).toMatch(/\n {2}unreached +gce\/NET /);
  expect(junit(report)).toMatch(/name="gce\/NET [^"]+"><skipped message="unreached: /);
  expect(reportHtml(report)).toContain('<h1>guestrig probe, gce-n1 <span class="pass">passes</span></h1>');
});
