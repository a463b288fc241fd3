import { type Difference, number } from './difference.ts';

const SHEET = 'PC16550D';
const DELTAS = 0x0f;

/** Of a serial port in loopback. */
export const UART: readonly Difference[] = [
  {
    id: 'uart/loopback-deltas',
    where: 'MSR',
    at: /^uart MSR$/,
    when: ({ ours, qemu }) => ((number(ours) ^ number(qemu)) & ~DELTAS) === 0,
    right: 'ours',
    source: `${SHEET}, 8.8 and 8.9: MCR bit 4 and the delta bits of MSR`,
    said: 'The modem inputs follow MCR in loopback and their deltas are set; QEMU changes the inputs and sets no delta',
  },
  {
    id: 'uart/loopback-interrupt',
    where: 'IIR, with EDSSI on',
    at: /^uart IIR$/,
    when: ({ ours, qemu }) => (number(ours) & 0x0f) === 0x00 && (number(qemu) & 0x01) === 1,
    right: 'ours',
    source: `${SHEET}, 8.8: modem status interrupts are still operational in loopback`,
    said: 'A delta in loopback asks for an interrupt; QEMU has no delta there',
  },
  {
    id: 'uart/fcr-without-enable',
    where: 'LSR and IIR, after FCR with bit 0 clear and bit 1 or 2 set',
    at: /^uart (LSR|IIR|RBR)$/,
    when: ({ about }) => /FCR=[0-9a-f][2468ace]/.test(about),
    right: 'ours',
    source: `${SHEET}, 8.5: bit 0 must be a 1 when the others are written, or they are not programmed`,
    said: 'Resetting a FIFO without bit 0 does nothing; QEMU empties it all the same',
    follows: true,
  },
  {
    id: 'uart/word-length',
    where: 'RBR, in words of less than eight bits',
    at: /^uart RBR$/,
    when: ({ ours, qemu }) => [0x1f, 0x3f, 0x7f].some((mask) => (number(qemu) & mask) === number(ours)),
    right: 'ours',
    source: `${SHEET}, 8.1: LCR bits 0 and 1, the bits of a character`,
    said: 'A character has as many bits as LCR says, in loopback too; QEMU carries all eight',
  },
];
