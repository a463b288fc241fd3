import { Segments } from '../core/segments.ts';
import type { Medium } from '../media/medium.ts';
import {
  encodeBlock,
  encodeFieldPointer,
  encodeFixed,
  fixedToDescriptor,
  SENSE,
  type Sense,
} from './sense.ts';

const GOOD = 0x00;
const CHECK_CONDITION = 0x02;
const RESERVATION_CONFLICT = 0x18;
const TASK_SET_FULL = 0x28;
/** The longest CDB of virtio-scsi's default `cdb_size`. */
const CDB_SIZE = 32;
const SENSE_SIZE = 96;

/**
 * One command: the transport fills in `cdb`, `dataOut` and `dataIn`, a target or logical unit executes it, and the
 * transport reads the results. Allocated once per request in flight and reused.
 *
 * @example
 * const command = new Command();
 * command.cdb.set([0x28, 0, 0, 0, 0, 0, 0, 0, 8, 0]);   // READ(10), 8 blocks; bytes after the CDB are ignored
 * command.dataIn.clear();
 * command.dataIn.add(ram, 0x1000, 4096);
 * unit.execute(command);
 * command.status;                                        // 0: 4096 bytes are in ram
 * if (command.status !== GOOD) decodeSense(command.sense.subarray(0, command.senseLength))?.text;
 */
export class Command {
  readonly cdb = new Uint8Array(CDB_SIZE);
  /** Data from the initiator. May be longer than the CDB asks for. */
  readonly dataOut = new Segments();
  /** Room for the answer. May be longer than the CDB asks for. */
  readonly dataIn = new Segments();

  /** SAM-5 status: GOOD, CHECK CONDITION, RESERVATION CONFLICT or TASK SET FULL. */
  status = GOOD;
  readonly sense = new Uint8Array(SENSE_SIZE);
  /** 0 unless `status` is CHECK CONDITION. */
  senseLength = 0;
  /** Of the sense data: a block, or a byte; -1 for none. The fixed format may have no room for it. */
  private information = -1;
  /**
   * Bytes that the CDB asks to move: transfer, allocation or parameter list length. 0 if the command failed before
   * it was read.
   */
  expected = 0;
  /** Bytes that were moved, in the direction of the command. */
  transferred = 0;
  /**
   * Cost of the command beside moving its data, in bytes that a disk could have moved meanwhile: 0 unless a command
   * sets it.
   */
  extraCost = 0;
  /** There is more to do than one step may take: the transport is to execute the command again, later. */
  isUnfinished = false;
  /** Bytes that earlier steps have unmapped. */
  unmapped = 0;
  /** Bytes that the medium moved before a call that failed, which is not to be made again; -1 if none was made yet. */
  failedAt = -1;
  /** The buffer of the command's direction is shorter than `expected`; nothing was moved or executed. */
  overrun = false;

  /** Clears the results. Called by targets and logical units; by a transport only if it answers itself. */
  begin(): void {
    this.status = GOOD;
    this.senseLength = 0;
    this.expected = 0;
    this.transferred = 0;
    this.extraCost = 0;
    this.isUnfinished = false;
    this.unmapped = 0;
    this.overrun = false;
  }

  /** CHECK CONDITION. */
  check(sense: Sense): void {
    this.status = CHECK_CONDITION;
    this.senseLength = encodeFixed(sense, this.sense);
    this.information = -1;
  }

  /** Sense data are to be in descriptor format. */
  describe(): void {
    this.senseLength = fixedToDescriptor(this.sense, this.information);
  }

  /** TASK SET FULL, which has no sense data. */
  taskSetFull(): void {
    this.status = TASK_SET_FULL;
  }

  /** RESERVATION CONFLICT, which has no sense data. */
  conflict(): void {
    this.status = RESERVATION_CONFLICT;
  }

  /** CHECK CONDITION at a block. */
  checkBlock(sense: Sense, lba: number): void {
    this.check(sense);
    encodeBlock(this.sense, lba);
    this.information = lba;
  }

  /** CHECK CONDITION at a block that the medium did not take. A thin disk can have no room for it (SBC-3, resource exhaustion). */
  checkWritten({ failure }: Medium, lba: number): void {
    this.checkBlock(failure === 'full' ? SENSE.SPACE_ALLOCATION_FAILED : SENSE.WRITE_ERROR, lba);
  }

  /** CHECK CONDITION for a field of the CDB; `bit` is its highest. */
  invalidField(byte: number, bit: number): void {
    this.check(SENSE.INVALID_FIELD_IN_CDB);
    encodeFieldPointer(this.sense, 'cdb', byte, bit);
  }

  /** CHECK CONDITION for a field of the parameter list. */
  invalidParameter(byte: number, bit: number): void {
    this.check(SENSE.INVALID_FIELD_IN_LIST);
    encodeFieldPointer(this.sense, 'list', byte, bit);
  }

  /** Whether the initiator gave as many bytes as the CDB says. */
  expectOut(bytes: number): boolean {
    this.expected = bytes;
    this.overrun = this.dataOut.total < bytes;
    return !this.overrun;
  }

  /** Whether the initiator gave room for as many bytes as the CDB says. */
  expectIn(bytes: number): boolean {
    this.expected = bytes;
    this.overrun = this.dataIn.total < bytes;
    return !this.overrun;
  }

  /** Answers with parameter data, cut at the allocation length, which is no error (SPC-4 4.2.5.6). */
  answer(data: Uint8Array, allocation: number): void {
    if (!this.expectIn(allocation)) return;
    this.transferred = this.dataIn.scatter(data, 0, Math.min(data.length, allocation));
  }
}
