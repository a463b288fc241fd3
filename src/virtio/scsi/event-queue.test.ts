import { describe, expect, test } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import { MisuseError } from '../../core/misuse.ts';
import { MemoryMedium } from '../../media/memory.ts';
import { ANY_LAYOUT, CHANGE, EVENT, HOTPLUG, ScsiRig, TEST_UNIT_READY, text } from './scsi-rig.ts';

const start = (...features: readonly number[]) => new ScsiRig().start(ANY_LAYOUT, ...features);
const disk = () => new MemoryMedium(1024);

/** Events in the returned buffers, 16 bytes each; a buffer is event, LUN, reason. */
const events = (rig: ScsiRig) =>
  rig.guests[EVENT]!.take().map(([head, length]) =>
    text(rig.guests[EVENT]!.buffer(head).subarray(0, length)),
  );

describe('an event', () => {
  test('reports a disk that was plugged in', () => {
    const rig = start(HOTPLUG);
    rig.send(EVENT, 16);
    rig.device.addDisk(2, 0, disk());
    expect([events(rig), rig.intx, rig.said]).toEqual([
      ['01000000 0102000000000000 01000000'.replaceAll(' ', '')],
      true,
      [],
    ]);
  });

  test('reports a disk that was removed', () => {
    const rig = start(HOTPLUG);
    rig.send(EVENT, 16);
    rig.device.removeDisk(1, 0);
    expect(events(rig)).toEqual(['01000000010100000000000002000000']);
  });

  test('reports a changed capacity, as does the next command', () => {
    const rig = start(CHANGE);
    rig.send(EVENT, 16);
    rig.device.capacityChanged(1, 0);
    expect([events(rig), rig.run({ cdb: TEST_UNIT_READY }).sense]).toEqual([
      ['0300000001010000000000002a090000'],
      '6/2a/9',
    ]);
  });

  test('names LUNs from 256 on in flat form', () => {
    const rig = start(HOTPLUG);
    rig.send(EVENT, 16);
    rig.device.addDisk(2, 0x123, disk());
    expect(events(rig)).toEqual(['01000000010241230000000001000000']);
  });

  test.each([
    ['a disk', (rig: ScsiRig) => rig.device.addDisk(2, 0, disk()), CHANGE],
    ['a missing disk', (rig: ScsiRig) => rig.device.removeDisk(1, 0), CHANGE],
    ['a capacity', (rig: ScsiRig) => rig.device.capacityChanged(1, 0), HOTPLUG],
  ])('does not report %s if its feature was not negotiated', (_what, happen, other) => {
    const rig = start(other);
    rig.send(EVENT, 16);
    happen(rig);
    rig.kick(EVENT);
    expect([events(rig), rig.intx]).toEqual([[], false]);
  });

  test('uses one buffer, and fills 16 bytes of it', () => {
    const rig = start(HOTPLUG);
    const head = rig.send(EVENT, 32);
    rig.send(EVENT, 32);
    rig.device.addDisk(2, 0, disk());
    expect([rig.guests[EVENT]!.take(), rig.guests[EVENT]!.buffer(head)[16]]).toEqual([[[head, 16]], 0xdb]);
  });
});

