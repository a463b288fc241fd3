import { type Gpa, swap32 } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { DOORBELLS_SIZE } from '../../../gvnic/registers/bar0.ts';
import { loadBig } from '../../byte-order.ts';

/** What a frame asks of the device. */
export interface GvnicOffload {
  /** Complete TCP's or UDP's checksum: its header is there, and holds its field there. */
  readonly csumStart: number;
  readonly csumOffset: number;
  /** Cut it into segments of so many bytes, behind headers of so many. */
  readonly cut?: { readonly mss: number; readonly headerLength: number };
}

/** A transmit queue of either kind. */
export interface DriverTransmit {
  /** Whether a frame of so many bytes may be posted now. */
  hasRoom(length: number): boolean;
  post(frame: Uint8Array, offload: GvnicOffload | null): void;
  /** Takes back what the device is done with. */
  serve(): void;
  /** Frames that the device has. */
  readonly lent: number;
}

/** A received frame, and what the device found out. */
export interface GvnicFrame {
  readonly bytes: Uint8Array;
  /** Its checksum is known to be right. */
  readonly checked: boolean;
  /** 0 without one. */
  readonly hash: number;
  /** Of a frame joined of several: bytes of each; else 0. */
  readonly segmentSize: number;
  /** When it came, by the low 32 bits of the card's clock; null if the card does not say. */
  readonly timestamp: number | null;
}

/** A receive queue of either kind. */
export interface DriverReceive {
  /** Gives the device its first buffers. */
  fill(): void;
  serve(deliver: (frame: GvnicFrame) => void): void;
}

/** What the device tells of a queue that it made. */
export interface Placed {
  readonly doorbell: number;
  readonly counter: number;
}

/** How many doorbells a card has room for. */
export const DOORBELLS = DOORBELLS_SIZE / 4;

/** The card's doorbells, the counters that it writes, and how it reads numbers. */
export class Board {
  readonly port: GuestPort;
  /** How many counters there are. */
  readonly counters: number;
  private readonly array: Gpa;
  private readonly doorbells: Gpa;
  private readonly isLittle: boolean;

  constructor(
    port: GuestPort,
    doorbells: Gpa,
    { array, counters }: { readonly array: Gpa; readonly counters: number },
    isLittle: boolean,
  ) {
    this.port = port;
    this.doorbells = doorbells;
    this.array = array;
    this.counters = counters;
    this.isLittle = isLittle;
  }

  /** Rings a doorbell, after all that was stored before. */
  ring(index: number, value: number): void {
    this.port.memory.fence();
    this.port.write(this.doorbells + 4 * index, this.isLittle ? value >>> 0 : swap32(value) >>> 0, 4);
  }

  count(index: number): number {
    return loadBig(this.port, this.array + 4 * index, 4);
  }
}

/** The parts of a frame as one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
