import type { Width } from '../core/bits.ts';
import type { Register } from '../core/register.ts';

/** What lies at an offset behind the base address of the MSI-X table. */
export type MsixPlace = 'table' | 'pending bits' | 'nothing';

/** What a PCI function tells whoever watches its driver; null is nobody. */
export interface PciEvents {
  /** Power came on, or the platform was reset. */
  reset(): void;
  /** All 32 bits of a base address were written; `decoded`: Command has it answer meanwhile. */
  baseWritten(index: number, io: boolean, value: number, decoded: boolean): void;
  /** Capabilities Pointer was read, of a list without an end. */
  listBegun(): void;
  /** The first capability of such a list was read. */
  listEntered(): void;
  /** Command was written, and holds `value` now. */
  commandWritten(value: number): void;
  /** Interrupt Line was written; the pin leads to `irq`, or nowhere. */
  lineWritten(line: number, irq: number | null): void;
  /** A base address answers from now on, at `address`; `over` is who else does there, or null. */
  placed(index: number, address: number, over: string | null): void;
  /** An access to what base address `index` holds found nobody, for Command has it not answer. */
  missed(index: number, address: number): void;
  /** Something was written at `offset` of the MSI-X table's base address. */
  msixWritten(offset: number, value: number, width: Width, place: MsixPlace): void;
  /** `field` of an entry is written; `live`: a message could be sent from the entry meanwhile. */
  entryWritten(entry: number, field: Register, enabled: boolean, live: boolean): void;
  /** A vector is to be sent; without `open` it is lost: bus mastering is off. The rest is what its entry holds. */
  messageDue(vector: number, open: boolean, address: number, upper: number, data: number): void;
}

/** What configuration mechanism #1 tells whoever watches it. */
export interface ConfigEvents {
  /** CONFADD was written with ENABLE. */
  addressed(confadd: number): void;
  /** Vendor ID of one of functions 1 to 7 is accessed in a slot that has a function 0, which says it is one of `several`. */
  lookedAt(bdf: number, several: boolean): void;
}
