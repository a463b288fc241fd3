import type { Register } from '../../../core/register.ts';
import type { VirtioDevice } from '../../device.ts';
import { DEVICE_STATUS, FEATURE } from '../../registers.ts';
import * as reg from './registers.ts';

const { DRIVER_OK, FEATURES_OK } = DEVICE_STATUS.mask;
const FOUR_GIB = 0x1_0000_0000;
/** The six halves of the three addresses, in order of their offsets. */
const HALVES: readonly Register[] = [
  reg.queue_desc,
  reg.queue_desc_high,
  reg.queue_driver,
  reg.queue_driver_high,
  reg.queue_device,
  reg.queue_device_high,
];
const LOW_HALVES = [0, 2, 4];
/** Alignment of a split ring's three areas. */
const SPLIT_ALIGN = [16, 2, 4];

/** The registers of one queue. */
export class QueueSetup {
  enabled = false;
  private readonly device: VirtioDevice;
  private readonly index: number;
  private readonly halves = new Uint32Array(HALVES.length);
  /** The queue was reset alone. */
  private wasReset = false;

  constructor(device: VirtioDevice, index: number) {
    this.device = device;
    this.index = index;
  }

  readAddress(register: Register): number {
    return this.halves[HALVES.indexOf(register)]!;
  }

  /** While the queue is enabled this changes only the value read back. */
  writeAddress(register: Register, value: number): void {
    this.halves[HALVES.indexOf(register)] = value;
  }

  /** An invalid size is ignored, and the old one is read back. */
  writeSize(value: number): void {
    const queue = this.device.queues[this.index]!;
    const fits = value > 0 && (this.device.packed || (value & (value - 1)) === 0);
    if (fits && value <= queue.maximum && !this.enabled) queue.resize(value);
  }

  /** Only writing 1 has an effect, if the device allows it at that time. */
  writeEnable(value: number): void {
    const { device, index } = this;
    if (value !== 1 || this.enabled) return;
    const running = (device.status & DRIVER_OK) !== 0;
    if (!(this.wasReset && running) && !device.takesQueue()) return;
    if ((device.status & FEATURES_OK) === 0 && !device.goesAlong('no FEATURES_OK')) return;
    this.enabled = true;
    device.events?.enabled(index);
    this.configure();
  }

  /** The reset completes at once. @returns whether there was one. */
  writeReset(value: number): boolean {
    if (value !== 1 || !this.device.accepted.has(FEATURE.RING_RESET)) return false;
    this.device.resetQueue(this.index);
    this.reset();
    this.wasReset = true;
    return true;
  }

  reset(): void {
    this.enabled = this.wasReset = false;
    this.halves.fill(0);
  }

  private configure(): void {
    const { device, halves } = this;
    const queue = device.queues[this.index]!;
    const [desc, driver, used] = LOW_HALVES.map((half) => halves[half + 1]! * FOUR_GIB + halves[half]!);
    const aligned =
      device.packed || SPLIT_ALIGN.every((align, area) => halves[LOW_HALVES[area]!]! % align === 0);
    if (aligned) queue.configure(desc!, driver!, used!);
    else device.ringStopped();
  }
}
