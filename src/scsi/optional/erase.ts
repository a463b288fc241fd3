import { get16, get32 } from '../../core/big-endian.ts';
import { BLOCK } from '../../media/medium.ts';
import type { Command } from '../command.ts';
import { writable } from '../commands/read-write.ts';
import { flush } from '../commands/synchronize-cache.ts';
import { SENSE } from '../sense.ts';
import type { Unit } from '../unit.ts';
import { FORMAT_FLAGS, SANITIZE } from './registers.ts';

const { length: LENGTH_AT } = SANITIZE.offset;
const { FMTDATA, LONGLIST } = FORMAT_FLAGS.mask;
const { INVALID_FIELD_IN_LIST } = SENSE;
/** Bytes at once, and what erasing them costs, by bytes that a disk could have moved. */
const STEP = 32 << 20;
const TIMES = 2;
/** The lists of FORMAT UNIT, and of SANITIZE, OVERWRITE: header, then the pattern. */
const HEADER = 4;
const LONG_HEADER = 8;
/** IP, of a list of FORMAT UNIT. */
const PATTERN = 0x08;
const COUNT = 0x1f;
const INVERT = 0x80;

const list = new Uint8Array(HEADER + BLOCK);
const chunk = new Uint8Array(1 << 16);

/** FORMAT UNIT: there are no defects to list, and no pattern but zeros. */
export function format(command: Command, unit: Unit): void {
  const flags = command.cdb[FORMAT_FLAGS.offset]!;
  const header = (flags & FMTDATA) === 0 ? 0 : (flags & LONGLIST) === 0 ? HEADER : LONG_HEADER;
  if (!command.expectOut(header)) return;
  list.fill(0, 0, LONG_HEADER);
  command.dataOut.gather(list, 0, header);
  const length = header === LONG_HEADER ? get32(list, 4) : get16(list, 2);
  if ((list[1]! & PATTERN) !== 0 || length !== 0) command.check(INVALID_FIELD_IN_LIST);
  else {
    command.transferred = header;
    erase(command, unit);
  }
}

/** SANITIZE by erasing: zeros, as what was never written. */
export function erase(command: Command, unit: Unit): void {
  const { medium } = unit;
  if (writable(command, unit)) bySteps(command, unit, (offset, bytes) => medium.unmap(offset, bytes));
}

/** SANITIZE, OVERWRITE: of several passes the last one is what remains; with INVERT every second is inverted. */
export function overwrite(command: Command, unit: Unit): void {
  const { cdb, dataOut } = command;
  const length = get16(cdb, LENGTH_AT);
  if (!writable(command, unit)) return;
  if (length <= HEADER || length > list.length) {
    command.invalidField(LENGTH_AT, 7);
    return;
  }
  if (!command.expectOut(length)) return;
  command.transferred = length;
  dataOut.gather(list, 0, length);
  const passes = list[0]! & COUNT;
  if (passes === 0 || get16(list, 2) !== length - HEADER) {
    command.check(INVALID_FIELD_IN_LIST);
    return;
  }
  const flip = (list[0]! & INVERT) !== 0 && passes % 2 === 0 ? 0xff : 0;
  for (let i = 0; i < chunk.length; i++) chunk[i] = list[HEADER + ((i % BLOCK) % (length - HEADER))]! ^ flip;
  bySteps(command, unit, (offset, bytes) => {
    for (let done = 0; done < bytes; done += chunk.length)
      if (!unit.medium.write(offset + done, chunk, 0, Math.min(chunk.length, bytes - done))) return false;
    return true;
  });
}

/** SANITIZE, EXIT FAILURE MODE: there is none. */
export function exitFailureMode(_command: Command): void {}

/** Acts on the whole medium, as much of it as one step may take. */
function bySteps(command: Command, unit: Unit, act: (offset: number, bytes: number) => boolean): void {
  const { medium } = unit;
  const done = command.unmapped;
  const all = medium.blocks * BLOCK;
  const bytes = Math.min(STEP, all - done);
  command.extraCost = TIMES * bytes;
  command.unmapped = done + bytes;
  const isDone = act(done, bytes);
  command.isUnfinished = isDone && command.unmapped < all;
  if (!isDone) command.checkWritten(medium, done / BLOCK);
  // What was erased does not come back with the next loss of power.
  else if (!command.isUnfinished) flush(command, unit);
}
