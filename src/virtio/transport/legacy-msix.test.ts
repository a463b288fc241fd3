import { describe, expect, test } from 'vitest';
import { Echo } from '../echo-rig.ts';
import { LegacyRig } from '../rig.ts';

const SUBJECT = 'echo0 (00:04.0)';
const NO_VECTOR = 0xffff;

describe('with MSI-X', () => {
  /** Enabled, with vector 0 for the configuration and `n + 1` for queue `n`, each read back. */
  const start = () => {
    const rig = new LegacyRig((board) => new Echo(board), 3);
    rig.enableMsix(3);
    rig.out(0x14, 0, 2);
    rig.in(0x14, 2);
    for (const index of [0, 1]) {
      rig.out(0x0e, index, 2);
      rig.out(0x16, index + 1, 2);
      rig.in(0x16, 2);
    }
    return rig;
  };
  const sent = (rig: LegacyRig<Echo>) => rig.sent.map(({ data }) => data);

  test('each queue has its own vector, and INTx stays low', () => {
    const rig = start();
    rig.setUpQueue(0);
    rig.setUpQueue(1);
    rig.send(1, 4);
    rig.send(0, 4);
    expect([sent(rig), rig.intx]).toEqual([[2, 1], false]);
  });

  test('a change of the configuration sends its vector, and bit 1 of the ISR is set', () => {
    const rig = start();
    rig.device.change();
    expect([sent(rig), rig.intx, rig.in(0x13, 1)]).toEqual([[0], false, 2]);
  });

  test('a vector that the table lacks is refused, as read back by the driver', () => {
    const rig = start();
    rig.out(0x16, 3, 2);
    rig.out(0x14, 0x7ff, 2);
    expect([rig.in(0x16, 2), rig.in(0x14, 2), rig.findings]).toEqual([
      NO_VECTOR,
      NO_VECTOR,
      [
        `virtio/MSIX-D2 ${SUBJECT}: vector 3 was asked for, but the MSI-X table has 3 entries`,
        `virtio/MSIX-D2 ${SUBJECT}: vector 2047 was asked for, but the MSI-X table has 3 entries`,
      ],
    ]);
  });

  test('no vector means no interrupt, without a finding', () => {
    const rig = start();
    rig.out(0x0e, 1, 2);
    rig.out(0x16, NO_VECTOR, 2);
    rig.in(0x16, 2);
    rig.start().send(1, 4);
    expect([sent(rig), rig.findings]).toEqual([[], []]);
  });

  test('a queue that does not exist has no vector', () => {
    const rig = start();
    rig.out(0x0e, 99, 2);
    rig.out(0x16, 1, 2);
    expect(rig.in(0x16, 2)).toBe(NO_VECTOR);
  });

  test.each([
    ['another queue is selected', (rig: LegacyRig<Echo>) => rig.out(0x0e, 0, 2)],
    ['the status is written', (rig: LegacyRig<Echo>) => rig.out(0x12, 1, 1)],
  ])('a vector that is not read back is a finding once %s', (_what, next) => {
    const rig = start();
    rig.out(0x16, 1, 2);
    next(rig);
    next(rig);
    expect(rig.journal.of('virtio/MSIX-D3').map(({ said }) => said)).toEqual([
      'Queue Vector was written and not read back',
    ]);
  });

  test('a reset by the driver removes every vector', () => {
    const rig = start();
    rig.out(0x12, 0, 1);
    rig.out(0x0e, 1, 2);
    expect([rig.in(0x14, 2), rig.in(0x16, 2)]).toEqual([NO_VECTOR, NO_VECTOR]);
  });

  test('a reset by the driver drops pending messages: none is sent when the vector is unmasked', () => {
    const rig = start();
    rig.maskVector(2, true);
    rig.setUpQueue(1);
    rig.send(1, 4);
    rig.out(0x12, 0, 1);
    rig.maskVector(2, false);
    expect(sent(rig)).toEqual([]);
  });

  test('a masked message is sent when the vector is unmasked, without a reset before', () => {
    const rig = start();
    rig.maskVector(2, true);
    rig.setUpQueue(1);
    rig.send(1, 4);
    rig.maskVector(2, false);
    expect(sent(rig)).toEqual([2]);
  });

  test('the ISR need not be read: it says nothing of queues, and to read it for one is a finding', () => {
    const rig = start();
    rig.setUpQueue(1);
    rig.out(0x12, 7, 1);
    rig.send(1, 4);
    const isr = [rig.in(0x13, 1), rig.in(0x13, 1)];
    expect([isr, rig.journal.count('virtio/PCI-ISR-D1')]).toEqual([[0, 0], 2]);
  });

  test.each([
    ['when the configuration changed', (rig: LegacyRig<Echo>) => rig.device.change(), 2],
    ['to flush a vector that is taken back behind a reset', (rig: LegacyRig<Echo>) => rig.out(0x12, 0, 1), 0],
  ])('the ISR may be read %s, which clears it', (_when, before, isr) => {
    const rig = start();
    rig.setUpQueue(1);
    rig.out(0x12, 7, 1);
    rig.send(1, 4);
    before(rig);
    expect([rig.in(0x13, 1), rig.journal.count('virtio/PCI-ISR-D1'), rig.in(0x13, 1)]).toEqual([isr, 0, 0]);
  });

  test('disabled, the ISR drives INTx again; enabled, INTx goes low', () => {
    const rig = start();
    rig.device.change();
    rig.disableMsix();
    const off = rig.intx;
    rig.enableMsix(3);
    expect([off, rig.intx]).toEqual([true, false]);
  });
});
