import { expect, test } from 'vitest';
import { BROKEN_DRIVERS, renderFinding } from '../src/conformance/index.ts';
import { judgeBroken } from '../src/conformance/proofs.ts';
import type { Finding } from '../src/index.ts';
import { ringFigure } from '../src/report/html-ring.ts';

/** The finding of the driver that breaks `clause`. */
function findingOf(clause: string): Finding {
  const broken = BROKEN_DRIVERS.find((one) => one.clause === clause)!;
  const verdict = judgeBroken(broken).verdicts.find((one) => one.clause === clause)!;
  return verdict.findings[0]!;
}
const drawn = (clause: string) => ringFigure(findingOf(clause).evidence.ring!).markup;

test.each([
  ['of the ring', 'virtio/VQ-DESC-D1', 'back to 0: the chain does not end'],
  ['of a buffer outside RAM', 'virtio/RFEAT-D4', 'outside RAM'],
  [
    'of a head beyond the ring',
    'virtio/VQ-IMP-3',
    '<span class="cell available about wrong"><i>ring[0]</i><code>65535</code>',
  ],
  ['of an index', 'virtio/VQ-AVAIL-D1', '<span class="cell about"><i>idx</i><code>65535</code>'],
  ['of a store to a descriptor', 'virtio/CLEAN-D1', '<span class="cell about"><i>len</i><code>1</code>'],
  [
    'of flags of the driver',
    'virtio/VQ-USEDSUP-D1',
    '<span class="cell about"><i>flags</i><code>0003</code>',
  ],
  ['of what a chain holds', 'virtio/NET-TX-D6', '<b>desc[0]</b>'],
  ['of a kick', 'virtio/PCI-KICK-D2', '<h3>Available Ring <code>'],
  ['of a request', 'virtio/SCSI-IMP-1', '<b>desc[0]</b>'],
  [
    'of a list in a packed ring',
    'virtio/PACKED-SG-D6',
    '<span class="cell"><i>AVAIL</i><code>0</code></span>',
  ],
  ['of a table in a packed ring', 'virtio/PACKED-IND-D2', 'indirect table of'],
])('a finding %s has the ring as it was in RAM', (_what, clause, part) => {
  expect(drawn(clause)).toContain(part);
});

test('a finding that is not about a ring has none', () => {
  expect(findingOf('uart/THR-FULL').evidence.ring).toBeUndefined();
});

test('the text of a finding is the same as without it', () => {
  const finding = findingOf('virtio/VQ-IMP-3');
  const { ring: _ring, ...evidence } = finding.evidence;

  expect(renderFinding(finding)).toBe(renderFinding({ ...finding, evidence }));
});

test('one seed gives one picture, which JSON keeps', () => {
  const [first, second] = [findingOf('virtio/VQ-DESC-D1'), findingOf('virtio/VQ-DESC-D1')];

  expect(second.evidence.ring).toEqual(first.evidence.ring);
  expect(JSON.parse(JSON.stringify(first.evidence.ring))).toEqual(first.evidence.ring);
});
