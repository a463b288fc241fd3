import type { Clause } from './shape.ts';

/** The part of pci/BUS-MASTER that a virtio device judges by itself; the rule stands in rules/pci/function.ts. */
export const pci = {
  'pci/BUS-MASTER': {
    strength: 'MUST',
    where: 'PCI 3.0, 6.2.2',
    text: 'Bus mastering is on before a device is asked to reach memory or to send a message',
  },
} as const satisfies Record<string, Clause>;
