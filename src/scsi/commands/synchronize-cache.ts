import type { Command } from '../command.ts';
import { SENSE } from '../sense.ts';
import type { Unit } from '../unit.ts';
import { blocksOf, lbaOf } from './extent.ts';

const { LBA_OUT_OF_RANGE, WRITE_ERROR } = SENSE;

/** Assumed cost of a flush, since it is unknown how much there is to write. */
const EXTRA_COST = 4 << 20;

/** Flushes the whole cache, whatever the range: a unit may do more than requested (SBC-3 5.27). */
export function synchronizeCache(command: Command, unit: Unit): void {
  const { cdb } = command;
  if (lbaOf(cdb) + blocksOf(cdb) > unit.medium.blocks) command.check(LBA_OUT_OF_RANGE);
  else flush(command, unit);
}

/** False, with sense data, if the medium fails. */
export function flush(command: Command, { medium }: Unit): boolean {
  command.extraCost = EXTRA_COST;
  const isDone = medium.flush();
  if (!isDone) command.check(WRITE_ERROR);
  return isDone;
}
