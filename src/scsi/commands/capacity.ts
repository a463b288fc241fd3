import { get32 } from '../../core/big-endian.ts';
import { BLOCK } from '../../media/medium.ts';
import type { Command } from '../command.ts';
import { PHYSICAL_EXPONENT, READ_CAPACITY_16 } from '../registers.ts';
import type { Unit } from '../unit.ts';
import { CAPACITY_10, CAPACITY_16, CAPACITY_ALIGNMENT } from './registers.ts';

const { LBPME, LBPRZ } = CAPACITY_ALIGNMENT.mask;
const { allocation: ALLOCATION_AT } = READ_CAPACITY_16.offset;
/** Means: use READ CAPACITY(16). */
const TOO_MANY = 0xffff_ffff;

export function readCapacity10(command: Command, unit: Unit): void {
  const last = Math.min(unit.medium.blocks - 1, TOO_MANY);
  command.answer(CAPACITY_10.encode({ last, block_length: BLOCK }), CAPACITY_10.size);
}

export function readCapacity16(command: Command, unit: Unit): void {
  const data = CAPACITY_16.encode({
    last: BigInt(unit.medium.blocks - 1),
    block_length: BLOCK,
    exponent: PHYSICAL_EXPONENT,
    alignment: LBPME | LBPRZ,
  });
  command.answer(data, get32(command.cdb, ALLOCATION_AT));
}
