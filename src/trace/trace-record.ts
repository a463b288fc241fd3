import type { Nanos } from '../core/bits.ts';
import type { Instruction } from '../core/processor.ts';

/** An event in a machine, with virtual nanoseconds, independent of the trace format. */
export type TraceRecord = { readonly at: Nanos } & TraceBody;

/** The format version; a reader must not guess at an unknown one. */
export const RECORDING_FORMAT = 2;

type TraceBody =
  | MachineRecord
  | RamRecord
  | GuestRecord
  /** An access of the guest, as in the log; its firmware's are marked. */
  | {
      readonly kind: 'access';
      readonly firmware?: true;
      readonly space: 'port' | 'memory';
      readonly write: boolean;
      readonly address: number;
      readonly width: number;
      readonly value: number;
      /** Register and fields by name. */
      readonly text: string;
    }
  /** A frame on a NIC's wire; `sent` is the guest's. */
  | { readonly kind: 'frame'; readonly nic: string; readonly sent: boolean; readonly data: Uint8Array }
  /** A byte sent by a serial port. */
  | { readonly kind: 'serial'; readonly port: string; readonly byte: number }
  /** A line changed its level: an interrupt line, or a pin of a UART. */
  | { readonly kind: 'level'; readonly line: string; readonly level: boolean }
  /** The CPU took the interrupt. */
  | { readonly kind: 'interrupt'; readonly vector: number }
  /** A device held a chain of descriptors since `since`; `queue` names both. */
  | {
      readonly kind: 'chain';
      readonly queue: string;
      readonly id: number;
      readonly since: Nanos;
      readonly written: number;
    }
  /** A disk answered; the status is SAM-5's, and the response virtio's. */
  | {
      readonly kind: 'command';
      readonly disk: string;
      readonly name: string;
      readonly cdb: string;
      readonly since: Nanos;
      readonly response: number;
      readonly status: number;
    }
  | {
      readonly kind: 'finding';
      readonly severity: string;
      readonly clause: string;
      readonly subject: string;
      readonly said: string;
    }
  /** The machine was reset, went to sleep, woke. */
  | { readonly kind: 'power'; readonly what: string }
  /** An action at the machine's other end: method `does` of `of`, with the arguments `with`. */
  | {
      readonly kind: 'outside';
      readonly of: string;
      readonly does: string;
      readonly with: readonly unknown[];
    }
  /** A guest's result that no device sees: `of` names the rules for it. */
  | { readonly kind: 'told'; readonly of: string; readonly what: unknown }
  /**
   * From here on a firmware acts, which is not judged, or no longer does. `anew`: counts so far are dropped.
   * `within`: already from the previous write on.
   */
  | { readonly kind: 'turn'; readonly firmware: boolean; readonly anew?: true; readonly within?: true }
  /** A guest that is not judged begins to act, or no longer does. */
  | { readonly kind: 'unjudged'; readonly begins: boolean }
  /** The run is over; `waiting` if the guest would have waited for ever. */
  | { readonly kind: 'over'; readonly waiting: boolean };

/** A description of the machine, to make an equal one: the first record of a recording. */
export interface MachineRecord {
  readonly kind: 'machine';
  readonly format: number;
  readonly profile: string;
  /** In the form of an options file. What a file cannot hold, such as a medium or a backend, is omitted. */
  readonly options: object;
  /** Virtual nanoseconds that an access takes. */
  readonly accessTime: Nanos;
  /** Its description on QEMU's command line, if it replaces QEMU: `guestrig qtest`. */
  readonly qemu?: object;
  /** How much is recorded of the guest's RAM: all accesses, all stores, or changes found by devices. */
  readonly sight: 'accesses' | 'stores' | 'changes';
}

/** A driver's access to RAM; bytes are hexadecimal. */
export type RamRecord = { readonly kind: 'ram'; readonly address: number } & (
  | { readonly does: 'load' | 'store'; readonly width: number; readonly value: number }
  | { readonly does: 'read' | 'given' | 'released'; readonly length: number }
  | { readonly does: 'write'; readonly data: string }
  | { readonly does: 'fill'; readonly length: number; readonly value: number }
  | { readonly does: 'missed'; readonly length: number; readonly write: boolean }
  /** Found by a device: it is unknown what stored it, and when. */
  | { readonly does: 'found'; readonly data: string }
);

/** A guest's action other than an access. A limit of null is none. */
export type GuestRecord = { readonly kind: 'guest' } & (
  | { readonly does: 'mask' | 'unmask' | 'time' | 'return' }
  | { readonly does: 'handle'; readonly vector: number }
  | { readonly does: 'wait'; readonly limit: Nanos | null }
  | { readonly does: 'look'; readonly done: boolean }
  | {
      readonly does: 'execute';
      readonly vcpu: number;
      readonly instruction: Instruction;
      readonly with: readonly number[];
    }
);

/** Receives records in the order of events. */
export interface TraceWriter {
  add(record: TraceRecord): void;
  /** Writes the end of a file of its kind. */
  end(): void;
}
