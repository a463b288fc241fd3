import { expect, test } from 'vitest';
import { MmioSpace } from '../../core/address-space.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { GuestMemory } from '../../core/memory.ts';
import { BusMemory } from './bus-memory.ts';

const MEBIBYTE = 1 << 20;
const RAM = 2 * MEBIBYTE;
/** A register file of 64 bytes in empty memory. */
const DEVICE = 0xc010_0040;

function setUp() {
  const ram = GuestMemory.of(RAM);
  const mmio = new MmioSpace();
  mmio.map(DEVICE, { name: 'device', size: 64, read: () => 0x5a5a_5a5a, write: () => {} });
  const accesses: number[] = [];
  const port = {
    memory: { read: (at: number, into: Uint8Array) => into.set(ram.slice(at, into.length)!) },
    read: (at: number, width: 1 | 2 | 4) => {
      accesses.push(at);
      return mmio.read(at, width);
    },
    write: (at: number, value: number, width: 1 | 2 | 4) => {
      accesses.push(at);
      mmio.write(at, value, width);
    },
  } as unknown as GuestPort;
  return { ram, accesses, memory: new BusMemory(port, ram, mmio) };
}

test('16 MiB of empty memory take a few accesses, and a device gets all of its own', () => {
  const { accesses, memory } = setUp();
  const bytes = new Uint8Array(16 * MEBIBYTE);

  memory.read(0xc000_0000, bytes);

  const at = DEVICE - 0xc000_0000;
  expect([bytes[0], bytes[at - 1], bytes[at], bytes[at + 63], bytes[at + 64], bytes.at(-1)]).toEqual([
    ...[0xff, 0xff, 0x5a, 0x5a, 0xff, 0xff],
  ]);
  expect(accesses.filter((address) => address >= DEVICE && address < DEVICE + 64).length).toBe(16);
  expect(accesses.length).toBeLessThan(250);
});

test('so do writes', () => {
  const { accesses, memory } = setUp();

  memory.write(0xc000_0000, new Uint8Array(16 * MEBIBYTE));

  expect(accesses.filter((address) => address >= DEVICE && address < DEVICE + 64).length).toBe(16);
  expect(accesses.length).toBeLessThan(250);
});

test('there is nothing behind the end of RAM', () => {
  const { ram, accesses, memory } = setUp();
  const bytes = new Uint8Array(MEBIBYTE);
  ram.slice(RAM - 1, 1)![0] = 7;

  memory.read(RAM - 1, bytes);

  expect([bytes[0], bytes[1], bytes.at(-1), accesses.length]).toEqual([7, 0xff, 0xff, 1]);
});
