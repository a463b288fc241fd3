import { BLOCK } from '../../media/medium.ts';
import type { Command } from '../command.ts';
import { SENSE } from '../sense.ts';
import type { Unit } from '../unit.ts';
import { blocksOf, lbaOf } from './extent.ts';

const { LBA_OUT_OF_RANGE, SPACE_ALLOCATION_FAILED, WRITE_ERROR } = SENSE;

/** Assumed cost of a flush, since it is unknown how much there is to write. */
const EXTRA_COST = 4 << 20;

export function synchronizeCache(command: Command, unit: Unit): void {
  const { cdb } = command;
  if (lbaOf(cdb) + blocksOf(cdb) > unit.medium.blocks) command.check(LBA_OUT_OF_RANGE);
  else flush(command, unit, lbaOf(cdb), blocksOf(cdb));
}

/**
 * Flushes blocks, of which 0 are all from `lba` on; the medium may flush more (SBC-3 5.27). False, with sense data, if it
 * fails.
 */
export function flush(command: Command, { medium }: Unit, lba = 0, blocks = 0): boolean {
  command.extraCost = EXTRA_COST;
  const isDone = medium.flush(lba * BLOCK, (blocks || medium.blocks - lba) * BLOCK);
  if (!isDone) command.check(medium.failure === 'full' ? SPACE_ALLOCATION_FAILED : WRITE_ERROR);
  return isDone;
}
