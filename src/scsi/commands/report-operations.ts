import { get16, get32 } from '../../core/big-endian.ts';
import type { Command } from '../command.ts';
import { REPORT_OPERATIONS, REPORT_OPTIONS } from '../registers.ts';
import type { Unit } from '../unit.ts';
import type { Operation } from './operation.ts';
import {
  ONE_OPERATION,
  ONE_OPERATION_FLAGS,
  OPERATION_DESCRIPTOR,
  OPERATION_FLAGS,
  TIMEOUTS,
} from './registers.ts';

const {
  options: OPTIONS_AT,
  requested_operation: OPERATION_AT,
  requested_action: ACTION_AT,
  allocation: ALLOCATION_AT,
} = REPORT_OPERATIONS.offset;
const { RCTD, OPTIONS } = REPORT_OPTIONS.mask;
const { CTDP, SERVACTV } = OPERATION_FLAGS.mask;
const ONE_CTDP = ONE_OPERATION_FLAGS.mask.CTDP;

// REPORTING OPTIONS, SPC-4 6.35.
const ALL = 0;
const BY_OPERATION = 1;
const BY_ACTION = 2;
const BY_EITHER = 3;

const NOT_SUPPORTED = 1;
const AS_THE_STANDARD_SAYS = 3;
const LENGTH_FIELD = 4;

/** Answers from the table itself, so that it reports exactly what is implemented. */
export function reportOperations(command: Command, unit: Unit): void {
  const { cdb } = command;
  const options = cdb[OPTIONS_AT]! & OPTIONS;
  const timeouts = (cdb[OPTIONS_AT]! & RCTD) !== 0;
  const rows = unit.operations.filter(({ usage }) => usage[0] === cdb[OPERATION_AT]);
  if (!fitting(options, rows)) {
    command.invalidField(OPTIONS_AT, 2);
    return;
  }
  const action = options === BY_OPERATION ? 0 : get16(cdb, ACTION_AT);
  const row = rows.find((one) => (one.action ?? 0) === action);
  const data = options === ALL ? describeAll(unit.operations, timeouts) : describeOne(row, timeouts);
  command.answer(data, get32(cdb, ALLOCATION_AT));
}

/**
 * Whether this question is allowed for the opcode. For an unknown one any is: the answer is that it is not supported.
 */
function fitting(options: number, rows: readonly Operation<Unit>[]): boolean {
  const hasActions = rows.some(({ action }) => action !== null);
  if (options === BY_OPERATION) return !hasActions;
  if (options === BY_ACTION) return hasActions || rows.length === 0;
  return options === ALL || options === BY_EITHER;
}

function describeAll(operations: readonly Operation<Unit>[], timeouts: boolean): Uint8Array {
  const each = OPERATION_DESCRIPTOR.size + (timeouts ? TIMEOUTS.size : 0);
  const data = new Uint8Array(LENGTH_FIELD + operations.length * each);
  new DataView(data.buffer).setUint32(0, data.length - LENGTH_FIELD);
  operations.forEach(({ usage, action }, i) => {
    const at = LENGTH_FIELD + i * each;
    const flags = (timeouts ? CTDP : 0) | (action === null ? 0 : SERVACTV);
    const row = { operation: usage[0]!, action: action ?? 0, flags, cdb_length: usage.length };
    OPERATION_DESCRIPTOR.encode(row, data, at);
    if (timeouts) unsaid(data, at + OPERATION_DESCRIPTOR.size);
  });
  return data;
}

function describeOne(operation: Operation<Unit> | undefined, timeouts: boolean): Uint8Array {
  if (operation === undefined) return ONE_OPERATION.encode({ support: NOT_SUPPORTED });
  const { usage } = operation;
  const end = ONE_OPERATION.size + usage.length;
  const data = new Uint8Array(end + (timeouts ? TIMEOUTS.size : 0));
  const support = AS_THE_STANDARD_SAYS | (timeouts ? ONE_CTDP : 0);
  ONE_OPERATION.encode({ support, cdb_length: usage.length }, data);
  data.set(usage, ONE_OPERATION.size);
  if (timeouts) unsaid(data, end);
  return data;
}

/** A timeouts descriptor without a timeout. */
function unsaid(data: Uint8Array, at: number): void {
  TIMEOUTS.encode({ length: TIMEOUTS.size - 2 }, data, at);
}
