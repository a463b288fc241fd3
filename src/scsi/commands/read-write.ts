import type { Segments } from '../../core/segments.ts';
import { BLOCK, type Medium } from '../../media/medium.ts';
import type { Command } from '../command.ts';
import { MAX_TRANSFER } from '../registers.ts';
import { SENSE } from '../sense.ts';
import type { Unit } from '../unit.ts';
import { blocksFieldOf, blocksOf, lbaOf } from './extent.ts';

const { LBA_OUT_OF_RANGE, READ_ERROR, WRITE_PROTECTED } = SENSE;

/** Where all of a transfer is gathered, once a medium's calls are costly; null while it is in use: a medium may run another machine. */
let room: Uint8Array | null = null;

/** Moves all of it by one call; false if it is not to be, or the medium failed. */
function atOnce(medium: Medium, write: boolean, offset: number, segments: Segments, bytes: number): boolean {
  if (segments.length[0]! >= bytes || bytes > MAX_TRANSFER * BLOCK) return false;
  const gathered = room ?? new Uint8Array(MAX_TRANSFER * BLOCK);
  room = null;
  if (write) segments.gather(gathered, 0, bytes);
  const isMoved = move(medium, write, offset, gathered, 0, bytes);
  if (isMoved && !write) segments.scatter(gathered, 0, bytes);
  room = gathered;
  return isMoved;
}

/**
 * Moves `bytes` between the medium, from `offset`, and the segments; returns how many were moved before the medium
 * failed. Adjacent segments take one call, and all of them where calls are costly.
 *
 * @param failedAt how many were moved before a call that has failed: what is before is not moved again, and that call not made again.
 */
function transfer(
  medium: Medium,
  write: boolean,
  offset: number,
  segments: Segments,
  bytes: number,
  failedAt: number,
): number {
  if (medium.isCostly === true && failedAt < 0 && atOnce(medium, write, offset, segments, bytes))
    return bytes;
  let done = 0;
  for (let i = 0; done < bytes && i < segments.count; ) {
    const buffer = segments.bytes[i]!;
    const at = segments.offset[i]!;
    let run = segments.length[i++]!;
    while (i < segments.count && segments.bytes[i] === buffer && segments.offset[i] === at + run)
      run += segments.length[i++]!;
    const n = Math.min(run, bytes - done);
    const isMoved =
      done < failedAt || (done !== failedAt && move(medium, write, offset + done, buffer, at, n));
    const moved = isMoved ? n : blockwise(medium, write, offset + done, buffer, at, n);
    done += moved;
    if (moved < n) break;
  }
  // The part of a failed block that a medium wrote counts as written too.
  if (!write) segments.wrote(0, bytes);
  return done;
}

/** Repeats the transfer block by block, to find the one that fails: sense data name it. */
function blockwise(
  medium: Medium,
  write: boolean,
  offset: number,
  buffer: Uint8Array,
  at: number,
  length: number,
): number {
  let done = 0;
  while (done < length) {
    const n = Math.min(BLOCK - ((offset + done) % BLOCK), length - done);
    if (!move(medium, write, offset + done, buffer, at + done, n)) break;
    done += n;
  }
  return done;
}

function move(
  medium: Medium,
  write: boolean,
  offset: number,
  buffer: Uint8Array,
  at: number,
  length: number,
): boolean {
  return write ? medium.write(offset, buffer, at, length) : medium.read(offset, buffer, at, length);
}

export function read(command: Command, unit: Unit): void {
  const { medium } = unit;
  const { cdb } = command;
  const lba = lbaOf(cdb);
  const blocks = blocksOf(cdb);
  if (!fits(command, medium.blocks, lba, blocks, blocksFieldOf(cdb))) return;
  const bytes = blocks * BLOCK;
  if (!command.expectIn(bytes)) return;
  const moved = transfer(medium, false, lba * BLOCK, command.dataIn, bytes, command.failedAt);
  command.transferred = moved;
  if (moved < bytes) command.checkBlock(READ_ERROR, lba + Math.floor(moved / BLOCK));
}

export function write(command: Command, unit: Unit): void {
  const { cdb } = command;
  writeBlocks(command, unit, lbaOf(cdb), blocksOf(cdb), blocksFieldOf(cdb));
}

/** @param field where the CDB says how many blocks. */
export function writeBlocks(command: Command, unit: Unit, lba: number, blocks: number, field: number): void {
  const { medium } = unit;
  if (!fits(command, medium.blocks, lba, blocks, field) || !writable(command, unit)) return;
  const bytes = blocks * BLOCK;
  if (!command.expectOut(bytes)) return;
  const moved = transfer(medium, true, lba * BLOCK, command.dataOut, bytes, command.failedAt);
  command.transferred = moved;
  if (moved < bytes) command.checkWritten(medium, lba + Math.floor(moved / BLOCK));
}

export function writable(command: Command, { readOnly }: Unit): boolean {
  if (readOnly) command.check(WRITE_PROTECTED);
  return !readOnly;
}

/** A transfer of 0 blocks is no error, but its LBA must still be valid (SBC-3 5.10). */
export function fits(
  command: Command,
  capacity: number,
  lba: number,
  blocks: number,
  field: number,
  most = MAX_TRANSFER,
): boolean {
  if (blocks > most) command.invalidField(field, 7);
  else if (lba + blocks > capacity) command.check(LBA_OUT_OF_RANGE);
  else return true;
  return false;
}
