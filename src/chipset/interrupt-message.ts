import type { Gpa } from '../core/bits.ts';
import { MSI_ADDRESS, MSI_DATA } from './registers/message.ts';

const { DM, RH } = MSI_ADDRESS.mask;
const { DEST: DEST_AT, BASE: BASE_AT } = MSI_ADDRESS.shift;
const { ASSERT, TRIGGER } = MSI_DATA.mask;
const { DELMOD: DELMOD_AT } = MSI_DATA.shift;

/** Bits 31:20 of every interrupt message's address. */
const MESSAGE_BASE = 0xfee;

export function isMessageAddress(address: Gpa): boolean {
  return address >>> BASE_AT === MESSAGE_BASE && address <= 0xffff_ffff;
}

export function messageAddress(destination: number, logical: boolean, lowestPriority: boolean): Gpa {
  const bits = (destination << DEST_AT) | (logical ? DM : 0) | (lowestPriority ? RH : 0);
  return MESSAGE_BASE * 2 ** BASE_AT + bits;
}

export function messageData(vector: number, deliveryMode: number, level: boolean): number {
  return vector | (deliveryMode << DELMOD_AT) | (level ? ASSERT | TRIGGER : 0);
}
