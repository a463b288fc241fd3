import { hex } from '../../core/bits.ts';
import type { GuestMemory } from '../../core/memory.ts';
import type { Register } from '../../core/register.ts';
import { adminq_command, SLOT_BYTES, SLOTS } from '../../gvnic/registers/admin.ts';
import * as reg from '../../gvnic/registers/mailbox.ts';

const HIGH = 0x1_0000_0000;

/** A command that lies behind those of the doorbell, in an admin queue that never went round; null for none. */
export function commandBehind(memory: GuestMemory, queue: number, posted: number): string | null {
  if (queue === 0 || posted >= SLOTS) return null;
  const slot = memory.slice(queue + posted * SLOT_BYTES, SLOT_BYTES);
  const opcode = slot === null ? 0 : adminq_command.decode(slot).opcode;
  if (opcode === 0) return null;
  return `gvnic/AQ-COUNT: slot ${posted} has command ${hex(opcode, 2)}, and the doorbell of the admin queue says ${posted} commands`;
}

/** The same of a request in the ring of a mailbox, whose slots a driver clears: by what was written to its registers. */
export function requestBehind(memory: GuestMemory, written: ReadonlyMap<Register, number>): string | null {
  const wrote = (register: unknown) => written.get(register as Register) ?? 0;
  const base = wrote(reg.TX_BASE_HIGH) * HIGH + wrote(reg.TX_BASE_LOW);
  const isOn = (wrote(reg.TX_LENGTH) & reg.TX_LENGTH.mask.ENABLE) !== 0;
  const slot = isOn ? wrote(reg.TX_TAIL) : 0;
  const { size } = reg.mailbox_desc;
  const bytes = base === 0 ? null : memory.slice(base + slot * size, size);
  if (bytes === null) return null;
  const { flags, opcode } = reg.mailbox_desc.decode(bytes);
  if (flags === 0 || (flags & reg.MAILBOX_FLAGS.mask.DD) !== 0) return null;
  const why = isOn ? `tx_tail says ${slot}` : 'tx_length does not enable the ring';
  return `gvnic/MBX-REQUEST: slot ${slot} has request ${hex(opcode, 4)}, and ${why}`;
}

/** How a command was refused, in words. */
export function refusalOf(
  names: Readonly<Record<string, number>>,
  what: string,
  opcode: number,
  status: number,
): string {
  const name = Object.entries(names).find(([, value]) => value === status)?.[0];
  const meaning = name === undefined ? '' : `, ${name.toLowerCase().replaceAll('_', ' ')}`;
  return `${what} ${hex(opcode, 2)} was answered with status ${hex(status, 4)}${meaning}`;
}
