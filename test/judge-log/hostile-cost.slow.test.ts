import { expect, test } from 'vitest';
import { replayTrace } from '../../src/hosts/log/qemu/replay-trace.ts';
import type { UartPort } from '../../src/machine/serial.ts';
import { replayed } from './recorded.ts';

const HEADER =
  '{"at":0,"kind":"machine","format":2,"profile":"gce-n1","options":{},"accessTime":1000,"sight":"stores"}';
/** Less than the longest that a line may come after another. */
const HOUR = 3_500_000_000_000;

const out = (at: number, address: number, value: number) =>
  JSON.stringify({ at, kind: 'access', space: 'port', write: true, address, width: 1, value, text: '' });

/** Counter 0 goes round as fast as it can. */
const PIT = [out(1000, 0x43, 0x14), out(2000, 0x40, 2)];

/** What QEMU says of a device's configuration space: its ids, then how large its second base address is. */
function sized(value: number): string[] {
  const config = (sign: string, offset: string, hex: string) =>
    `pci_cfg_${sign === '->' ? 'read' : 'write'} virtio-net-pci 00:03.0 @0x${offset} ${sign} 0x${hex}`;
  return [
    config('->', '0', '10001af4'),
    config('<-', '14', 'ffffffff'),
    config('->', '14', value.toString(16)),
  ];
}

test.each(['given', 'released'])('memory that is %s is RAM, or the line is damaged', (does) => {
  const line = JSON.stringify({ at: 1, kind: 'ram', does, address: 0, length: Number.MAX_SAFE_INTEGER });

  const { log } = replayed([HEADER, line]);

  expect(log.damaged).toEqual([{ line: 2, why: 'it is about memory that is none' }]);
});

const outside = (of: string, does: string, ...given: readonly unknown[]) =>
  JSON.stringify({ at: 5, kind: 'outside', of, does, with: given });
const times = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i));

test.each([
  ['text', 'serial ttyS0', 'type', ['a'.repeat(60_000)]],
  ['text of three bytes a character', 'serial ttyS0', 'type', ['\u20ac'.repeat(60_000)]],
  ['bytes', 'serial ttyS0', 'type', [{ bytes: '61'.repeat(60_000) }]],
])('a MiB of %s waits to be sent to a guest, and no more', (_what, of, does, given) => {
  const { log, machine } = replayed([HEADER, ...times(40, () => outside(of, does, ...given))]);

  expect((machine.serial[0] as UartPort).device.incoming.waiting).toBeLessThanOrEqual(1 << 20);
  expect(log.damaged[0]?.why).toBe('more than 1048576 bytes would wait at ttyS0');
});

test('a byte with errors waits as any other', () => {
  const typed = times(16, () => outside('serial ttyS0', 'type', 'a'.repeat(0x1_0000)));
  const line = outside('uart ttyS0', 'inject', 0x61, { parity: true });

  const { log } = replayed([HEADER, ...typed, line]);

  expect(log.damaged).toEqual([{ line: 18, why: 'more than 1048576 bytes would wait at ttyS0' }]);
});

test('what a guest has read waits no longer', () => {
  const typed = times(16, () => outside('serial ttyS0', 'type', 'a'.repeat(0x1_0000)));
  const instant = HEADER.replace('"options":{}', '"options":{"serial":{"pace":"instant"}}');
  const reads = times(3, (i) =>
    JSON.stringify({ ...JSON.parse(out(1000 * (i + 1), 0x3f8, 0)), write: false, value: 0x61 }),
  );

  const { log } = replayed([instant, ...typed, ...reads, outside('serial ttyS0', 'type', 'b')]);

  expect(log.damaged).toEqual([]);
});

