import { get64 } from '../../core/big-endian.ts';
import { BLOCK, type Medium } from '../../media/medium.ts';
import type { Command } from '../command.ts';
import { blocksFieldOf, blocksOf, lbaOf } from '../commands/extent.ts';
import { fits, writable, write } from '../commands/read-write.ts';
import { flush } from '../commands/synchronize-cache.ts';
import { MAX_COMPARE } from '../registers.ts';
import { SENSE } from '../sense.ts';
import type { Unit } from '../unit.ts';
import { ours, PIECE, readPiece, theirs, writePiece } from './pieces.ts';
import { COMPARE_AND_WRITE, VERIFY_FLAGS } from './registers.ts';

const { BYTCHK } = VERIFY_FLAGS.mask;
const { lba: LBA_AT, blocks: BLOCKS_AT } = COMPARE_AND_WRITE.offset;
const { MISCOMPARE } = SENSE;
/** BYTCHK: the medium alone, all blocks, each with one block; 2 is reserved (SBC-3, VERIFY). */
const [MEDIUM, ALL, RESERVED, ONE] = [0, 1, 2, 3];
const GOOD = 0;

/** VERIFY. Data behind the blocks to compare is ignored, and all of it if there is nothing to compare. */
export function verify(command: Command, unit: Unit): void {
  const { cdb } = command;
  const lba = lbaOf(cdb);
  const blocks = blocksOf(cdb);
  const check = bytchkOf(command);
  if (check === RESERVED) command.invalidField(VERIFY_FLAGS.offset, VERIFY_FLAGS.shift.BYTCHK + 1);
  else if (fits(command, unit.medium.blocks, lba, blocks, blocksFieldOf(cdb)))
    compared(command, unit.medium, lba, blocks, check);
}

/** WRITE AND VERIFY: what was written is on the medium when it ends. */
export function writeAndVerify(command: Command, unit: Unit): void {
  const { cdb } = command;
  const lba = lbaOf(cdb);
  const blocks = blocksOf(cdb);
  const check = bytchkOf(command);
  if (check !== MEDIUM && check !== ALL) {
    command.invalidField(VERIFY_FLAGS.offset, VERIFY_FLAGS.shift.BYTCHK + 1);
    return;
  }
  write(command, unit);
  if (command.status !== GOOD || command.overrun || !flush(command, unit, lba, blocks)) return;
  compared(command, unit.medium, lba, blocks, check);
}

/** COMPARE AND WRITE: its data are as many blocks to compare, and then as many to write. */
export function compareAndWrite(command: Command, unit: Unit): void {
  const { cdb, dataOut } = command;
  const { medium } = unit;
  const lba = get64(cdb, LBA_AT);
  const blocks = cdb[BLOCKS_AT]!;
  if (!fits(command, medium.blocks, lba, blocks, BLOCKS_AT, MAX_COMPARE) || !writable(command, unit)) return;
  const bytes = blocks * BLOCK;
  if (!command.expectOut(2 * bytes) || !isEqual(command, medium, lba, bytes, BLOCK * MAX_COMPARE)) return;
  command.transferred = 2 * bytes;
  for (let done = 0; done < bytes; ) {
    const n = dataOut.gather(theirs, bytes + done, Math.min(PIECE, bytes - done));
    if (!writePiece(command, medium, theirs, lba * BLOCK + done, n)) return;
    done += n;
  }
}

function bytchkOf({ cdb }: Command): number {
  return (cdb[VERIFY_FLAGS.offset]! & BYTCHK) >> VERIFY_FLAGS.shift.BYTCHK;
}

function compared(command: Command, medium: Medium, lba: number, blocks: number, check: number): void {
  const bytes = blocks * BLOCK;
  if (check === MEDIUM) isReadable(command, medium, lba, bytes);
  else if (command.expectOut(check === ONE ? Math.min(bytes, BLOCK) : bytes)) {
    command.transferred = command.expected;
    isEqual(command, medium, lba, bytes, check === ONE ? BLOCK : bytes);
  }
}

/** False, and sense data that names the block, if one of them cannot be read. */
function isReadable(command: Command, medium: Medium, lba: number, bytes: number): boolean {
  for (let done = 0; done < bytes; done += PIECE)
    if (!readPiece(command, medium, lba * BLOCK + done, Math.min(PIECE, bytes - done))) return false;
  return true;
}

/**
 * Compares the blocks with the data, of which the first `period` bytes come again and again. If they differ, the information
 * field says at which byte.
 */
function isEqual(command: Command, medium: Medium, lba: number, bytes: number, period: number): boolean {
  for (let done = 0; done < bytes; ) {
    const from = done % period;
    const n = command.dataOut.gather(theirs, from, Math.min(PIECE, bytes - done, period - from));
    if (!readPiece(command, medium, lba * BLOCK + done, n)) return false;
    for (let i = 0; i < n; i++)
      if (ours[i] !== theirs[i]) {
        command.checkBlock(MISCOMPARE, done + i);
        return false;
      }
    done += n;
  }
  return true;
}
