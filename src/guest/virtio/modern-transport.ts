import { BitSet } from '../../core/bit-set.ts';
import type { Gpa, Width } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { Register } from '../../core/register.ts';
import { FEATURE, NO_VECTOR } from '../../virtio/registers.ts';
import * as reg from '../../virtio/transport/modern/registers.ts';
import { SECOND } from '../driver-error.ts';
import type { ModernStructures } from './modern-structures.ts';
import type { DriverTransport, QueueAreas } from './transport.ts';

const { DRIVER_OK, FEATURES_OK, SUSPEND } = reg.device_status.mask;
const FOUR_GIB = 0x1_0000_0000;
/** Bit position of next_off and next_wrap in a notification. */
const POSITION = 0x1_0000;
/** 128 bits of features, more than are defined. */
const WORDS = [0, 1, 2, 3];
/** A device whose configuration changes faster than it can be read is broken. */
const STABLE_READS_MAX = 16;

/**
 * The driver's side of the structures of a modern function (virtio 1.4, PCI Device Layout).
 *
 * @example
 * const transport = new ModernTransport(port, findStructures(port, bdf)!);
 * transport.reset();
 * transport.raise(ACKNOWLEDGE);
 * transport.raise(DRIVER);
 * transport.accept(acceptable(transport.offered, known));
 * transport.closeFeatures();                    // false: the device refuses
 * transport.queueSize(0);
 * transport.setQueue(0, queue.areas);
 * transport.enableQueue(0);
 * transport.raise(DRIVER_OK);
 * transport.notify(0);
 */
export class ModernTransport implements DriverTransport {
  private readonly port: GuestPort;
  private readonly structures: ModernStructures;
  private readonly kicks: { at: Gpa; value: number }[] = [];
  private ownKickValue = false;
  private kickTellsPosition = false;

  constructor(port: GuestPort, structures: ModernStructures) {
    this.port = port;
    this.structures = structures;
  }

  reset(): boolean {
    this.put(reg.device_status, 0);
    return this.port.wait(() => this.status === 0, SECOND);
  }

  get status(): number {
    return this.get(reg.device_status);
  }

  raise(bits: number): void {
    this.put(reg.device_status, this.status | bits);
  }

  suspend(): boolean {
    this.raise(SUSPEND);
    return this.port.wait(() => (this.status & (SUSPEND | DRIVER_OK)) === SUSPEND, SECOND);
  }

  resume(): boolean {
    const { status } = this;
    if ((status & (SUSPEND | DRIVER_OK)) !== SUSPEND) return false;
    this.put(reg.device_status, (status & ~SUSPEND) | DRIVER_OK);
    return this.port.wait(() => (this.status & (SUSPEND | DRIVER_OK)) === DRIVER_OK, SECOND);
  }

  get offered(): BitSet {
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
    this.ownKickValue = features.has(FEATURE.NOTIF_CONFIG_DATA);
    this.kickTellsPosition = features.has(FEATURE.NOTIFICATION_DATA);
  }

  closeFeatures(): boolean {
    this.raise(FEATURES_OK);
    return (this.status & FEATURES_OK) !== 0;
  }

  queueSize(index: number): number {
    this.put(reg.queue_select, index);
    return this.get(reg.queue_size);
  }

  get adminQueue(): number | null {
    return this.get(reg.admin_queue_num) === 0 ? null : this.get(reg.admin_queue_index);
  }

  setQueue(index: number, { desc, driver, device }: QueueAreas): void {
    this.put(reg.queue_select, index);
    this.putAddress(reg.queue_desc, reg.queue_desc_high, desc);
    this.putAddress(reg.queue_driver, reg.queue_driver_high, driver);
    this.putAddress(reg.queue_device, reg.queue_device_high, device);
    const { notify, notifyMultiplier } = this.structures;
    const at = notify + this.get(reg.queue_notify_off) * notifyMultiplier;
    const value = this.ownKickValue ? this.get(reg.queue_notif_config_data) : index;
    this.kicks[index] = { at, value };
  }

  enableQueue(index: number): void {
    this.put(reg.queue_select, index);
    this.put(reg.queue_enable, 1);
  }

  resetQueue(index: number): boolean {
    this.put(reg.queue_select, index);
    this.put(reg.queue_reset, 1);
    return this.port.wait(() => this.get(reg.queue_reset) === 0, SECOND);
  }

  setQueueVector(index: number, vector: number): boolean {
    this.put(reg.queue_select, index);
    this.put(reg.queue_msix_vector, vector);
    return this.get(reg.queue_msix_vector) !== NO_VECTOR;
  }

  setConfigVector(vector: number): boolean {
    this.put(reg.config_msix_vector, vector);
    return this.get(reg.config_msix_vector) !== NO_VECTOR;
  }

  notify(index: number, position: number): void {
    const { at, value } = this.kicks[index]!;
    if (this.kickTellsPosition) this.port.write(at, position * POSITION + value, 4);
    else this.port.write(at, value, 2);
  }

  takeInterruptStatus(): number {
    return this.port.read(this.structures.isr, 1);
  }

  readConfig(offset: number, width: Width): number {
    return this.port.read(this.structures.device! + offset, width);
  }

  writeConfig(offset: number, value: number, width: Width): void {
    this.port.write(this.structures.device! + offset, value, width);
  }

  readConfigBytes(offset: number, length: number): Uint8Array {
    for (let reads = 1; ; reads++) {
      const generation = this.get(reg.config_generation);
      const bytes = Uint8Array.from({ length }, (_, i) => this.readConfig(offset + i, 1));
      if (this.get(reg.config_generation) === generation || reads === STABLE_READS_MAX) return bytes;
    }
  }

  private putAddress(low: Register, high: Register, address: Gpa): void {
    this.put(low, address % FOUR_GIB);
    this.put(high, Math.floor(address / FOUR_GIB));
  }

  private get(register: Register): number {
    return this.port.read(this.structures.common + register.offset, register.width);
  }

  private put(register: Register, value: number): void {
    this.port.write(this.structures.common + register.offset, value, register.width);
  }
}
