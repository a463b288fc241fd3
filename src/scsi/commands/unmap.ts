import { get16, get32, get64 } from '../../core/big-endian.ts';
import { BLOCK } from '../../media/medium.ts';
import type { Command } from '../command.ts';
import { MAX_UNMAP_BLOCKS, MAX_UNMAP_DESCRIPTORS, UNMAP } from '../registers.ts';
import { SENSE } from '../sense.ts';
import type { Unit } from '../unit.ts';
import { UNMAP_DESCRIPTOR, UNMAP_LIST } from './registers.ts';

const { length: LENGTH_AT } = UNMAP.offset;
const { descriptors: DESCRIPTORS_AT } = UNMAP_LIST.offset;
const { lba: LBA_AT, blocks: BLOCKS_AT } = UNMAP_DESCRIPTOR.offset;
const { LBA_OUT_OF_RANGE, PARAMETER_LIST_LENGTH, WRITE_PROTECTED } = SENSE;

/**
 * The least cost of an extent, though only its medium knows: a hole in a file takes some microseconds. Without holes each byte
 * is read, and zeros are written where there are none, so that a byte costs more than one that is moved.
 */
const LEAST = 32 << 10;
const TIMES = 2;
/** Bytes at once: the budget of one access. */
const STEP = 32 << 20;

/** Room for the maximum number of descriptors; further ones in a list are ignored. */
const list = new Uint8Array(UNMAP_LIST.size + MAX_UNMAP_DESCRIPTORS * UNMAP_DESCRIPTOR.size);

export function unmap(command: Command, unit: Unit): void {
  const length = get16(command.cdb, LENGTH_AT);
  command.isUnfinished = false;
  command.extraCost = 0;
  if (unit.readOnly) command.check(WRITE_PROTECTED);
  else if (command.expectOut(length) && length > 0) {
    const count = descriptors(command, length);
    if (count > 0 && allowed(command, unit, count)) carryOut(command, unit, count);
  }
}

/** Parses the parameter list; returns how many descriptors there are, also 0 if the list is refused. */
function descriptors(command: Command, length: number): number {
  command.transferred = length;
  command.dataOut.gather(list, 0, Math.min(length, list.length));
  if (length < UNMAP_LIST.size) {
    command.check(PARAMETER_LIST_LENGTH);
    return 0;
  }
  const described = Math.min(get16(list, DESCRIPTORS_AT), length - UNMAP_LIST.size);
  // An incomplete last descriptor is no error, and is ignored (SBC-3 5.28.2).
  const count = Math.floor(described / UNMAP_DESCRIPTOR.size);
  if (count <= MAX_UNMAP_DESCRIPTORS) return count;
  command.invalidParameter(DESCRIPTORS_AT, 7);
  return 0;
}

/** Every descriptor is checked before the first is executed. */
function allowed(command: Command, unit: Unit, count: number): boolean {
  let total = 0;
  for (let i = 0; i < count; i++) {
    const at = UNMAP_LIST.size + i * UNMAP_DESCRIPTOR.size;
    const blocks = get32(list, at + BLOCKS_AT);
    total += blocks;
    if (get64(list, at + LBA_AT) + blocks > unit.medium.blocks) {
      command.check(LBA_OUT_OF_RANGE);
      return false;
    }
    if (total > MAX_UNMAP_BLOCKS) {
      command.invalidParameter(at + BLOCKS_AT, 7);
      return false;
    }
  }
  return true;
}

/** As much as a step may take, behind what earlier ones have done. The list is read anew: a driver leaves it alone meanwhile. */
function carryOut(command: Command, unit: Unit, count: number): void {
  let [past, left] = [command.unmapped, STEP];
  for (let i = 0; i < count; i++) {
    const at = UNMAP_LIST.size + i * UNMAP_DESCRIPTOR.size;
    const lba = get64(list, at + LBA_AT);
    const all = get32(list, at + BLOCKS_AT) * BLOCK;
    const done = Math.min(past, all);
    const bytes = Math.min(all - done, left);
    past -= done;
    left -= bytes;
    command.unmapped += bytes;
    command.extraCost += Math.max(LEAST, TIMES * bytes);
    if (bytes > 0 && !unit.medium.unmap(lba * BLOCK + done, bytes)) {
      command.checkWritten(unit.medium, lba);
      return;
    }
    command.isUnfinished = done + bytes < all;
    if (command.isUnfinished) return;
  }
}