test('a machine has up to 512 disks', () => {
  const pc = HEADER.replace('gce-n1', 'qemu-pc');
  const disk = (lun: number) => outside('machine', 'addDisk', { bytes: 512, target: 2, lun });

  const { log, machine } = replayed([pc, ...times(520, disk)]);

  expect([machine.disks.length, log.damagedTotal]).toEqual([512, 9]);
  expect(log.damaged[0]?.why).toBe('the machine would have more than 512 disks');
});

const QEMU = JSON.stringify({
  ...JSON.parse(HEADER),
  qemu: {
    profile: 'qemu-pc',
    memory: 1 << 24,
    vcpus: 1,
    date: null,
    devices: [],
    drives: [],
    netdevs: [],
  },
});

test.each([
  ['devices', (_: number) => outside('qtest', 'plug', { driver: 'isa-serial' })],
  ['drives', (i: number) => outside('drives', 'add', `d${i}`, { driver: 'null-co' })],
  ['backends', (i: number) => outside('netdevs', 'add', `n${i}`, { type: 'user' })],
])('a monitor adds up to 512 %s', (what, line) => {
  const { log } = replayed([QEMU, ...times(520, line)]);

  expect(log.damagedTotal).toBe(8);
  expect(log.damaged[0]?.why).toBe(`the machine would have more than 512 ${what}`);
});

test('a disk has up to 10,000 commands to refuse', () => {
  const line = outside('machine', 'refuseCommands', { disk: 0 }, 'busy', 6000);

  const { log } = replayed([HEADER, line, line]);

  expect(log.damaged).toEqual([
    { line: 3, why: 'refuseCommands.times must be at most 10000 with those pending; got 6000' },
  ]);
});

test('a report by rules is short, as findings keep its texts', () => {
  const line = JSON.stringify({
    at: 1,
    kind: 'told',
    of: 'bring-up',
    what: { subject: 'x'.repeat(0x1_0000) },
  });

  const { log } = replayed([HEADER, line]);

  expect(log.damaged).toEqual([{ line: 2, why: 'it tells more than 65536 characters' }]);
});

test('timers fire no oftener than a guest can have had them fire', () => {
  const hours = Array.from({ length: 4 }, (_, hour) => out((hour + 1) * HOUR, 0x80, 0));

  const { log, machine } = replayed([HEADER, ...PIT, ...hours]);

  expect(log.damaged[0]?.why).toBe('timers fire too often before its time comes');
  expect(machine.chassis.board.clock.now).toBeLessThan(HOUR);
});

test('a clock that ticks eighteen times a second may do so for seven hours', () => {
  const hours = Array.from({ length: 7 }, (_, hour) => out((hour + 1) * HOUR, 0x80, 0));

  const { log } = replayed([HEADER, out(1000, 0x43, 0x14), out(2000, 0x40, 0), ...hours]);

  expect(log.damaged).toEqual([]);
});

test.each([1, 0x12345671, 0x80000000])(
  'a device of a trace has no more vectors than PCI has, its base address being %i',
  (value) => {
    const { port } = replayTrace(() => sized(value)).machine;
    port.out(0xcf8, 0x8000_1814, 4);
    port.out(0xcfc, 0xffff_ffff, 4);

    const bytes = -(port.in(0xcfc, 4) & ~15);
    expect(bytes).toBeLessThanOrEqual(2 * 2048 * 16);
  },
);

test('of the functions of a trace as many are known as a machine can have', () => {
  const lines = Array.from({ length: 16_384 }, (_, bdf) => {
    const [bus, slot] = [bdf >> 8, (bdf >> 3) & 31].map((n) => n.toString(16).padStart(2, '0'));
    return `pci_cfg_read e1000 ${bus}:${slot}.${bdf & 7} @0x10 -> 0xe0000000`;
  });
  const access = "memory_region_ops_read cpu 0 mr 0x1 addr 0x10 value 0x1 size 1 name 'virtio-pci'";

  const { accesses } = replayTrace(() => [...lines, ...new Array<string>(2000).fill(access)]);

  expect(accesses).toBe(2000);
});
