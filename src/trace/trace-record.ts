import type { Nanos } from '../core/bits.ts';

/** What happened in a machine, with virtual nanoseconds, as traces of every format begin. */
export type TraceRecord = { readonly at: Nanos } & TraceBody;

/** The form of what follows; what a reader does not know, it is not to guess. */
export const RECORDING_FORMAT = 2;

type TraceBody =
  | MachineRecord
  | RamRecord
  | GuestRecord
  /** An access of the guest, as the log has it; its firmware's are not its own. */
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
  /** On a NIC's wire; `sent` is the guest's. */
  | { readonly kind: 'frame'; readonly nic: string; readonly sent: boolean; readonly data: Uint8Array }
  /** A byte out of a serial port. */
  | { readonly kind: 'serial'; readonly port: string; readonly byte: number }
  /** A line has another level: of an interrupt, or a pin of a UART. */
  | { readonly kind: 'level'; readonly line: string; readonly level: boolean }
  /** The CPU took it. */
  | { readonly kind: 'interrupt'; readonly vector: number }
  /** A device had a chain of descriptors since `since`; `queue` names both. */
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
  /** Somebody at the machine's other end did something: `of` names whose method `does` is, `with` is what it was given. */
  | {
      readonly kind: 'outside';
      readonly of: string;
      readonly does: string;
      readonly with: readonly unknown[];
    }
  /** What a guest made of what it found, which no device sees: `of` names the rules that are told. */
  | { readonly kind: 'told'; readonly of: string; readonly what: unknown }
  /**
   * From here on it is a firmware's doing, which is not judged, or is no more. `anew`: what was met so far counts no more.
   * `within`: of the write before it already.
   */
  | { readonly kind: 'turn'; readonly firmware: boolean; readonly anew?: true; readonly within?: true }
  /** The run is over; `waiting`, if the guest would have gone on for ever. */
  | { readonly kind: 'over'; readonly waiting: boolean };

/** The machine, so that another can be made like it: what a recording begins with. */
export interface MachineRecord {
  readonly kind: 'machine';
  readonly format: number;
  readonly profile: string;
  /** As a file of options has them. What no file can have, a medium or a backend, is left out. */
  readonly options: object;
  /** Virtual nanoseconds that an access takes. */
  readonly accessTime: Nanos;
  /** What QEMU's command line said of it, where it stands in QEMU's place: `guestrig qtest`. */
  readonly qemu?: object;
  /** How much is told of the guest's RAM: all accesses, all stores, or what devices found there. */
  readonly sight: 'accesses' | 'stores' | 'changes';
}

/** Of a driver in RAM; bytes are hexadecimal. */
export type RamRecord = { readonly kind: 'ram'; readonly address: number } & (
  | { readonly does: 'load' | 'store'; readonly width: number; readonly value: number }
  | { readonly does: 'read' | 'given' | 'released'; readonly length: number }
  | { readonly does: 'write'; readonly data: string }
  | { readonly does: 'fill'; readonly length: number; readonly value: number }
  | { readonly does: 'missed'; readonly length: number; readonly write: boolean }
  /** Who stored it is not known, nor when: a device found it there. */
  | { readonly does: 'found'; readonly data: string }
);

/** Of a guest, what is no access. A limit of null is none. */
export type GuestRecord = { readonly kind: 'guest' } & (
  | { readonly does: 'mask' | 'unmask' | 'time' | 'return' }
  | { readonly does: 'handle'; readonly vector: number }
  | { readonly does: 'wait'; readonly limit: Nanos | null }
  | { readonly does: 'look'; readonly done: boolean }
);

/** Takes records in the order in which they happened. */
export interface TraceWriter {
  add(record: TraceRecord): void;
  /** What a file of its kind ends with. */
  end(): void;
}
