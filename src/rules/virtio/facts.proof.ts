import { BitSet } from '../../core/bit-set.ts';
import type { VirtioFacts } from './facts.ts';

/** The facts of a device that does not exist: it is legacy and offers nothing. */
export function factsOfNobody(name: string, virtioId: number, queueSizes: readonly number[]): VirtioFacts {
  return {
    name,
    virtioId,
    subject: () => name,
    role: (queue) => `queue ${queue}`,
    queueName: (index) => `${name}, queue ${index}`,
    interfaces: ['legacy'],
    offers: { legacy: new BitSet(), modern: new BitSet() },
    queueSizes,
    vectors: 0,
    oddities: [],
  };
}
