import { swap32 } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { Register } from '../../core/register.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import { SLOT_BYTES } from '../../gvnic/registers/admin.ts';
import { DOORBELLS_SIZE, GVNIC_BAR } from '../../gvnic/registers/bar0.ts';
import { behind } from './behind.ts';
import { miswriteMemory } from './misreads.ts';

/** Every write of `length` bytes to RAM goes through `change`, which may change them. */
export function changeBytes(port: GuestPort, length: number, change: (bytes: Uint8Array) => void): GuestPort {
  return miswriteMemory(port, (bytes) => {
    if (bytes.length === length) change(bytes);
  });
}

/** The slot of every command `opcode` goes through `change`. */
export function changeCommand(
  port: GuestPort,
  opcode: number,
  change: (slot: Uint8Array) => void,
): GuestPort {
  return changeBytes(port, SLOT_BYTES, (slot) => {
    if (slot[3] === opcode) change(slot);
  });
}

/** Every write of a register goes through `change`, which makes the access itself. */
export function changeRegister(
  port: GuestPort,
  bdf: number,
  { offset }: Register,
  change: (write: (value: number, register?: Register) => void, value: number) => void,
): GuestPort {
  const base = barAddress(port, bdf, GVNIC_BAR.registers)?.address ?? 0;
  const write = (value: number, other?: Register) =>
    port.write(base + (other?.offset ?? offset), swap32(value) >>> 0, 4);
  return behind(port, {
    write: (address, value, width) => {
      if (address === base + offset) change(write, swap32(value) >>> 0);
      else port.write(address, value, width);
    },
  });
}

/** Every doorbell whose index is from `from` up to that of the next kind goes through `ring`. */
export function changeDoorbells(
  port: GuestPort,
  bdf: number,
  from: number,
  ring: (write: GuestPort['write'], address: number, value: number) => void,
): GuestPort {
  const base = barAddress(port, bdf, GVNIC_BAR.doorbells)?.address ?? 0;
  const write: GuestPort['write'] = (address, value, width) => port.write(address, value, width);
  return behind(port, {
    write: (address, value, width) => {
      const index = (address - base) / 4;
      const isTheirs = index >= from && index < from + KIND && address < base + DOORBELLS_SIZE;
      if (isTheirs) ring(write, address, value);
      else port.write(address, value, width);
    },
  });
}

/** Our device gives each kind of doorbell so many indices. */
const KIND = 0x100;
