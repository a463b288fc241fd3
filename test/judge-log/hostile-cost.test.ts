import { expect, test } from 'vitest';
import { replayTrace } from '../../src/hosts/log/qemu/replay-trace.ts';
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
