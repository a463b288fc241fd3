import { u16, u32, u64 } from '../big-endian.ts';
import type { Command } from '../command.ts';
import { BLOCKS_10, BLOCKS_16 } from '../registers.ts';
import { SENSE } from '../sense.ts';
import type { Unit } from '../unit.ts';

const { lba: LBA_AT_10, blocks: BLOCKS_AT_10 } = BLOCKS_10.offset;
const { lba: LBA_AT_16, blocks: BLOCKS_AT_16 } = BLOCKS_16.offset;
const { LBA_OUT_OF_RANGE, WRITE_ERROR } = SENSE;

export function synchronizeCache10(command: Command, unit: Unit): void {
  const { cdb } = command;
  synchronize(command, unit, u32(cdb, LBA_AT_10), u16(cdb, BLOCKS_AT_10));
}

export function synchronizeCache16(command: Command, unit: Unit): void {
  const { cdb } = command;
  synchronize(command, unit, u64(cdb, LBA_AT_16), u32(cdb, BLOCKS_AT_16));
}

/** Assumed cost of a flush, since it is unknown how much there is to write. */
const EXTRA_COST = 4 << 20;

/** Flushes the whole cache, whatever the range: a unit may do more than requested (SBC-3 5.27). */
function synchronize(command: Command, unit: Unit, lba: number, blocks: number): void {
  if (lba + blocks > unit.medium.blocks) {
    command.check(LBA_OUT_OF_RANGE);
    return;
  }
  flush(command, unit);
}

/** False, with sense data, if the medium fails. */
export function flush(command: Command, { medium }: Unit): boolean {
  command.extraCost = EXTRA_COST;
  const isDone = medium.flush();
  if (!isDone) command.check(WRITE_ERROR);
  return isDone;
}
