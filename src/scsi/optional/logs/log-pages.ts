import { get16 } from '../../../core/big-endian.ts';
import type { Command } from '../../command.ts';
import { SENSE } from '../../sense.ts';
import type { Unit } from '../../unit.ts';
import { DIAGNOSTIC, DIAGNOSTIC_FLAGS } from '../registers.ts';
import {
  LOG_HEADER,
  LOG_PAGE,
  LOG_PARAMETER,
  LOG_SELECT,
  LOG_SELECT_FLAGS,
  LOG_SENSE,
  SELF_TEST_RESULT,
} from './registers.ts';

// Log pages that a disk without a mechanism can have: what self-tests found, and that there is nothing to warn of. It has no
// temperature, no background scan, and no thresholds of its provisioning.

const { PAGE } = LOG_PAGE.mask;
const { PCR } = LOG_SELECT_FLAGS.mask;
const { SELF_TEST_CODE, SELFTEST } = DIAGNOSTIC_FLAGS.mask;
const [LIST, SELF_TESTS, EXCEPTIONS] = [0x00, 0x10, 0x2f];
const CODES = [LIST, SELF_TESTS, EXCEPTIONS];
const ALL_SUBPAGES = 0xff;
/** SPF of a page's first byte: it has a subpage. */
const SPF = 0x40;
/** FORMAT AND LINKING of a parameter: a list in binary format. */
const BINARY_LIST = 3;
const MOST_TESTS = 20;
/** Codes of self-tests: short and extended, each in the background and the foreground (SPC-4, SEND DIAGNOSTIC). */
const TESTS = [1, 2, 5, 6];
const NO_FAILURE = 0xffff_ffff_ffff_ffffn;
/** There is no exception: its code and qualifier are 0, and there is no temperature. */
const NO_EXCEPTION = Uint8Array.of(0, 0, 0xff, 0);

/** A parameter's code, and its value. */
type Parameter = readonly [code: number, value: Uint8Array];

/** SEND DIAGNOSTIC: every self-test passes at once, and there are no pages. */
export function sendDiagnostic(command: Command, { modes }: Unit): void {
  const flags = command.cdb[DIAGNOSTIC_FLAGS.offset]!;
  const test = (flags & SELF_TEST_CODE) >> DIAGNOSTIC_FLAGS.shift.SELF_TEST_CODE;
  const isTest = TESTS.includes(test) && (flags & SELFTEST) === 0;
  if (get16(command.cdb, DIAGNOSTIC.offset.length) > 0) command.invalidField(DIAGNOSTIC.offset.length, 7);
  else if (test !== 0 && !isTest) command.invalidField(DIAGNOSTIC_FLAGS.offset, 7);
  else if (isTest) modes.selfTests = [test, ...modes.selfTests.slice(0, MOST_TESTS - 1)];
}

export function logSense(command: Command, unit: Unit): void {
  const { cdb } = command;
  const { page: PAGE_AT, subpage: SUBPAGE_AT, pointer, allocation } = LOG_SENSE.offset;
  const page = cdb[PAGE_AT]! & PAGE;
  const subpage = cdb[SUBPAGE_AT]!;
  const first = get16(cdb, pointer);
  if (!CODES.includes(page)) command.invalidField(PAGE_AT, 5);
  else if (subpage !== 0 && (page !== LIST || subpage !== ALL_SUBPAGES)) command.invalidField(SUBPAGE_AT, 7);
  else {
    const parameters = parametersOf(page, unit);
    // A list of pages has no parameters to begin with.
    if (first > (parameters.at(-1)?.[0] ?? 0)) command.invalidField(pointer, 7);
    else {
      const chosen = parameters.filter(([code]) => code >= first).map(encoded);
      const content = page === LIST ? listOf(subpage) : chosen.flat();
      command.answer(pageOf(page, subpage, content), get16(cdb, allocation));
    }
  }
}

/** LOG SELECT: what was logged can be forgotten, but not set. */
export function logSelect(command: Command, unit: Unit): void {
  const { cdb } = command;
  const page = cdb[LOG_SELECT.offset.page]! & PAGE;
  const subpage = cdb[LOG_SELECT.offset.subpage]!;
  const length = get16(cdb, LOG_SELECT.offset.length);
  const resets = (cdb[LOG_SELECT_FLAGS.offset]! & PCR) !== 0;
  if (!CODES.includes(page)) command.invalidField(LOG_SELECT.offset.page, 5);
  else if (subpage !== 0) command.invalidField(LOG_SELECT.offset.subpage, 7);
  else if (length > 0 && (resets || page !== LIST)) command.invalidField(LOG_SELECT.offset.length, 7);
  else if (!command.expectOut(length)) return;
  else if (length > 0) {
    command.transferred = length;
    command.invalidParameter(0, 7);
  } else if (resets && page !== EXCEPTIONS && unit.modes.selfTests.length > 0) {
    unit.modes.selfTests = [];
    unit.tellOthers(SENSE.LOG_CHANGED);
  }
}

/** By ascending code. */
function parametersOf(page: number, { modes: { selfTests } }: Unit): Parameter[] {
  if (page === EXCEPTIONS) return [[0, NO_EXCEPTION]];
  if (page === LIST) return [];
  return Array.from({ length: MOST_TESTS }, (_, i) => [i + 1, resultOf(selfTests[i])]);
}

/** Zeros, where there was none. */
function resultOf(test: number | undefined): Uint8Array {
  if (test === undefined) return new Uint8Array(SELF_TEST_RESULT.size);
  const code_and_result = test << DIAGNOSTIC_FLAGS.shift.SELF_TEST_CODE;
  return SELF_TEST_RESULT.encode({ code_and_result, first_failure: NO_FAILURE });
}

function encoded([code, value]: Parameter): number[] {
  return [...LOG_PARAMETER.encode({ code, control: BINARY_LIST, length: value.length }), ...value];
}

function listOf(subpage: number): readonly number[] {
  return subpage === 0 ? CODES : [LIST, 0, LIST, ALL_SUBPAGES, SELF_TESTS, 0, EXCEPTIONS, 0];
}

function pageOf(page: number, subpage: number, content: readonly number[]): Uint8Array {
  const head = { page: page | (subpage === 0 ? 0 : SPF), subpage, length: content.length };
  return Uint8Array.of(...LOG_HEADER.encode(head), ...content);
}
