import { BitSet } from '../../../core/bit-set.ts';
import { Rig } from '../../../core/rig.ts';
import type { Interface } from '../../../virtio/events.ts';
import { NET_FEATURE_RULES } from '../net/features.ts';
import { InitWatch } from './init-watch.ts';

const OFFERED = BitSet.of([0, 7, 8, 9, 25, 27, 30, 44]);

/** A driver initialises a NIC that offers bits 0, 7, 8, 9, 27 and 30, and the meaningless bits 25 and 44. */
export class InitRig extends Rig {
  private readonly init: InitWatch;
  private readonly by: Interface;

  constructor(legacy = true) {
    super();
    this.by = legacy ? 'legacy' : 'modern';
    this.init = new InitWatch(
      {
        name: 'net0',
        virtioId: 1,
        subject: () => 'net0 (00:04.0)',
        role: (queue) => `queue ${queue}`,
        queueName: (queue) => `net0, queue ${queue}`,
        interfaces: [this.by],
        offers: { legacy: OFFERED, modern: OFFERED },
        queueSizes: [256, 256],
        vectors: 0,
        oddities: [],
        featureRules: { 'virtio/NET-FEAT-D3': NET_FEATURE_RULES['virtio/NET-FEAT-D3'] },
      },
      this.journal,
    );
  }

  /** Plays what a driver does, one word a step; `status=`, `accept=` and `read=` take hexadecimal numbers. */
  play(script: string): this {
    const steps: Record<string, (value: number) => unknown> = {
      power: () => this.init.power(),
      look: () => this.init.looks(),
      reset: () => this.init.reset(),
      read: (value) => this.init.statusRead(value),
      status: (value) => {
        this.init.used();
        this.init.statusWritten(value, this.by);
      },
      offer: () => {
        this.init.used();
        this.init.offersRead();
      },
      accept: (value) => {
        this.init.used();
        this.init.accepted.words[0] = value & OFFERED.words[0]!;
        this.init.featuresAccepted(0, value);
      },
      queue: () => {
        this.init.used();
        this.init.placed(0);
      },
      kick: () => {
        this.init.used();
        this.init.kicked(0);
      },
      other: () => this.init.used(),
    };
    for (const [, step, value] of script.matchAll(/(\w+)(?:=(\w+))?/g))
      steps[step!]!(Number.parseInt(value ?? '', 16));
    return this;
  }
}
