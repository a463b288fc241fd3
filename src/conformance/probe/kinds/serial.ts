import { hex } from '../../../core/bits.ts';
import type { SerialFacts } from '../../../guest/index.ts';
import type { ProbedKind } from './kind.ts';

const nameOf = (index: number): string => `ttyS${index}`;

export const serialKind = {
  rows: (seen) =>
    seen.map(({ port, irq, type, loopback }, i) => [
      nameOf(i),
      `${hex(port, 3)} irq ${irq ?? 'none'}`,
      `${type}${loopback ? ', loopback works' : ''}`,
    ]),
  json: (seen: readonly SerialFacts[]) => ({
    serial: seen.map(({ port, irq, type }, i) => ({ name: nameOf(i), port, irq, type })),
  }),
} satisfies ProbedKind<'serial', SerialFacts>;
