import { BLOCK, type Medium } from '../../media/medium.ts';
import { u16 } from '../big-endian.ts';
import type { Command } from '../command.ts';
import { MODE_PAGE, MODE_SENSE_6, MODE_SENSE_10, MODE_SENSE_FLAGS } from '../registers.ts';
import { SENSE } from '../sense.ts';
import type { Unit } from '../unit.ts';
import {
  BLOCK_DESCRIPTOR,
  CACHING_FLAGS,
  CACHING_PAGE,
  MODE_DEVICE,
  MODE_HEADER_6,
  MODE_HEADER_10,
} from './registers.ts';

const {
  flags: FLAGS_AT,
  page: PAGE_AT,
  subpage: SUBPAGE_AT,
  allocation: ALLOCATION_AT_6,
} = MODE_SENSE_6.offset;
const { allocation: ALLOCATION_AT_10 } = MODE_SENSE_10.offset;
const { DBD } = MODE_SENSE_FLAGS.mask;
const { PC, PAGE } = MODE_PAGE.mask;
const { WP } = MODE_DEVICE.mask;
const { WCE } = CACHING_FLAGS.mask;

const CHANGEABLE = 1;
const SAVED = 3;
const CACHING = 0x08;
const ALL_PAGES = 0x3f;
const ALL_SUBPAGES = 0xff;

// Bytes that a header's mode data length excludes: those of the length itself.
const UNCOUNTED_6 = 1;
const UNCOUNTED_10 = 2;

export function modeSense6(command: Command, unit: Unit): void {
  const data = parameters(command, unit.medium, MODE_HEADER_6.size);
  if (data === null) return;
  const length = data.length - UNCOUNTED_6;
  MODE_HEADER_6.encode({ length, device: device(unit), descriptors: descriptors(command) }, data);
  command.answer(data, command.cdb[ALLOCATION_AT_6]!);
}

/** LLBAA is accepted, and answered with LONGLBA = 0 and the short descriptor, as SPC-4 7.5.6 allows. */
export function modeSense10(command: Command, unit: Unit): void {
  const data = parameters(command, unit.medium, MODE_HEADER_10.size);
  if (data === null) return;
  const length = data.length - UNCOUNTED_10;
  MODE_HEADER_10.encode({ length, device: device(unit), descriptors: descriptors(command) }, data);
  command.answer(data, u16(command.cdb, ALLOCATION_AT_10));
}

/** DPOFUA is 0, as on GCE; READ and WRITE refuse both bits. */
function device(unit: Unit): number {
  return unit.medium.readOnly ? WP : 0;
}

function descriptors({ cdb }: Command): number {
  return cdb[FLAGS_AT]! & DBD ? 0 : BLOCK_DESCRIPTOR.size;
}

/** Room for a header, then block descriptor and pages. GCE has one page, caching, and so has page 3F. */
function parameters(command: Command, medium: Medium, header: number): Uint8Array | null {
  const { cdb } = command;
  const control = (cdb[PAGE_AT]! & PC) >> MODE_PAGE.shift.PC;
  const page = cdb[PAGE_AT]! & PAGE;
  const subpage = cdb[SUBPAGE_AT]!;
  if (control === SAVED) command.check(SENSE.SAVING_NOT_SUPPORTED);
  else if (page !== CACHING && page !== ALL_PAGES) command.invalidField(PAGE_AT, 5);
  else if (subpage !== 0 && subpage !== ALL_SUBPAGES) command.invalidField(SUBPAGE_AT, 7);
  else {
    const described = descriptors(command);
    const data = new Uint8Array(header + described + CACHING_PAGE.size);
    const blocks = Math.min(medium.blocks, 0xffff_ffff);
    if (described > 0) BLOCK_DESCRIPTOR.encode({ blocks, block_length: BLOCK }, data, header);
    const flags = control === CHANGEABLE ? 0 : WCE;
    CACHING_PAGE.encode({ page: CACHING, length: CACHING_PAGE.size - 2, flags }, data, header + described);
    return data;
  }
  return null;
}
