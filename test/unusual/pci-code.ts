import type { GuestPort } from '../../src/index.ts';
import type { UnusualCode } from './pc-ports.ts';

const [CONFADD, CONFDATA] = [0xcf8, 0xcfc];
export const NIC = 0x20;

function select(port: GuestPort, bdf: number, at: number): void {
  port.out(CONFADD, 2 ** 31 + bdf * 256 + (at & 0xfc), 4);
}

export function config(port: GuestPort, bdf: number, at: number, width: 1 | 2 | 4 = 4): number {
  select(port, bdf, at);
  return port.in(CONFDATA + (at & 3), width);
}

export function setConfig(
  port: GuestPort,
  bdf: number,
  at: number,
  value: number,
  width: 1 | 2 | 4 = 4,
): void {
  select(port, bdf, at);
  port.out(CONFDATA + (at & 3), value, width);
}

/** Sizes one base address while the function decodes nothing. */
function sized(port: GuestPort, bdf: number, at: number, ones: number): void {
  const command = config(port, bdf, 4, 2);
  setConfig(port, bdf, 4, command & ~3, 2);
  const before = config(port, bdf, at);
  setConfig(port, bdf, at, ones);
  config(port, bdf, at);
  setConfig(port, bdf, at, before);
  setConfig(port, bdf, 4, command, 2);
}

/** Walks of configuration space. */
export const PCI_CODE: readonly UnusualCode[] = [
  {
    name: 'asks for mechanism 1 as Linux does',
    run: (port) => {
      port.out(0xcfb, 0x01, 1);
      const before = port.in(CONFADD, 4);
      port.out(CONFADD, 0x8000_0000, 4);
      port.in(CONFADD, 4);
      port.out(CONFADD, before, 4);
    },
  },
  {
    name: 'reads all devices by bytes, and the functions of those that have several',
    run: (port) => {
      for (let first = 0; first < 256; first += 8) {
        const last = config(port, first, 0x0e, 1) & 0x80 && config(port, first, 0, 2) !== 0xffff ? 8 : 1;
        for (let fn = 0; fn < last; fn++) for (let at = 0; at < 16; at++) config(port, first + fn, at, 1);
      }
    },
  },
  {
    name: 'looks for devices on other buses',
    run: (port) => {
      for (let bus = 1; bus < 256; bus++) config(port, bus << 8, 0);
    },
  },
  {
    name: 'sizes its base addresses one by one, with decoding off',
    run: (port) => {
      for (let at = 0x10; at < 0x28; at += 4) sized(port, NIC, at, 0xffff_ffff);
    },
  },
  {
    name: 'sizes the ROM with its enable bit clear',
    run: (port) => sized(port, NIC, 0x30, 0xffff_f800),
  },
  {
    name: 'sizes its base addresses once more for each driver',
    run: (port) => {
      for (let i = 0; i < 3; i++) sized(port, NIC, 0x10, 0xffff_fffe);
    },
  },
  {
    name: 'writes cache line size, latency timer and interrupt line as a BIOS does',
    run: (port) => {
      const line = config(port, NIC, 0x3c, 1);
      setConfig(port, NIC, 0x0c, 0x10, 1);
      setConfig(port, NIC, 0x0d, 0x40, 1);
      setConfig(port, NIC, 0x3c, line, 1);
    },
  },
  {
    name: 'clears the errors of Status by writing ones, by words',
    run: (port) => setConfig(port, NIC, 0x06, 0xf900, 2),
  },
  {
    name: 'moves a base address to where it is, with decoding off',
    run: (port) => {
      const command = config(port, NIC, 4, 2);
      const before = config(port, NIC, 0x14);
      setConfig(port, NIC, 4, command & ~7, 2);
      setConfig(port, NIC, 0x14, before);
      setConfig(port, NIC, 4, command, 2);
    },
  },
];
