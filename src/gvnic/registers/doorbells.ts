import { register } from '../../core/register.ts';

/** The doorbell of a block of notifications with GQI rings, big-endian. */
export const GQI_IRQ = register(
  'gqi_irq',
  0x00,
  4,
  {
    EVENT: { at: 29, doc: 'written with ACK' },
    MASK: { at: 30, doc: 'no interrupt' },
    ACK: { at: 31, doc: 'the last interrupt was served' },
  },
  { access: 'wo', doc: 'At its index × 4 in BAR2, as every doorbell.' },
);
/** The same with DQO rings, little-endian. */
export const DQO_IRQ = register(
  'dqo_irq',
  0x00,
  4,
  {
    ENABLE: { at: 0, doc: 'one interrupt, then none until the next write' },
    CLEAR_PBA: { at: 1 },
    INDEX: { at: [4, 3], doc: '3 keeps the interval' },
    INTERVAL: { at: [16, 5], doc: 'least time between two interrupts, in 2 µs' },
    NO_INT_MODE: { at: 30 },
  },
  { access: 'wo' },
);
