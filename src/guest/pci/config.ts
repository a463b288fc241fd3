import type { Width } from '../../core/bits.ts';
import type { PciId } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { Register } from '../../core/register.ts';
import {
  BASE_CLASS,
  CAPABILITIES_POINTER,
  COMMAND,
  CONFADD,
  CONFDATA,
  DEVICE_ID,
  PROG_IF,
  REVISION_ID,
  STATUS,
  SUBCLASS,
  SUBSYSTEM_ID,
  SUBSYSTEM_VENDOR_ID,
  VENDOR_ID,
} from '../../pci/registers.ts';

const { ENABLE } = CONFADD.mask;
const { CAPABILITIES_LIST } = STATUS.mask;
/** Bytes of a function's configuration space in memory. */
const ECAM_STEP = 4096;
/** Maximum number of capabilities after the header of configuration space; a longer list is a loop. */
const CAPABILITIES_MAX = 48;

/** Reads configuration space. `bdf` is bus << 8 | device << 3 | function; `register` a byte offset, aligned to `width`. */
export function configRead(port: GuestPort, bdf: number, register: number, width: Width): number {
  if (port.ecam !== undefined) return port.read(port.ecam + bdf * ECAM_STEP + register, width);
  select(port, bdf, register);
  return port.in(CONFDATA + (register & 3), width);
}

/** Writes configuration space; `bdf` and `register` as `configRead` takes them. */
export function configWrite(
  port: GuestPort,
  bdf: number,
  register: number,
  value: number,
  width: Width,
): void {
  if (port.ecam !== undefined) {
    port.write(port.ecam + bdf * ECAM_STEP + register, value, width);
    return;
  }
  select(port, bdf, register);
  port.out(CONFDATA + (register & 3), value, width);
}

/** CONFADD selects a doubleword; the low two bits of the register select the byte of the data port. */
function select(port: GuestPort, bdf: number, register: number): void {
  port.out(CONFADD.offset, (ENABLE | (bdf << 8) | (register & 0xfc)) >>> 0, 4);
}

/** Reads a declared register of a function, such as `COMMAND`; `at` is the base of its block. */
export function readRegister(port: GuestPort, bdf: number, register: Register, at = 0): number {
  return configRead(port, bdf, at + register.offset, register.width);
}

/** Writes a whole declared register of a function; `at` is the base of its block. */
export function writeRegister(port: GuestPort, bdf: number, register: Register, value: number, at = 0): void {
  configWrite(port, bdf, at + register.offset, value, register.width);
}

/** Sets bits of Command and keeps the others. A driver sets all that it needs, since firmware may have set none. */
export function enable(port: GuestPort, bdf: number, bits: number): void {
  writeRegister(port, bdf, COMMAND, readRegister(port, bdf, COMMAND) | bits);
}

/** Clears bits of Command and keeps the others. */
export function disable(port: GuestPort, bdf: number, bits: number): void {
  writeRegister(port, bdf, COMMAND, readRegister(port, bdf, COMMAND) & ~bits);
}

/** The offset of the capability `id` in configuration space; null if the function has none. */
export function findCapability(port: GuestPort, bdf: number, id: number): number | null {
  if ((readRegister(port, bdf, STATUS) & CAPABILITIES_LIST) === 0) return null;
  let at = readRegister(port, bdf, CAPABILITIES_POINTER) & 0xfc;
  for (let seen = 0; at !== 0 && seen < CAPABILITIES_MAX; seen++) {
    if (configRead(port, bdf, at, 1) === id) return at;
    at = configRead(port, bdf, at + 1, 1) & 0xfc;
  }
  return null;
}

/** A function's identity; `vendor` is ffff if there is no function. */
export function identify(port: GuestPort, bdf: number): PciId {
  const read = (register: Register) => readRegister(port, bdf, register);
  return {
    vendor: read(VENDOR_ID),
    device: read(DEVICE_ID),
    class: (read(BASE_CLASS) << 16) | (read(SUBCLASS) << 8) | read(PROG_IF),
    revision: read(REVISION_ID),
    subsystemVendor: read(SUBSYSTEM_VENDOR_ID),
    subsystem: read(SUBSYSTEM_ID),
  };
}
