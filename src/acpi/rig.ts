import type { Machine } from '../machine/machine.ts';
import type { TablesConfig } from './config.ts';

/** Zero for a table, and for all else that has a checksum. */
export const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => total + byte, 0) % 256;

/** What lies in a machine's RAM, as text. */
export function textAt(machine: Machine, address: number, length: number): string {
  const bytes = new Uint8Array(length);
  machine.port.memory.read(address, bytes);
  return Buffer.from(bytes).toString('latin1');
}

export const wordAt = (machine: Machine, address: number): number => machine.port.memory.load(address, 4);

/** The machine whose kernel printed the tests' addresses: two processors, 7.5 GiB, in November 2018. */
export const SEEN: TablesConfig = {
  ram: { below4G: 0xc000_0000, above4G: 0x1_2000_0000 },
  vcpus: 2,
  maxCpus: 2,
  serial: [
    { port: 0x3f8, irq: 4 },
    { port: 0x2f8, irq: 3 },
    { port: 0x3e8, irq: 6 },
    { port: 0x2e8, irq: 7 },
  ],
  pci: {
    io: [
      { first: 0x0000, last: 0x0cf7 },
      { first: 0x0d00, last: 0xffff },
    ],
    memory: [
      { first: 0xa_0000, last: 0xb_ffff },
      { first: 0xc000_0000, last: 0xfebf_ffff },
    ],
    links: [10, 10, 11, 11],
    numbersSlots: true,
    functions: [
      { slot: 1, pin: 1, irq: 9 },
      { slot: 3, pin: 1, irq: 11 },
      { slot: 4, pin: 1, irq: 11 },
    ],
  },
  pm: { base: 0xb000, gpe0: 0xafe0, smiCommand: 0xb2, acpiEnable: 0xf1, acpiDisable: 0xf0 },
  cpuid: { eax: 0x0083_0f10, edx: 0x178b_fbff },
  uuid: '00112233445566778899aabbccddeeff',
};
