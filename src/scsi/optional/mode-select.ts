import { get16, get32 } from '../../core/big-endian.ts';
import { BLOCK } from '../../media/medium.ts';
import type { Command } from '../command.ts';
import { BLOCK_DESCRIPTOR, MODE_HEADER_6, MODE_HEADER_10 } from '../commands/registers.ts';
import { flush } from '../commands/synchronize-cache.ts';
import type { ModePage } from '../mode-pages.ts';
import { SENSE } from '../sense.ts';
import type { Unit } from '../unit.ts';
import { MODE_SELECT_6, MODE_SELECT_10, MODE_SELECT_FLAGS } from './registers.ts';

const { PF } = MODE_SELECT_FLAGS.mask;
const { PARAMETER_LIST_LENGTH } = SENSE;
const PAGE_CODE = 0x3f;
const HEAD = 2;
/** No list of ours is longer. */
const list = new Uint8Array(256);

export function modeSelect6(command: Command, unit: Unit): void {
  select(command, unit, command.cdb[MODE_SELECT_6.offset.length]!, MODE_HEADER_6);
}

export function modeSelect10(command: Command, unit: Unit): void {
  select(command, unit, get16(command.cdb, MODE_SELECT_10.offset.length), MODE_HEADER_10);
}

/** Nothing is changed unless all of the list is right (SPC-4, MODE SELECT). */
function select(
  command: Command,
  unit: Unit,
  length: number,
  header: typeof MODE_HEADER_6 | typeof MODE_HEADER_10,
): void {
  if ((command.cdb[MODE_SELECT_FLAGS.offset]! & PF) === 0) {
    command.invalidField(MODE_SELECT_FLAGS.offset, MODE_SELECT_FLAGS.shift.PF);
    return;
  }
  if (!command.expectOut(length) || length === 0) return;
  command.transferred = length;
  if (length < header.size || length > list.length) {
    command.check(PARAMETER_LIST_LENGTH);
    return;
  }
  command.dataOut.gather(list, 0, length);
  const { length: said, descriptors } = header.decode(list);
  if (said !== 0) command.invalidParameter(0, 7);
  else if (descriptors !== 0 && descriptors !== BLOCK_DESCRIPTOR.size)
    command.invalidParameter(header.offset.descriptors, 7);
  else if (header.size + descriptors > length) command.check(PARAMETER_LIST_LENGTH);
  else if (descriptors === 0 || isOurs(command, unit, header.size))
    setPages(command, unit, header.size + descriptors, length);
}

/** The block descriptor says what the disk is: it cannot be formatted to another length or number of blocks. */
function isOurs(command: Command, { medium }: Unit, at: number): boolean {
  const blocks = get32(list, at + BLOCK_DESCRIPTOR.offset.blocks);
  const isSame = blocks === 0 || blocks === Math.min(medium.blocks, 0xffff_ffff);
  if (isSame && get32(list, at + BLOCK_DESCRIPTOR.offset.block_length) === BLOCK) return true;
  command.invalidParameter(at, 7);
  return false;
}

function setPages(command: Command, unit: Unit, from: number, end: number): void {
  const found: [page: ModePage, at: number][] = [];
  for (let at = from; at < end; ) {
    const page = unit.modes.pages.find(({ code }) => code === (list[at]! & PAGE_CODE));
    const length = at + 1 < end ? HEAD + list[at + 1]! : HEAD;
    if (page === undefined || list[at] !== page.code) command.invalidParameter(at, 7);
    else if (at + 1 >= end) command.check(PARAMETER_LIST_LENGTH);
    else if (length !== page.current.length) command.invalidParameter(at + 1, 7);
    else if (at + length > end) command.check(PARAMETER_LIST_LENGTH);
    else if (differs(page, at)) command.invalidParameter(at + differs(page, at), 7);
    else {
      found.push([page, at]);
      at += length;
      continue;
    }
    return;
  }
  const isNews = found.some(([{ current }, at]) => current.some((byte, i) => byte !== list[at + i]));
  const { writesBack } = unit.modes;
  for (const [{ current }, at] of found) current.set(list.subarray(at, at + current.length));
  // A cache that is switched off has nothing left to write (SBC-3, Caching mode page, WCE).
  if (writesBack && !unit.modes.writesBack && !flush(command, unit)) return;
  if (isNews) unit.tellOthers(SENSE.MODE_CHANGED);
}

/** The first byte of the page in which a bit differs that cannot be changed; 0 if there is none. */
function differs({ current, changeable }: ModePage, at: number): number {
  for (let i = HEAD; i < current.length; i++)
    if (((list[at + i]! ^ current[i]!) & ~changeable[i]!) !== 0) return i;
  return 0;
}
