import { get16, get64 } from '../../core/big-endian.ts';
import { BLOCK } from '../../media/medium.ts';
import type { Command } from '../command.ts';
import { blocksFieldOf, blocksOf, lbaOf } from '../commands/extent.ts';
import type { Operation } from '../commands/operation.ts';
import { fits, writable, writeBlocks } from '../commands/read-write.ts';
import { flush } from '../commands/synchronize-cache.ts';
import { MAX_WRITE_SAME, TRANSFER_FLAGS } from '../registers.ts';
import { SENSE } from '../sense.ts';
import type { Unit } from '../unit.ts';
import { ours, PIECE, readPiece, theirs, writePiece } from './pieces.ts';
import { WRITE_ATOMIC_16, WRITE_SAME_FLAGS } from './registers.ts';

const { FUA } = TRANSFER_FLAGS.mask;
const { UNMAP, NDOB } = WRITE_SAME_FLAGS.mask;
const { lba: LBA_AT, boundary: BOUNDARY_AT, blocks: BLOCKS_AT } = WRITE_ATOMIC_16.offset;
const { LBA_OUT_OF_RANGE } = SENSE;
const WRITE_SAME_16 = 0x93;
/** WRITE(6), WRITE SAME(10) and (16). */
const NO_FUA: ReadonlySet<number> = new Set([0x0a, 0x41, WRITE_SAME_16]);
const GOOD = 0;

/** A write that is on the medium when it ends, if FUA asks for that or there is no write cache. */
export function through({ usage, run }: Pick<Operation<Unit>, 'usage' | 'run'>): Operation<Unit>['run'] {
  // WRITE(6) and WRITE SAME have another field there.
  const fua = NO_FUA.has(usage[0]!) ? 0 : FUA;
  return (command, unit) => {
    const { cdb } = command;
    run(command, unit);
    const isAsked = (cdb[TRANSFER_FLAGS.offset]! & fua) !== 0;
    if (command.status === GOOD && !command.overrun && (isAsked || !unit.modes.writesBack))
      flush(command, unit, lbaOf(cdb), blocksOf(cdb));
  };
}

/** WRITE ATOMIC(16): our media do a write as a whole, or fail; no boundary is offered. */
export function writeAtomic(command: Command, unit: Unit): void {
  const { cdb } = command;
  if (get16(cdb, BOUNDARY_AT) !== 0) command.invalidField(BOUNDARY_AT, 7);
  else writeBlocks(command, unit, get64(cdb, LBA_AT), get16(cdb, BLOCKS_AT), BLOCKS_AT);
}

/** ORWRITE(16). */
export function orWrite(command: Command, unit: Unit): void {
  const { cdb, dataOut } = command;
  const { medium } = unit;
  const lba = lbaOf(cdb);
  const blocks = blocksOf(cdb);
  if (!fits(command, medium.blocks, lba, blocks, blocksFieldOf(cdb)) || !writable(command, unit)) return;
  const bytes = blocks * BLOCK;
  if (!command.expectOut(bytes)) return;
  for (let done = 0; done < bytes; ) {
    const n = dataOut.gather(theirs, done, Math.min(PIECE, bytes - done));
    if (!readPiece(command, medium, lba * BLOCK + done, n)) return;
    for (let i = 0; i < n; i++) ours[i]! |= theirs[i]!;
    if (!writePiece(command, medium, ours, lba * BLOCK + done, n)) return;
    done += n;
    command.transferred = done;
  }
}

/** WRITE SAME: one block goes to each of many; 0 of them are all up to the end. Zeros may be unmapped, if that is asked. */
export function writeSame(command: Command, unit: Unit): void {
  const { cdb, dataOut } = command;
  const { medium } = unit;
  const lba = lbaOf(cdb);
  const blocks = blocksOf(cdb) || medium.blocks - lba;
  const hasData = cdb[0] !== WRITE_SAME_16 || (cdb[WRITE_SAME_FLAGS.offset]! & NDOB) === 0;
  if (lba >= medium.blocks) command.check(LBA_OUT_OF_RANGE);
  else if (
    fits(command, medium.blocks, lba, blocks, blocksFieldOf(cdb), MAX_WRITE_SAME) &&
    writable(command, unit) &&
    command.expectOut(hasData ? BLOCK : 0)
  ) {
    if (dataOut.total > command.expected) {
      command.invalidField(blocksFieldOf(cdb), 7);
      return;
    }
    command.transferred = command.expected;
    theirs.fill(0, 0, BLOCK);
    dataOut.gather(theirs, 0, command.expected);
    fill(command, unit, lba, blocks);
  }
}

/** Fills blocks with the one that `theirs` begins with. */
function fill(command: Command, { medium }: Unit, lba: number, blocks: number): void {
  const bytes = blocks * BLOCK;
  const mayUnmap = (command.cdb[WRITE_SAME_FLAGS.offset]! & UNMAP) !== 0;
  command.extraCost = bytes;
  if (mayUnmap && theirs.subarray(0, BLOCK).every((byte) => byte === 0)) {
    if (!medium.unmap(lba * BLOCK, bytes)) command.checkWritten(medium, lba);
    return;
  }
  for (let at = BLOCK; at < PIECE; at *= 2) theirs.copyWithin(at, 0, at);
  for (let done = 0; done < bytes; done += PIECE)
    if (!writePiece(command, medium, theirs, lba * BLOCK + done, Math.min(PIECE, bytes - done))) return;
}
