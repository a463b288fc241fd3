import type { GuestPort } from './guest-port.ts';

/** What identifies a PCI function: configuration registers 00 to 0B and 2C. */
export interface PciId {
  readonly vendor: number;
  readonly device: number;
  /** Class, subclass and programming interface, 24 bits. */
  readonly class: number;
  readonly revision: number;
  readonly subsystemVendor: number;
  readonly subsystem: number;
}

/** A driver for a PCI function. `Handle` is what `attach` returns, for a test or a model's `run` to use the device by. */
export interface Driver<Handle> {
  readonly name: string;
  matches(id: PciId): boolean;
  /** Takes the function at `bdf` (bus << 8 | device << 3 | function) into use. */
  attach(port: GuestPort, bdf: number): Handle;
}

/** A base address register as an enumeration found it. */
export interface FoundBar {
  readonly index: number;
  readonly kind: 'io' | 'mem32' | 'mem64';
  /** Bytes. */
  readonly size: number;
  readonly address: number;
}

/** A PCI function as an enumeration found it. */
export interface FoundFunction {
  readonly bdf: number;
  readonly id: PciId;
  readonly bars: readonly FoundBar[];
  /** Vectors in the MSI-X table, 0 without the capability. */
  readonly msixVectors: number;
  /** 1 is INTA; 0 is none. */
  readonly pin: number;
  /** Interrupt Line register. */
  readonly line: number;
}
