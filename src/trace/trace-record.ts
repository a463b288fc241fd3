import type { Nanos } from '../core/bits.ts';

/** What happened in a machine, with virtual nanoseconds, as traces of every format begin. */
export type TraceRecord = { readonly at: Nanos } & TraceBody;

type TraceBody =
  /** An access of the guest, as the log has it. */
  | {
      readonly kind: 'access';
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
  | { readonly kind: 'power'; readonly what: string };

/** Takes records in the order in which they happened. */
export interface TraceWriter {
  add(record: TraceRecord): void;
  /** What a file of its kind ends with. */
  end(): void;
}
