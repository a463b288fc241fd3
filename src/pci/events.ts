import type { Width } from '../core/bits.ts';
import type { Register } from '../core/register.ts';

/** The structures in the BAR of the MSI-X table. */
export type MsixPlace = 'table' | 'pending bits' | 'nothing';

/** A write to the 32 bits of a BAR that hold its kind. */
export interface BaseWrite {
  readonly index: number;
  readonly io: boolean;
  /** Bytes that it decodes. */
  readonly size: number;
  /** The first byte of it that was written, and how many. */
  readonly from: number;
  readonly width: Width;
  /** What was written, and what it holds now. */
  readonly value: number;
  readonly held: number;
  /** Command enables it meanwhile. */
  readonly decoded: boolean;
  /** It held something else. */
  readonly moved: boolean;
}

/** What a PCI function reports to the watcher of its driver; null for no watcher. */
export interface PciEvents {
  /** Power came on, or the platform was reset. */
  reset(): void;
  /** A BAR was written, or some of its bytes. */
  baseWritten(write: BaseWrite): void;
  /** A half of a BAR of 64 bits was read, or, of one that decodes `size` bytes, holds `held` now that it was written. */
  halfRead(index: number, isUpper: boolean): void;
  halfWritten(index: number, isUpper: boolean, held: number, size: number): void;
  /** An access to `address` found no region: the lower half of BAR `index`, which answers at `base` above 4 GiB. */
  cut(index: number, base: number, address: number): void;
  /** Capabilities Pointer was read, of an endless list. */
  listBegun(): void;
  /** The first capability of an endless list was read. */
  listEntered(): void;
  /** Command was written, and holds `value` now. */
  commandWritten(value: number): void;
  /** Interrupt Line was written; the pin is routed to `irq`, or to none. */
  lineWritten(line: number, irq: number | null): void;
  /** The bus numbers of a bridge, which other functions have base address 2 for. */
  busNumbersWritten(value: number, width: Width): void;
  /** A BAR now answers at `address`; `over` is the region that already does there, or null. */
  placed(index: number, address: number, over: string | null): void;
  /** An access to the range of BAR `index` found no region: Command disables it or, if `decoded`, a bridge does not pass it on. */
  missed(index: number, address: number, decoded: boolean): void;
  /** An access behind the end of BAR `index`, in the same 4 KiB, found no region. */
  beyond(index: number, address: number): void;
  /** A write at `offset` of the MSI-X table's BAR. */
  msixWritten(offset: number, value: number, width: Width, place: MsixPlace): void;
  /** `field` of an entry is written; `live`: a message could be sent from the entry meanwhile. */
  entryWritten(entry: number, field: Register, enabled: boolean, live: boolean): void;
  /** A vector is to be sent; without `open` it is lost: bus mastering is off. The rest is what its entry holds. */
  messageDue(vector: number, open: boolean, address: number, upper: number, data: number): void;
}

/** What configuration mechanism #1 reports to its watcher. */
export interface ConfigEvents {
  /** CONFADD was written with ENABLE. */
  addressed(confadd: number): void;
  /** Fewer than four bytes were written at CONFADD, which do not reach it: `bits` in their places. */
  partWritten(bits: number): void;
  /** CONFDATA is accessed at `offset`; without `enabled` no function answers. */
  used(enabled: boolean, offset: number): void;
  /** Vendor ID of one of functions 1 to 7 is accessed in a slot with a function 0, which is multi-function if `several`. */
  lookedAt(bdf: number, several: boolean): void;
}
