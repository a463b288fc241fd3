import { hex } from '../../../core/bits.ts';
import type { SerialFacts } from '../../../guest/index.ts';
import type { PartReport } from './part-report.ts';

const nameOf = (index: number): string => `ttyS${index}`;

export const serialReport = {
  rows: (seen) =>
    seen.map(({ port, irq, type, loopback }, i) => [
      nameOf(i),
      `${hex(port, 3)} irq ${irq ?? 'none'}`,
      `${type}${loopback ? ', loopback works' : ''}`,
    ]),
  json: (seen: readonly SerialFacts[]) => ({
    serial: seen.map(({ port, irq, type }, i) => ({ name: nameOf(i), port, irq, type })),
  }),
} satisfies PartReport<SerialFacts>;
