import { CLAUSE_IDS, type ClauseId } from '../../../rules/index.ts';
import { CONFIG } from '../../../rules/pci/config.ts';
import { MESSAGES } from '../../../rules/pci/messages.ts';
import { UART } from '../../../rules/serial/uart.ts';
import { FEATURES, MODERN_FEATURES } from '../../../rules/virtio/init/features.ts';
import { INIT } from '../../../rules/virtio/init/init.ts';
import { MODERN_INIT } from '../../../rules/virtio/init/modern-init.ts';
import { STATUS_BITS } from '../../../rules/virtio/init/status.ts';
import { NET_FEATURE_RULES } from '../../../rules/virtio/net/features.ts';
import { LAYOUT } from '../../../rules/virtio/transport/layout.ts';
import { QUEUE_SETUP } from '../../../rules/virtio/transport/queue-setup.ts';
import { VECTOR_RULES } from '../../../rules/virtio/transport/vectors.ts';

const CHIPS: readonly ClauseId[] = [
  'pic/INIT',
  'pic/SEQUENCE',
  'pit/HALF-READ',
  'pit/HALF-WRITTEN',
  'rtc/NMI',
  'pirq/RESERVED',
];
const FUNCTIONS: readonly ClauseId[] = [
  'pci/BAR-RESTORE',
  'pci/BAR-DECODE',
  'pci/BUS-MASTER',
  'pci/MSIX-ACCESS',
  'pci/MSIX-MASKED',
  'pci/MSIX-PBA',
  'msix/BEYOND',
];
const TRANSPORT: readonly ClauseId[] = [
  'virtio/PCI-LEG-D1',
  'virtio/PCI-LEGDET-D1',
  'virtio/PCI-LEGDET-D3',
  'virtio/PCI-KICK-D1',
  'virtio/PCI-KICK-D2',
  'virtio/PCI-KICK-D3',
  'virtio/PCI-KICK-D4',
];
/** Clauses that need more than registers: time, the levels of a line, the identity of another function. */
const NOT: readonly ClauseId[] = [
  'uart/THR-FULL',
  'uart/LINE-STATUS',
  'uart/RBR-EMPTY',
  'uart/OVERRUN',
  'uart/OUT2',
  'pci/MULTI-FUNCTION',
  // QEMU cuts an access that leads beyond its doubleword.
  'pci/CONFDATA-WIDTH',
  'virtio/FEAT-D10',
];
const TABLES: readonly object[] = [
  CONFIG,
  MESSAGES,
  UART,
  INIT,
  STATUS_BITS,
  MODERN_INIT,
  FEATURES,
  MODERN_FEATURES,
  NET_FEATURE_RULES,
  LAYOUT,
  QUEUE_SETUP,
  VECTOR_RULES,
];

/** The clauses that can be judged by accesses to registers; for all others QEMU's trace shows too little. */
export const BY_REGISTERS: ReadonlySet<ClauseId> = new Set(
  [
    ...TABLES.flatMap((table) => Object.keys(table) as ClauseId[]),
    ...CHIPS,
    ...FUNCTIONS,
    ...TRANSPORT,
  ].filter((clause) => !NOT.includes(clause)),
);

/** Parts without structures in RAM. */
const CHIPSET = /^(uart|pit|rtc|pirq|pci|msix)\//;

/** The same for our own log with times, and every function, but without the contents of RAM. */
export const WITHOUT_RAM: ReadonlySet<ClauseId> = new Set(
  CLAUSE_IDS.filter((clause) => BY_REGISTERS.has(clause) || CHIPSET.test(clause)),
);
