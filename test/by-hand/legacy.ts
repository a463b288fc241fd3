import type { Width } from '../../src/core/bits.ts';
import { qemuPc } from '../../src/index.ts';
import { adapterOf, HandDriver, type Place } from './driver.ts';

/** A driver by the legacy header, of the SCSI adapter of a QEMU `pc`, whose rings have 128 entries. */
export class LegacyDriver extends HandDriver {
  private readonly base: number;

  constructor(place: Place = adapterOf(qemuPc({ scsi: { ringSize: 128 } }))) {
    super(place);
    this.base = this.config(0x10) & ~3;
  }

  in(offset: number, width: Width): number {
    return this.machine.port.in(this.base + offset, width);
  }

  out(offset: number, value: number, width: Width): this {
    this.machine.port.out(this.base + offset, value, width);
    return this;
  }

  status(value: number): this {
    return this.out(0x12, value, 1);
  }

  kick(queue = this.main): this {
    return this.out(0x10, queue, 2);
  }

  reset(): this {
    this.status(0).in(0x12, 1);
    return this;
  }

  /** Reads the offer, and accepts `features` of it. */
  accept(features: number): this {
    this.in(0x00, 4);
    return this.out(0x04, features, 4);
  }

  /** From the reset to the features. */
  begin(features = 0): this {
    return this.reset().status(1).status(3).accept(features);
  }

  queue(queue: number, page?: number): this {
    this.out(0x0e, queue, 2);
    const ring = this.ringFor(queue, this.in(0x0c, 2));
    return this.out(0x08, page ?? ring.at / 4096, 4);
  }

  queues(): this {
    for (const queue of this.indices) this.queue(queue);
    return this;
  }

  start(features = 0): this {
    return this.begin(features).queues().status(7);
  }
}