describe('an event without a buffer', () => {
  test('is lost, and the next buffer reports a missed event', () => {
    const rig = start(HOTPLUG);
    rig.device.addDisk(2, 0, disk());
    rig.device.addDisk(3, 0, disk());
    rig.send(EVENT, 16);
    rig.send(EVENT, 16);
    expect(events(rig)).toEqual(['00000080000000000000000000000000']);
  });

  test('is reported by the flag of the next event, if that has a buffer', () => {
    const rig = start(HOTPLUG);
    rig.device.addDisk(2, 0, disk());
    const guest = rig.guests[EVENT]!;
    guest.offer(guest.chain(16), guest.chain(16));
    rig.device.addDisk(3, 0, disk());
    rig.device.addDisk(4, 0, disk());
    expect(events(rig)).toEqual(['01000080010300000000000001000000', '01000000010400000000000001000000']);
  });

  test('is also lost while bus mastering is off', () => {
    const rig = start(HOTPLUG);
    rig.send(EVENT, 16);
    rig.command(0x0003);
    rig.device.addDisk(2, 0, disk());
    const off = rig.guests[EVENT]!.usedIdx;
    rig.command(0x0007);
    rig.kick(EVENT);
    expect([off, events(rig)]).toEqual([0, ['00000080000000000000000000000000']]);
  });

  test('is still reported after a buffer for its report was too short', () => {
    const rig = start(HOTPLUG);
    rig.device.addDisk(2, 0, disk());
    rig.send(EVENT, 4);
    rig.send(EVENT, 16);
    expect(events(rig)).toEqual(['', '00000080000000000000000000000000']);
  });

  test('is forgotten at a reset', () => {
    const rig = start(HOTPLUG);
    rig.device.addDisk(2, 0, disk());
    rig.start(ANY_LAYOUT, HOTPLUG);
    rig.send(EVENT, 16);
    expect(events(rig)).toEqual([]);
  });
});

describe('an event buffer', () => {
  test('that is too short is returned empty, with a finding, and the event is lost', () => {
    const rig = start(HOTPLUG);
    rig.send(EVENT, 15);
    rig.device.addDisk(2, 0, disk());
    rig.send(EVENT, 16);
    expect([events(rig), rig.said]).toEqual([
      ['', '00000080000000000000000000000000'],
      ['EVT-D4: an event buffer holds 15 bytes, but an event has 16'],
    ]);
  });

  test('with readable parts is used, with a finding', () => {
    const rig = start(HOTPLUG);
    const head = rig.send(EVENT, hex('00'), 16);
    rig.device.addDisk(2, 0, disk());
    expect([rig.guests[EVENT]!.take(), rig.said]).toEqual([
      [[head, 16]],
      ['EVT-D2: an event buffer has readable parts'],
    ]);
  });
});

describe('disks', () => {
  test('come and go: a disk plugged in exists, a removed one does not', () => {
    const rig = start();
    const lun = '01 07 40 00';
    const before = rig.run({ cdb: TEST_UNIT_READY, lun }).response;
    rig.device.addDisk(7, 0, disk());
    const there = rig.run({ cdb: TEST_UNIT_READY, lun });
    rig.device.removeDisk(7, 0);
    expect([before, [there.response, there.sense], rig.run({ cdb: TEST_UNIT_READY, lun }).response]).toEqual([
      3,
      [0, '6/29/0'],
      3,
    ]);
  });

  test('at one target report each other by a unit attention', () => {
    const rig = start();
    rig.device.addDisk(1, 3, disk());
    const grown = rig.run({ cdb: TEST_UNIT_READY }).sense;
    rig.device.removeDisk(1, 3);
    expect([grown, rig.run({ cdb: TEST_UNIT_READY }).sense]).toEqual(['6/3f/e', '6/3f/e']);
  });

  test('close their media when they are removed, or when the adapter is closed', () => {
    const rig = start();
    const closed: number[] = [];
    const closing = (n: number) => Object.assign(disk(), { close: () => closed.push(n) });
    rig.device.addDisk(2, 0, closing(2));
    rig.device.addDisk(3, 0, closing(3));
    rig.device.removeDisk(2, 0);
    const pulled = [...closed];
    rig.device.close();
    expect([pulled, closed]).toEqual([[2], [2, 3]]);
  });

  test.each([
    ['at a target beyond the last', (rig: ScsiRig) => rig.device.addDisk(253, 0, disk())],
    ['at a target before the first', (rig: ScsiRig) => rig.device.addDisk(-1, 0, disk())],
    ['where there is one', (rig: ScsiRig) => rig.device.addDisk(1, 0, disk())],
    ['from where there is none', (rig: ScsiRig) => rig.device.removeDisk(1, 5)],
    ['from a target that is not there', (rig: ScsiRig) => rig.device.removeDisk(5, 0)],
  ])('are not moved %s', (_where, wrong) => {
    const rig = start();
    expect(() => wrong(rig)).toThrow(MisuseError);
  });
});
