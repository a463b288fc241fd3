import { BitSet } from '../../../core/bit-set.ts';
import type { Register } from '../../../core/register.ts';
import { Rig } from '../../../core/rig.ts';
import type { Interface } from '../../../virtio/events.ts';
import * as legacy from '../../../virtio/registers.ts';
import * as modern from '../../../virtio/transport/modern/registers.ts';
import { NET_FEATURE_RULES } from '../net/features.ts';
import { QueueSetupWatch } from '../transport/queue-setup-watch.ts';
import { InitWatch } from './init-watch.ts';

const OFFERED = BitSet.of([0, 7, 8, 9, 25, 27, 30, 44]);

const REGISTERS = {
  legacy: {
    status: legacy.DEVICE_STATUS,
    offer: legacy.DEVICE_FEATURES,
    accept: legacy.DRIVER_FEATURES,
    queue: legacy.QUEUE_ADDRESS,
  },
  modern: {
    status: modern.device_status,
    offer: modern.device_feature,
    accept: modern.driver_feature,
    queue: modern.queue_enable,
  },
} as const;

/** A driver initialises a NIC that offers bits 0, 7, 8, 9, 27 and 30, and the meaningless bits 25 and 44. */
export class InitRig extends Rig {
  private readonly init: InitWatch;
  private readonly by: Interface;

  constructor(isLegacy = true) {
    super();
    this.by = isLegacy ? 'legacy' : 'modern';
    const facts = {
      name: 'net0',
      virtioId: 1,
      subject: () => 'net0 (00:04.0)',
      role: (queue: number) => `queue ${queue}`,
      queueName: (queue: number) => `net0, queue ${queue}`,
      interfaces: [this.by],
      offers: { legacy: OFFERED, modern: OFFERED },
      queueSizes: [256, 256],
      vectors: 0,
      oddities: [],
      featureRules: { 'virtio/NET-FEAT-D3': NET_FEATURE_RULES['virtio/NET-FEAT-D3'] },
    };
    this.init = new InitWatch(facts, this.journal, new QueueSetupWatch(facts, new Rig().journal));
  }

  /** Plays what a driver does, one word a step; `status=`, `accept=` and `read=` take hexadecimal numbers. */
  play(script: string): this {
    const { status, offer, accept, queue } = REGISTERS[this.by];
    const steps: Record<string, (value: number) => unknown> = {
      power: () => this.init.reset(true),
      look: () => this.init.capabilityRead(),
      reset: () => this.init.reset(false),
      read: (value) => this.init.statusRead(value),
      status: (value) => this.write(status, value),
      offer: () => this.init.read(this.by, offer),
      accept: (value) => {
        this.init.accepted.words[0] = value & OFFERED.words[0]!;
        this.write(accept, value);
      },
      queue: () => this.write(queue, 1),
      kick: () => {
        this.init.used();
        this.init.judgesKick(0);
      },
      other: () => this.init.used(),
    };
    for (const [, step, value] of script.matchAll(/(\w+)(?:=(\w+))?/g))
      steps[step!]!(Number.parseInt(value ?? '', 16));
    return this;
  }

  private write(register: Register, value: number): void {
    this.init.written(this.by, register, register.offset, register.width, value);
  }
}
