import type { ModernBreach } from '../../docs/generate/judging/modern-breaches.ts';
import type { Width } from '../../src/core/bits.ts';
import { findStructures } from '../../src/guest/index.ts';
import type { ModernStructures } from '../../src/guest/virtio/modern-structures.ts';
import { qemuPc } from '../../src/index.ts';
import { adapterOf, HandDriver, type Place, REQUESTS } from './driver.ts';

const ENTRIES = 128;
/** Of queue_desc, queue_driver and queue_device. */
const AREAS = [0x20, 0x28, 0x30];

/** A driver by the modern structures, of the SCSI adapter of a QEMU `pc`, if no other place is given. */
export class ModernDriver extends HandDriver {
  private readonly at: ModernStructures;

  /** @param place its rings have up to 128 entries. */
  constructor(place: Place = adapterOf(qemuPc({ virtio: 'modern', scsi: { ringSize: ENTRIES } }))) {
    super(place);
    this.at = findStructures(this.machine.port, this.bdf)!;
  }

  read(offset: number, width: Width): number {
    return this.machine.port.read(this.at.common + offset, width);
  }

  write(offset: number, value: number, width: Width): this {
    this.machine.port.write(this.at.common + offset, value, width);
    return this;
  }

  status(value: number): this {
    return this.write(0x14, value, 1);
  }

  kick(queue = this.main, value = queue): this {
    this.machine.port.write(this.at.notify + queue * this.at.notifyMultiplier, value, 2);
    return this;
  }

  /** From the reset to DRIVER. */
  begin(): this {
    this.status(0).read(0x14, 1);
    return this.status(1).status(3);
  }

  /** Reads the offer, and accepts VERSION_1 alone, or the given features. */
  accept(low = 0, high = 1): this {
    for (const [word, features] of [low, high].entries()) {
      this.write(0x00, word, 4).read(0x04, 4);
      this.write(0x08, word, 4).write(0x0c, features, 4);
    }
    return this;
  }

  /** Sets FEATURES_OK, and reads it back. */
  close(): this {
    this.status(0x0b).read(0x14, 1);
    return this;
  }

  /** Gives queue `queue` its size and memory; it is not enabled yet. */
  place(queue: number, size = ENTRIES, by = 0): this {
    this.write(0x16, queue, 2).read(0x18, 2);
    if (size !== ENTRIES) this.write(0x18, size, 2);
    const { at, avail, used } = this.ringFor(queue, this.read(0x18, 2));
    for (const [i, area] of [at + by, avail, used].entries())
      this.write(AREAS[i]!, area, 4).write(AREAS[i]! + 4, 0, 4);
    return this;
  }

  enable(queue: number): this {
    return this.write(0x16, queue, 2).write(0x1c, 1, 2);
  }

  queues(size?: number, by?: number): this {
    for (const queue of this.indices) this.place(queue, size, by).enable(queue);
    return this;
  }

  /** Up to FEATURES_OK, by the book. */
  negotiate(low?: number, high?: number): this {
    return this.begin().accept(low, high).close();
  }

  /** @param high of the next 32; VERSION_1, unless others are given. */
  start(low?: number, high?: number): this {
    return this.negotiate(low, high).queues().status(0x0f);
  }
}

/** Scripts of modern drivers that break a rule and otherwise follow the standard. */
export const MODERN_SCRIPTS: Readonly<Record<ModernBreach, (driver: ModernDriver) => void>> = {
  'does not accept VERSION_1': (driver) => driver.begin().accept(0, 0).close().queues().status(0x0f).ask(),
  'accepts what was not offered': (driver) =>
    driver.begin().accept(0xbfff_ffff, 1).close().queues().status(0x0f).ask(),
  'leaves FEATURES_OK out': (driver) => driver.begin().accept().queues().status(7).ask(),
  'kicks before DRIVER_OK': (driver) => driver.negotiate().queues().ask(),
  'kicks a queue that it did not enable': (driver) =>
    driver.negotiate().place(0).enable(0).place(1).enable(1).place(REQUESTS).status(0x0f).ask(),
  'enables no queue': (driver) => driver.negotiate().place(REQUESTS).status(0x0f).ask(),
  'gives a split ring 100 entries': (driver) => driver.negotiate().queues(100).status(0x0f).ask(),
  'gives a ring more entries than it may have': (driver) =>
    driver.negotiate().queues(2048).status(0x0f).ask(),
  'gives a ring no entries': (driver) => driver.negotiate().queues(0).status(0x0f).ask(),
  'changes the size of a queue that is enabled': (driver) =>
    driver.negotiate().queues().write(0x18, 64, 2).status(0x0f),
  'writes 0 to queue_enable': (driver) => driver.start().write(0x1c, 0, 2),
  'puts a descriptor table at a multiple of 4': (driver) => driver.negotiate().queues(128, -4).status(0x0f),
  'writes features after FEATURES_OK': (driver) => driver.negotiate().accept().queues().status(0x0f).ask(),
  'takes bits of the status back without a reset': (driver) => driver.start().status(3).ask(),
  'leaves bus mastering off': (driver) => driver.command(0x0002).start().ask(),
  'sends a request shorter than its header': (driver) => {
    const [request, response] = driver.request();
    driver.start().ask([{ ...request, length: 10 }, response]);
  },
  'accesses registers in parts, or several at once': (driver) => {
    driver.start();
    driver.read(0x04, 1);
    driver.read(0x04, 2);
    driver.read(0x20, 2);
    driver.read(0x10, 4);
    driver.read(0x14, 2);
  },
  'kicks by the address of one queue with the index of another': (driver) => driver.start().kick(REQUESTS, 1),
};
