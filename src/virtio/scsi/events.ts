import type { VirtioEvents } from '../events.ts';

/** Why a request is not carried out: the first of these that the device comes to. */
export type RequestFault =
  /** It has no room for the header or for the response. */
  | 'short'
  /** Its LUN field is none that the device knows. */
  | 'lun'
  /** It carries data both ways. */
  | 'both ways'
  /** Another request to the same unit has its id. */
  | 'overlapped';

/** Pieces of guest memory, in order. */
export interface Pieces {
  readonly count: number;
  /** Bytes of all of them, and of each. */
  readonly total: number;
  readonly length: readonly number[];
}

/** A request as the device holds it: the record is used again once the request is answered. */
export interface SeenRequest {
  /** -1 where the LUN field is none. */
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

/** A command: its CDB, with zeros behind it, and what lies behind header and response. */
interface SeenCommand {
  readonly cdb: Uint8Array;
  readonly dataOut: Pieces;
  readonly dataIn: Pieces;
}

/** A request when it is answered. */
export interface AnsweredRequest extends SeenRequest {
  readonly command: SeenCommand & {
    /** SAM-5 status, and sense data of `senseLength` bytes. */
    readonly status: number;
    readonly sense: Uint8Array;
    readonly senseLength: number;
    /** Bytes that the CDB asks to move, 0 if the command failed before it was read; and those that moved. */
    readonly expected: number;
    readonly transferred: number;
  };
}

/** The two fields of the configuration that a driver may write. */
export interface RequestSizes {
  readonly cdb_size: number;
  readonly sense_size: number;
}

/** What a SCSI host adapter tells whoever watches its driver. */
export interface ScsiEvents extends VirtioEvents {
  /** The driver wrote a byte of the configuration. */
  configWritten(offset: number, value: number): void;
  /**
   * The device took a request. `head` is its header as far as the CDB, of an earlier one if it is too short;
   * `outstanding` are those taken before and not yet answered.
   */
  requested(
    request: SeenRequest,
    fault: RequestFault | null,
    head: Uint8Array,
    sizes: RequestSizes,
    outstanding: readonly SeenRequest[],
  ): void;
  /** The device answers a request that has room for it: by `response`, and by the command's status if that is OK. */
  answered(request: AnsweredRequest, response: number): void;
  /** The device took a buffer for an event, of so many bytes to read and to write. */
  eventBuffer(readable: number, writable: number): void;
  /** The device took a control request; `type` and `subtype` are -1 where it is too short for them. */
  controlled(type: number, subtype: number, readable: number, writable: number): void;
}
