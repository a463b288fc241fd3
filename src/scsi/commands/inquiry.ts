import { get16 } from '../../core/big-endian.ts';
import type { Command } from '../command.ts';
import { INQUIRY, INQUIRY_FLAGS } from '../registers.ts';
import type { Unit } from '../unit.ts';
import { INQUIRY_FORMAT, STANDARD_INQUIRY } from './registers.ts';

const { flags: FLAGS_AT, page: PAGE_AT, allocation: ALLOCATION_AT } = INQUIRY.offset;
const { EVPD } = INQUIRY_FLAGS.mask;
/** Peripheral qualifier 3, device type 1F: no unit here, and none is possible. */
const ABSENT = 0x7f;
/** Minimum length of an INQUIRY answer. */
const ABSENT_INQUIRY = absentInquiry(STANDARD_INQUIRY.offset.vendor_specific);
const ABSENT_PAGES = new Map([[0x00, Uint8Array.of(ABSENT, 0x00, 0, 1, 0x00)]]);

export function inquiry(command: Command, unit: Pick<Unit, 'inquiry' | 'pages'>): void {
  answer(command, unit.inquiry, unit.pages);
}

/** The answer for a LUN that the target does not have. */
export function inquiryOfAbsent(command: Command): void {
  answer(command, ABSENT_INQUIRY, ABSENT_PAGES);
}

function answer(command: Command, standard: Uint8Array, pages: ReadonlyMap<number, Uint8Array>): void {
  const { cdb } = command;
  const page = cdb[PAGE_AT]!;
  const data = cdb[FLAGS_AT]! & EVPD ? pages.get(page) : page === 0 ? standard : undefined;
  if (data === undefined) command.invalidField(PAGE_AT, 7);
  else command.answer(data, get16(cdb, ALLOCATION_AT));
}

function absentInquiry(size: number): Uint8Array {
  const format = INQUIRY_FORMAT.encode({ FORMAT: 2 });
  const additional = size - STANDARD_INQUIRY.offset.flags5;
  return STANDARD_INQUIRY.encode({ peripheral: ABSENT, format, additional }).slice(0, size);
}
