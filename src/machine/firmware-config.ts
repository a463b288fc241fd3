import type { Width } from '../core/bits.ts';
import type { GuestPort } from '../core/guest-port.ts';
import { CONFADD, CONFDATA } from '../pci/registers.ts';

const { ENABLE } = CONFADD.mask;

/** Reads configuration space, as firmware does. */
export function readConfig(port: GuestPort, bdf: number, offset: number, width: Width): number {
  port.out(CONFADD.offset, (ENABLE | (bdf << 8) | (offset & 0xfc)) >>> 0, 4);
  return port.in(CONFDATA + (offset & 3), width);
}

/** Writes configuration space, as firmware does. */
export function writeConfig(port: GuestPort, bdf: number, offset: number, width: Width, value: number): void {
  port.out(CONFADD.offset, (ENABLE | (bdf << 8) | (offset & 0xfc)) >>> 0, 4);
  port.out(CONFDATA + (offset & 3), value, width);
}
