import type { ClauseId } from '../../../core/clause.ts';
import type { Register } from '../../../core/register.ts';
import type { VirtioDevice } from '../../device.ts';
import { DEVICE_STATUS, FEATURE } from '../../registers.ts';
import * as reg from './registers.ts';

const FOUR_GIB = 0x1_0000_0000;
/** The six halves of the three addresses, in the order of their offsets. */
const HALVES: readonly Register[] = [
  reg.queue_desc,
  reg.queue_desc_high,
  reg.queue_driver,
  reg.queue_driver_high,
  reg.queue_device,
  reg.queue_device_high,
];
const LOW_HALVES = [0, 2, 4];
/** What split rings ask of their three areas. */
const SPLIT_ALIGN = [16, 2, 4];

/** The registers of one queue, and in which order the driver wrote them. */
export class QueueSetup {
  enabled = false;
  private readonly device: VirtioDevice;
  private readonly index: number;
  private readonly halves = new Uint32Array(HALVES.length);
  private readonly written = new Uint8Array(HALVES.length);
  /** The driver asked for a reset of the queue, and has not read yet that it is done. */
  private resetUnread = false;
  private wasReset = false;

  constructor(device: VirtioDevice, index: number) {
    this.device = device;
    this.index = index;
  }

  readAddress(register: Register): number {
    return this.halves[HALVES.indexOf(register)]!;
  }

  /** While the queue is enabled this changes only what is read. */
  writeAddress(register: Register, value: number): void {
    this.settingUp(register);
    const half = HALVES.indexOf(register);
    this.halves[half] = value;
    this.written[half] = 1;
  }

  /** A size that the device cannot have leaves the old one, as reading back tells. */
  writeSize(value: number): void {
    const queue = this.device.queues[this.index]!;
    this.settingUp(reg.queue_size);
    const { packed } = this.device;
    const clause = packed ? 'virtio/PCI-COMMON-D2' : 'virtio/PCI-COMMON-D3';
    const fits = packed ? value > 0 : value > 0 && (value & (value - 1)) === 0;
    const said = `queue ${this.index} was given the size ${value}`;
    this.check(clause, fits, said);
    this.check('virtio/VQ-IMP-1', value <= queue.maximum, `${said}; it has ${queue.maximum} entries at most`);
    if (fits && value <= queue.maximum && !this.enabled) queue.resize(value);
  }

  /** Only 1 does anything, and that not at a time when the device minds. */
  writeEnable(value: number, goesAlong: boolean): void {
    this.check(
      'virtio/PCI-COMMON-D6',
      value === 1,
      `queue_enable of queue ${this.index} was written ${value}`,
    );
    if (value !== 1 || this.enabled) return;
    this.checkReset('was enabled');
    const missing = LOW_HALVES.filter((half) => this.written[half] === 0 && this.written[half + 1] === 0);
    this.check(
      this.wasReset ? 'virtio/VQREENABLE-D1' : 'virtio/PCI-COMMON-D4',
      missing.length === 0,
      `queue ${this.index} was enabled before ${missing.map((half) => HALVES[half]!.name).join(', ')}`,
    );
    const running = (this.device.status & DEVICE_STATUS.mask.DRIVER_OK) !== 0;
    const inTime = (this.wasReset && running) || this.device.init.queueSetUp(this.index);
    if (!inTime || !goesAlong) return;
    this.enabled = true;
    this.configure();
  }

  /** The reset is done at once; the driver must look all the same. */
  writeReset(value: number): void {
    if (value !== 1 || !this.device.accepted.has(FEATURE.RING_RESET)) return;
    this.device.resetQueue(this.index);
    this.reset();
    this.resetUnread = this.wasReset = true;
  }

  readReset(): number {
    this.resetUnread = false;
    return 0;
  }

  kicked(): void {
    if (this.device.accepted.has(FEATURE.RING_RESET))
      this.check(
        'virtio/VQRESET-D1',
        !this.resetUnread,
        `queue ${this.index} was kicked, its reset not seen`,
      );
  }

  reset(): void {
    this.enabled = this.resetUnread = this.wasReset = false;
    this.halves.fill(0);
    this.written.fill(0);
  }

  private configure(): void {
    const { device, halves } = this;
    const queue = device.queues[this.index]!;
    const [desc, driver, used] = LOW_HALVES.map((half) => halves[half + 1]! * FOUR_GIB + halves[half]!);
    const aligned =
      device.packed || SPLIT_ALIGN.every((align, area) => halves[LOW_HALVES[area]!]! % align === 0);
    if (!device.packed)
      this.check('virtio/VQ-SPLIT-D1', aligned, `the areas of queue ${this.index} are not aligned`);
    if (aligned) queue.configure(desc!, driver!, used!);
    else device.ringStopped();
  }

  private settingUp(register: Register): void {
    this.check(
      'virtio/PCI-COMMON-D4',
      !this.enabled,
      `${register.name} of queue ${this.index} was written while the queue was enabled`,
    );
    this.checkReset('was set up');
  }

  private checkReset(said: string): void {
    if (!this.wasReset) return;
    this.check('virtio/PCI-COMMON-D7', !this.resetUnread, `queue ${this.index} ${said}, its reset not seen`);
    this.resetUnread = false;
  }

  private check(clause: ClauseId, kept: boolean, said: string): void {
    const { journal } = this.device.board;
    journal.met(clause);
    if (!kept) journal.report(clause, this.device.subject, said);
  }
}
