import type { Gpa, Nanos, Width } from './bits.ts';
import type { Processor } from './processor.ts';
import type { Endian } from './struct.ts';

/**
 * Guest RAM as a driver sees it: methods only, so that the same driver runs on our machine, on another emulator
 * over a wire, and on a machine that logs every store. Integers are in the guest's own byte order.
 */
export interface DriverMemory {
  /** The guest's byte order; left out, it is little-endian, as on a PC. */
  readonly endian?: Endian;
  load(address: Gpa, width: Width): number;
  store(address: Gpa, value: number, width: Width): void;
  /** Copies guest RAM out. */
  read(address: Gpa, into: Uint8Array): void;
  /** Copies bytes into guest RAM. */
  write(address: Gpa, from: Uint8Array): void;
  fill(address: Gpa, value: number, length: number): void;
  /** Orders the stores before it before those after it. */
  fence(): void;
}

/** All that a driver sees of a machine. */
export interface GuestPort {
  /**
   * Where PCI Express has configuration space, as a guest knows it from the table MCFG: 4 KiB for each function of each bus.
   * Left out, it is reached by ports CF8 and CFC.
   */
  readonly ecam?: Gpa;
  in(port: number, width: Width): number;
  out(port: number, value: number, width: Width): void;
  read(address: Gpa, width: Width): number;
  write(address: Gpa, value: number, width: Width): void;
  readonly memory: DriverMemory;
  /** RAM for the driver, zeroed; no two allocations touch. `align` is a power of two. */
  allocate(bytes: number, align: number): Gpa;
  release(at: Gpa): void;
  /** Sets the handler for interrupt `vector` (32 to 255). Handlers run inside `wait`, never within an access. */
  handle(vector: number, handler: () => void): void;
  /** As CLI and STI: while masked no handler runs. A machine starts masked. */
  mask(): void;
  unmask(): void;
  now(): Nanos;
  /**
   * Halts until `until()`; virtual time passes and interrupts are taken. False if `limit` nanoseconds pass first.
   * Without a limit (Infinity, or one past the end of virtual time), false as soon as nothing is due that could end it:
   * a condition that only time makes true needs a limit.
   */
  wait(until: () => boolean, limit: Nanos): boolean;
  /** The processors, where their hypervisor can be reached: the first one runs the guest. */
  readonly processors?: readonly Processor[];
}
