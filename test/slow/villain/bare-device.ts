import { BitSet } from '../../../src/core/bit-set.ts';
import type { Gpa, Width } from '../../../src/core/bits.ts';
import type { DriverMemory, GuestPort } from '../../../src/core/guest-port.ts';
import type { Register } from '../../../src/core/register.ts';
import { findStructures, type ModernStructures } from '../../../src/guest/index.ts';
import { enable } from '../../../src/guest/pci/config.ts';
import { COMMAND } from '../../../src/pci/registers.ts';
import { DEVICE_STATUS, FEATURE } from '../../../src/virtio/registers.ts';
import * as reg from '../../../src/virtio/transport/modern/registers.ts';
import { SplitRing } from './split-ring.ts';

const { ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK } = DEVICE_STATUS.mask;
const WORDS = [0, 1, 2, 3];
const FOUR_GIB = 0x1_0000_0000;

/** A split ring has so many entries, unless more are asked for. */
export const SIZE = 8;

/**
 * A modern function, driven register by register: each step of a bring-up is there by itself, to be left out, repeated
 * or done wrong.
 *
 * @example
 * const device = new BareDevice(port, bdf);
 * device.begin();
 * device.negotiate();
 * const ring = device.queue(0);
 * device.raise(DRIVER_OK);
 * ring.send({ address, length, write: true });
 */
export class BareDevice {
  readonly port: GuestPort;
  readonly bdf: number;
  readonly memory: DriverMemory;
  readonly at: ModernStructures;

  constructor(port: GuestPort, bdf: number) {
    this.port = port;
    this.bdf = bdf;
    this.memory = port.memory;
    this.at = findStructures(port, bdf)!;
    enable(port, bdf, COMMAND.mask.MEMORY_SPACE | COMMAND.mask.BUS_MASTER);
  }

  get({ offset, width }: Register): number {
    return this.port.read(this.at.common + offset, width);
  }

  put({ offset, width }: Register, value: number): void {
    this.port.write(this.at.common + offset, value, width);
  }

  get status(): number {
    return this.get(reg.device_status);
  }

  raise(bits: number): void {
    this.put(reg.device_status, this.status | bits);
  }

  /** Steps 1 to 3: reset, ACKNOWLEDGE, DRIVER. */
  begin(): void {
    this.reset();
    this.raise(ACKNOWLEDGE);
    this.raise(DRIVER);
  }

  reset(): void {
    this.put(reg.device_status, 0);
    this.port.wait(() => this.status === 0, 1e9);
  }

  offered(): BitSet {
    const offered = new BitSet();
    for (const word of WORDS) {
      this.put(reg.device_feature_select, word);
      offered.words[word] = this.get(reg.device_feature);
    }
    return offered;
  }

  accept(features: BitSet): void {
    for (const word of WORDS) {
      this.put(reg.driver_feature_select, word);
      this.put(reg.driver_feature, features.words[word]!);
    }
  }

  /** Steps 4 to 6, with VERSION_1 and those. */
  negotiate(...features: readonly number[]): void {
    this.offered();
    this.accept(set(FEATURE.VERSION_1, ...features));
    this.raise(FEATURES_OK);
    void this.status;
  }

  /** The place of a queue: its three areas, at once or some of them. */
  address(low: Register, high: Register, at: Gpa): void {
    this.put(low, at % FOUR_GIB);
    this.put(high, Math.floor(at / FOUR_GIB));
  }

  /** Step 7 for one queue, but for the enabling of it. */
  lay(index: number, size = SIZE): SplitRing {
    const ring = new SplitRing(this, index, size);
    this.put(reg.queue_select, index);
    this.put(reg.queue_size, size);
    this.address(reg.queue_desc, reg.queue_desc_high, ring.desc);
    this.address(reg.queue_driver, reg.queue_driver_high, ring.driver);
    this.address(reg.queue_device, reg.queue_device_high, ring.device);
    return ring;
  }

  /** Step 7 for one queue. */
  queue(index: number, size = SIZE): SplitRing {
    const ring = this.lay(index, size);
    this.put(reg.queue_enable, 1);
    return ring;
  }

  /** All of the steps, with those queues. */
  live<const Indices extends readonly number[]>(
    indices: Indices,
    ...features: readonly number[]
  ): { [Index in keyof Indices]: SplitRing } {
    this.begin();
    this.negotiate(...features);
    const rings = indices.map((index) => this.queue(index));
    this.raise(DRIVER_OK);
    return rings as { [Index in keyof Indices]: SplitRing };
  }

  kick(index: number, value = index, width: Width = 2): void {
    this.port.write(this.at.notify + index * this.at.notifyMultiplier, value, width);
  }

  /** A field of the device configuration. */
  config(offset: number, width: Width): number {
    return this.port.read(this.at.device! + offset, width);
  }

  room(bytes: number): Gpa {
    return this.port.allocate(bytes, 16);
  }

  /** Room with these bytes in it. */
  bytes(...values: readonly number[]): Gpa {
    const at = this.room(values.length);
    this.memory.write(at, Uint8Array.from(values));
    return at;
  }

  wait(time: number): void {
    this.port.wait(() => false, time);
  }
}

export function set(...bits: readonly number[]): BitSet {
  const made = new BitSet();
  for (const bit of bits) made.add(bit);
  return made;
}
