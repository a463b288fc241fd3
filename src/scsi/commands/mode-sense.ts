import { get16 } from '../../core/big-endian.ts';
import { BLOCK } from '../../media/medium.ts';
import type { Command } from '../command.ts';
import type { ModePage } from '../mode-pages.ts';
import { MODE_PAGE, MODE_SENSE_6, MODE_SENSE_10, MODE_SENSE_FLAGS } from '../registers.ts';
import { SENSE } from '../sense.ts';
import type { Unit } from '../unit.ts';
import { BLOCK_DESCRIPTOR, MODE_DEVICE, MODE_HEADER_6, MODE_HEADER_10 } from './registers.ts';

const {
  flags: FLAGS_AT,
  page: PAGE_AT,
  subpage: SUBPAGE_AT,
  allocation: ALLOCATION_AT_6,
} = MODE_SENSE_6.offset;
const { allocation: ALLOCATION_AT_10 } = MODE_SENSE_10.offset;
const { DBD } = MODE_SENSE_FLAGS.mask;
const { PC, PAGE } = MODE_PAGE.mask;
const { WP, DPOFUA } = MODE_DEVICE.mask;

const [CHANGEABLE, INITIAL, SAVED] = [1, 2, 3];
const ALL_PAGES = 0x3f;
const ALL_SUBPAGES = 0xff;

// Bytes that a header's mode data length excludes: those of the length itself.
const UNCOUNTED_6 = 1;
const UNCOUNTED_10 = 2;

export function modeSense6(command: Command, unit: Unit): void {
  const data = parameters(command, unit, MODE_HEADER_6.size);
  if (data === null) return;
  const length = data.length - UNCOUNTED_6;
  MODE_HEADER_6.encode({ length, device: device(unit), descriptors: descriptors(command) }, data);
  command.answer(data, command.cdb[ALLOCATION_AT_6]!);
}

/** LLBAA is accepted, and answered with LONGLBA = 0 and the short descriptor, as SPC-4 7.5.6 allows. */
export function modeSense10(command: Command, unit: Unit): void {
  const data = parameters(command, unit, MODE_HEADER_10.size);
  if (data === null) return;
  const length = data.length - UNCOUNTED_10;
  MODE_HEADER_10.encode({ length, device: device(unit), descriptors: descriptors(command) }, data);
  command.answer(data, get16(command.cdb, ALLOCATION_AT_10));
}

/** DPOFUA is 0 on GCE; there READ and WRITE refuse both bits. */
function device({ readOnly, modes }: Unit): number {
  return (readOnly ? WP : 0) | (modes.hasAll ? DPOFUA : 0);
}

function descriptors({ cdb }: Command): number {
  return cdb[FLAGS_AT]! & DBD ? 0 : BLOCK_DESCRIPTOR.size;
}

/** Room for a header, then block descriptor and pages. Page 3F is all of them. */
function parameters(command: Command, { medium, modes }: Unit, header: number): Uint8Array | null {
  const { cdb } = command;
  const control = (cdb[PAGE_AT]! & PC) >> MODE_PAGE.shift.PC;
  const page = cdb[PAGE_AT]! & PAGE;
  const subpage = cdb[SUBPAGE_AT]!;
  const pages = modes.pages.filter(({ code }) => page === ALL_PAGES || code === page);
  if (control === SAVED) command.check(SENSE.SAVING_NOT_SUPPORTED);
  else if (pages.length === 0) command.invalidField(PAGE_AT, 5);
  else if (subpage !== 0 && subpage !== ALL_SUBPAGES) command.invalidField(SUBPAGE_AT, 7);
  else {
    let at = header + descriptors(command);
    const data = new Uint8Array(at + pages.reduce((sum, { current }) => sum + current.length, 0));
    const blocks = Math.min(medium.blocks, 0xffff_ffff);
    if (at > header) BLOCK_DESCRIPTOR.encode({ blocks, block_length: BLOCK }, data, header);
    for (const each of pages) {
      data.set(valuesOf(each, control), at);
      at += each.current.length;
    }
    return data;
  }
  return null;
}

function valuesOf({ current, initial, changeable }: ModePage, control: number): Uint8Array {
  if (control === CHANGEABLE) return changeable;
  return control === INITIAL ? initial : current;
}
