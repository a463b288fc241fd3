import type { EventTable } from '../../core/compose.ts';
import { VIRTIO_EVENTS, type VirtioEvents } from '../events.ts';

/** Why a request is not executed: the first of these that applies. */
export type RequestFault =
  /** No room for the header or the response. */
  | 'short'
  /** The LUN field is invalid. */
  | 'lun'
  /** It carries data both ways, without INOUT. */
  | 'both ways'
  /** Another request to the same unit has its id. */
  | 'overlapped';

/** Segments of guest memory, in order. */
export interface Pieces {
  readonly count: number;
  /** Total length, and length of each. */
  readonly total: number;
  readonly length: readonly number[];
}

/** Segments of what the guest sends. */
interface SentPieces extends Pieces {
  /** Copies out of them, `skip` bytes in; returns how many bytes there were. */
  gather(into: Uint8Array, skip?: number, count?: number): number;
}

/** A request as the device holds it: the record is reused once the request is answered. */
export interface SeenRequest {
  /** -1 if the LUN field is invalid. */
  readonly target: number;
  readonly lun: number;
  /** The 64-bit id, in two halves. */
  readonly tagLow: number;
  readonly tagHigh: number;
  /** The whole chain. */
  readonly readable: Pieces;
  readonly writable: Pieces;
  readonly command: SeenCommand;
}

/** A command: its CDB, padded with zeros, and the data after header and response. */
interface SeenCommand {
  readonly cdb: Uint8Array;
  readonly dataOut: Pieces;
  readonly dataIn: Pieces;
}

/** An answered request. */
export interface AnsweredRequest extends SeenRequest {
  readonly command: SeenCommand & {
    readonly dataOut: SentPieces;
    /** SAM-5 status, and sense data of `senseLength` bytes. */
    readonly status: number;
    readonly sense: Uint8Array;
    readonly senseLength: number;
    /** Bytes that the CDB asks to move, 0 if the command failed before it was read; and those that were moved. */
    readonly expected: number;
    readonly transferred: number;
  };
}

/** READs and WRITEs that the device took together. */
export interface SeenMoves {
  /** The answered request `i` of them, until the next is asked for. */
  answered(i: number): AnsweredRequest;
}

/** What the driver chose: two configuration fields, the bytes of a header before the CDB (T10_PI), and data both ways (INOUT). */
export interface RequestSizes {
  readonly goesBothWays: boolean;
  readonly head_size: number;
  readonly cdb_size: number;
  readonly sense_size: number;
}

/** What a SCSI host adapter reports to the watcher of its driver. */
export interface ScsiEvents extends VirtioEvents {
  /** The driver wrote a byte of the configuration. */
  configWritten(offset: number, value: number): void;
  /**
   * The device took a request. `head` is its header up to the CDB, that of an earlier one if it is too short;
   * `outstanding` are those taken before and not yet answered.
   */
  requested(
    request: SeenRequest,
    fault: RequestFault | null,
    head: Uint8Array,
    sizes: RequestSizes,
    outstanding: readonly SeenRequest[],
  ): void;
  /**
   * The device took a READ or WRITE as drivers mostly send them: without tagging, in the legacy layout, its data one way, as
   * long as the CDB says and in no more pieces than `seg_max`, with an id of its own, and within `cmd_per_lun`.
   */
  moveTaken(target: number, lun: number, opcode: number, pieces: number, outstanding: number): void;
  /** The device answers it with GOOD: it is number `i` of `moves`. One that fails is `answered`. */
  moveDone(target: number, lun: number, blocks: number, moves: SeenMoves, i: number): void;
  /** The device answers a request that has room for it: with `response`, and with the command's status if that is OK. */
  answered(request: AnsweredRequest, response: number): void;
  /** The device took a buffer for an event, with so many readable and writable bytes. */
  eventBuffer(readable: number, writable: number): void;
  /** The device put an event into a buffer; `missed` if earlier ones had no buffer. */
  eventTold(event: number, target: number, lun: number, reason: number, missed: boolean): void;
  /** The device took a control request; `type` and `subtype` are -1 if it is too short for them; `lun` is its field, if it manages tasks. */
  controlled(
    type: number,
    subtype: number,
    readable: number,
    writable: number,
    lun: Uint8Array,
    isValid: boolean,
  ): void;
}

export const SCSI_EVENTS = {
  ...VIRTIO_EVENTS,
  configWritten: 2,
  requested: 5,
  moveTaken: 5,
  moveDone: 5,
  answered: 2,
  eventBuffer: 2,
  eventTold: 5,
  controlled: 6,
} as const satisfies EventTable<ScsiEvents>;
