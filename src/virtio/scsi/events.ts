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
  /** What lies behind header and response. */
  readonly command: { readonly dataOut: Pieces; readonly dataIn: Pieces };
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
  /** The device took a buffer for an event, of so many bytes to read and to write. */
  eventBuffer(readable: number, writable: number): void;
  /** The device took a control request; `type` and `subtype` are -1 where it is too short for them. */
  controlled(type: number, subtype: number, readable: number, writable: number): void;
}
