import { expect, test } from 'vitest';
import { DriverError, virtioScsiDriver } from '../src/guest/index.ts';
import { gceN1, MemoryMedium } from '../src/index.ts';

/** A millisecond from kick to completion: time for something to happen in between. */
const LATENCY = 1_000_000;
const HALF_WAY = LATENCY / 2;
const COMMAND = 0x04;
const BUS_MASTER = 0x04;
const RAM = 8 << 20;

function rig() {
  const lent = new ArrayBuffer(RAM);
  const medium = new MemoryMedium(1 << 20);
  medium.write(0, new Uint8Array(4096).fill(0x5a), 0, 4096);
  const machine = gceN1({
    memory: { below4G: RAM, buffer: lent },
    scsi: { latency: LATENCY, ringSize: 16 },
    disks: [{ medium }],
    nics: [],
  });
  const host = machine.attach(virtioScsiDriver);
  host.testUnitReady(1);
  const { memory, clock } = machine.chassis.board;
  const halfWay = (act: () => void) => clock.timer('half way', act).arm(HALF_WAY);
  const fn = machine.chassis.bus.all().find(({ name }) => name === 'scsi0')!;
  return { machine, host, lent, memory, clock, halfWay, fn };
}

test('a request in flight follows RAM that moved to another buffer', () => {
  const { host, lent, memory, halfWay } = rig();
  halfWay(() => {
    // The effect of a growing WebAssembly.Memory: the old buffer is detached.
    memory.replace(0, new Uint8Array(structuredClone(lent, { transfer: [lent] })));
  });

  expect(host.read(1, 0, 8)).toEqual(new Uint8Array(4096).fill(0x5a));
});

test('a request in flight whose RAM is gone does no harm', () => {
  const { host, lent, memory, halfWay, clock } = rig();
  // The queue goes with it: only the device still refers to what it took.
  halfWay(() => {
    structuredClone(lent, { transfer: [lent] });
    memory.unmap(0);
  });

  expect(() => host.testUnitReady(1)).toThrow(DriverError);
  expect(() => clock.advance(10 * LATENCY)).not.toThrow();
});

test('a request in flight is not answered while bus mastering is off, not even by pulling the disk', () => {
  const { machine, host, memory, halfWay, fn } = rig();
  let then = Buffer.alloc(0);
  halfWay(() => {
    fn.writeConfig(COMMAND, fn.readConfig(COMMAND, 2) & ~BUS_MASTER, 2);
    then = Buffer.from(memory.ranges[0]!.bytes);
    machine.removeDisk(machine.disks[0]!);
  });

  expect(() => host.testUnitReady(1)).toThrow(DriverError);
  expect(then.equals(memory.ranges[0]!.bytes)).toBe(true);
});
