import { BitSet } from '../../core/bit-set.ts';
import { swap16, swap32, type Width } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { Register } from '../../core/register.ts';
import {
  CONFIG_MSIX_VECTOR,
  DEVICE_FEATURES,
  DEVICE_STATUS,
  DRIVER_FEATURES,
  ISR_STATUS,
  LEGACY_CONFIG,
  LEGACY_QUEUE_ALIGN,
  NO_VECTOR,
  QUEUE_ADDRESS,
  QUEUE_MSIX_VECTOR,
  QUEUE_NOTIFY,
  QUEUE_SELECT,
  QUEUE_SIZE,
} from '../../virtio/registers.ts';
import { SECOND } from '../driver-error.ts';
import type { DriverTransport, QueueAreas } from './transport.ts';

/** A device whose configuration changes faster than it can be read twice is broken. */
const STABLE_READS_MAX = 16;

/**
 * The driver's side of the legacy header behind BAR0 (virtio 1.4, Legacy Interfaces: A Note on PCI Device Layout).
 *
 * @example
 * const transport = new LegacyTransport(port, 0xc040, false);
 * transport.reset();                            // false: the reset did not complete
 * transport.raise(DEVICE_STATUS.mask.ACKNOWLEDGE);
 * transport.raise(DEVICE_STATUS.mask.DRIVER);
 * transport.accept(acceptable(transport.offered, known));
 * transport.queueSize(0);                       // 0: no such queue
 * transport.setQueue(0, queue.areas);
 * transport.raise(DEVICE_STATUS.mask.DRIVER_OK);
 * transport.notify(0);
 */
export class LegacyTransport implements DriverTransport {
  readonly adminQueue = null;
  private readonly port: GuestPort;
  private readonly base: number;
  private readonly config: number;

  /**
   * @param base the I/O port in BAR0.
   * @param msix whether MSI-X is enabled: it moves the device configuration from 14h to 18h.
   */
  constructor(port: GuestPort, base: number, msix: boolean) {
    this.port = port;
    this.base = base;
    this.config = base + (msix ? LEGACY_CONFIG.withMsix : LEGACY_CONFIG.withoutMsix);
  }

  reset(): boolean {
    this.put(DEVICE_STATUS, 0);
    return this.port.wait(() => this.status === 0, SECOND);
  }

  get status(): number {
    return this.get(DEVICE_STATUS);
  }

  raise(bits: number): void {
    this.put(DEVICE_STATUS, this.status | bits);
  }

  /** No such feature exists. */
  suspend(): boolean {
    return false;
  }

  resume(): boolean {
    return false;
  }

  get offered(): BitSet {
    const offered = new BitSet();
    offered.words[0] = this.get(DEVICE_FEATURES);
    return offered;
  }

  accept(features: BitSet): void {
    this.put(DRIVER_FEATURES, features.words[0]!);
  }

  /** A legacy device cannot refuse. */
  closeFeatures(): boolean {
    return true;
  }

  /** Entries of queue `index`, fixed by the device; 0 if there is no such queue. */
  queueSize(index: number): number {
    this.put(QUEUE_SELECT, index);
    return this.get(QUEUE_SIZE);
  }

  /** Sets the ring's address: `desc`, a multiple of 4096, below 2^44; the rest follows from the size. */
  setQueue(index: number, { desc }: QueueAreas): void {
    this.put(QUEUE_SELECT, index);
    this.put(QUEUE_ADDRESS, desc / LEGACY_QUEUE_ALIGN);
  }

  /** The address alone enables a legacy queue. */
  enableQueue(): void {}

  /** RING_RESET is beyond the 32 features of a legacy device. */
  resetQueue(): boolean {
    return false;
  }

  setQueueVector(index: number, vector: number): boolean {
    this.put(QUEUE_SELECT, index);
    this.put(QUEUE_MSIX_VECTOR, vector);
    return this.get(QUEUE_MSIX_VECTOR) !== NO_VECTOR;
  }

  setConfigVector(vector: number): boolean {
    this.put(CONFIG_MSIX_VECTOR, vector);
    return this.get(CONFIG_MSIX_VECTOR) !== NO_VECTOR;
  }

  notify(index: number): void {
    this.put(QUEUE_NOTIFY, index);
  }

  takeInterruptStatus(): number {
    return this.get(ISR_STATUS);
  }

  readConfig(offset: number, width: Width): number {
    return this.ordered(this.port.in(this.config + offset, width), width);
  }

  writeConfig(offset: number, value: number, width: Width): void {
    this.port.out(this.config + offset, this.ordered(value, width), width);
  }

  /** A field that needs several accesses: a legacy device has no generation, so two reads must agree. */
  readConfigBytes(offset: number, length: number): Uint8Array {
    const pass = () => Uint8Array.from({ length }, (_, i) => this.readConfig(offset + i, 1));
    let last = pass();
    for (let reads = 1; reads < STABLE_READS_MAX; reads++) {
      const again = pass();
      if (again.every((byte, i) => byte === last[i])) break;
      last = again;
    }
    return last;
  }

  /** PCI is little-endian, but a legacy device's configuration is in the guest's byte order. */
  private ordered(value: number, width: Width): number {
    if (this.port.memory.endian !== 'be' || width === 1) return value;
    return width === 2 ? swap16(value) : swap32(value) >>> 0;
  }

  private get(register: Register): number {
    return this.port.in(this.base + register.offset, register.width);
  }

  private put(register: Register, value: number): void {
    this.port.out(this.base + register.offset, value, register.width);
  }
}
