import { get16, get32, get64 } from '../../core/big-endian.ts';
import { BLOCK } from '../../media/medium.ts';
import type { Command } from '../command.ts';
import { blocksOf, lbaOf } from '../commands/extent.ts';
import { LBA_STATUS } from '../commands/registers.ts';
import { flush } from '../commands/synchronize-cache.ts';
import { READ_CAPACITY_16 } from '../registers.ts';
import { SENSE } from '../sense.ts';
import type { Unit } from '../unit.ts';
import { DEFECT_LISTS, DEFECTS_10, DEFECTS_12, REPORT_FUNCTIONS, START_FLAGS } from './registers.ts';

const { NO_FLUSH, START } = START_FLAGS.mask;
const { PLIST, GLIST, FORMAT } = DEFECT_LISTS.mask;
const { LBA_OUT_OF_RANGE } = SENSE;
/** The status of a PRE-FETCH whose blocks all fit into the cache (SBC-3, PRE-FETCH). */
const CONDITION_MET = 0x04;
/** GET LBA STATUS: the length that it says excludes its first four bytes. */
const UNCOUNTED = 4;
const DEALLOCATED = 1;
/** Bytes before the list of defects, which is empty. */
const [DEFECT_HEADER_10, DEFECT_HEADER_12] = [4, 8];
/** All but CLEAR ACA: bytes 0 and 1 of REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-4). */
const FUNCTIONS = [0xdc, 0x03, 0, 0];
/** With REPD the length of three timeouts follows, none of which is said. */
const TIMEOUTS = 12;
const REPD = 0x80;

/** START STOP UNIT: a unit that was stopped has nothing in its cache, unless NO_FLUSH. */
export function startStop(command: Command, unit: Unit): void {
  const flags = command.cdb[START_FLAGS.offset]!;
  const isStart = (flags & START) !== 0;
  if (!isStart && (flags & NO_FLUSH) === 0 && !flush(command, unit)) return;
  unit.isStarted = isStart;
}

/** PREVENT ALLOW MEDIUM REMOVAL: the medium cannot be removed anyway. */
export function preventAllow(_command: Command): void {}

export function preFetch(command: Command, { medium }: Unit): void {
  const { cdb } = command;
  if (lbaOf(cdb) + blocksOf(cdb) > medium.blocks) command.check(LBA_OUT_OF_RANGE);
  else command.status = CONDITION_MET;
}

/** READ DEFECT DATA: both lists are valid and empty. */
export function readDefects10(command: Command): void {
  const { cdb } = command;
  const data = Uint8Array.of(0, cdb[DEFECTS_10.offset.lists]! & (PLIST | GLIST | FORMAT));
  command.answer(extended(data, DEFECT_HEADER_10), get16(cdb, DEFECTS_10.offset.allocation));
}

export function readDefects12(command: Command): void {
  const { cdb } = command;
  const data = Uint8Array.of(0, cdb[DEFECTS_12.offset.lists]! & (PLIST | GLIST | FORMAT));
  command.answer(extended(data, DEFECT_HEADER_12), get32(cdb, DEFECTS_12.offset.allocation));
}

export function reportFunctions(command: Command): void {
  const { cdb } = command;
  const { options, allocation } = REPORT_FUNCTIONS.offset;
  const hasTimeouts = (cdb[options]! & REPD) !== 0;
  const data = Uint8Array.from(FUNCTIONS);
  if (hasTimeouts) data[3] = TIMEOUTS;
  command.answer(extended(data, data.length + (hasTimeouts ? TIMEOUTS : 0)), get32(cdb, allocation));
}

/** GET LBA STATUS: one descriptor, up to where the medium changes or ends. */
export function getLbaStatus(command: Command, { medium }: Unit): void {
  const { cdb } = command;
  const lba = get64(cdb, READ_CAPACITY_16.offset.lba);
  if (lba >= medium.blocks) {
    command.check(LBA_OUT_OF_RANGE);
    return;
  }
  const extent = medium.extentAt?.(lba * BLOCK) ?? { mapped: true, bytes: (medium.blocks - lba) * BLOCK };
  const data = LBA_STATUS.encode({
    length: LBA_STATUS.size - UNCOUNTED,
    lba: BigInt(lba),
    blocks: Math.min(Math.floor(extent.bytes / BLOCK), 0xffff_ffff),
    status: extent.mapped ? 0 : DEALLOCATED,
  });
  command.answer(data, get32(cdb, READ_CAPACITY_16.offset.allocation));
}

function extended(bytes: Uint8Array, size: number): Uint8Array {
  const data = new Uint8Array(size);
  data.set(bytes);
  return data;
}
