import type { Mark } from '../../core/access.ts';
import { bytesText, hex, type Width } from '../../core/bits.ts';
import type { Register } from '../../core/register.ts';
import type { Rules } from '../../core/rule.ts';
import type { Knows } from '../../core/watch.ts';
import type { MsixPlace } from '../../pci/events.ts';

/** What the rules know of a PCI function and its driver. */
export interface FunctionKnows extends Knows {
  /** The base address in question. */
  readonly bar: number;
  /** All ones lie in it, for sizing, and since when. */
  readonly sizing: boolean;
  readonly sized: Mark;
  /** Command had it answer meanwhile. */
  readonly decoded: boolean;
  /** What was written where the MSI-X table and the pending bits are. */
  readonly offset: number;
  readonly value: number;
  readonly width: Width;
  readonly place: MsixPlace;
  /** The field of an entry that was written, and whether a message could be sent from the entry then. */
  readonly entry: number;
  readonly field: Register | null;
  readonly enabled: boolean;
  readonly live: boolean;
  /** Times that the walk of a list without an end came by its first capability. */
  readonly rounds: number;
  /** What was written to Interrupt Line, and the IRQ that the pin leads to. */
  readonly line: number;
  readonly irq: number | null;
  /** Bus mastering is on, and since when it is as it is; 0 is from the start. */
  readonly open: boolean;
  readonly commanded: Mark;
  /** What needs it: a vector, or, with a vector of -1, the kick of a queue. */
  readonly vector: number;
  /** `transmit queue 1 (queue 1)` */
  readonly kicked: string;
}

export type FunctionMoment = 'walk' | 'line' | 'sized' | 'settled' | 'mastering' | 'msix' | 'entry';

/** As many capabilities as there may be, should all of them be one. */
const MANY_ROUNDS = 100;
/** In Interrupt Line: unknown, or not connected. */
const NO_IRQ = 0xff;

/** Rules for whoever sets a PCI function up and drives it. */
export const FUNCTION = {
  'pci/BAR-RESTORE': {
    strength: 'MUST',
    where: 'PCI 3.0, 6.2.5.1',
    text: 'A base address written for sizing gets an address again before decoding is on',
    advice: 'Clear I/O and memory space in Command, size, write the address back, then enable.',
    // A base address that was sized was written again, or is to be decoded.
    on: 'settled',
    kept: (k) => !k.sizing,
    said: (k) => `base address ${k.bar} still held all ones when decoding was enabled`,
    since: (k) => k.sized,
  },
  'pci/BAR-DECODE': {
    strength: 'SHOULD',
    where: 'PCI 3.0, 6.2.5.1',
    text: 'Decoding is off while a base address holds all ones for sizing',
    advice: 'Clear bits 0 and 1 of Command around the sizing: for a moment the function answers elsewhere.',
    on: 'sized',
    kept: (k) => !k.decoded,
    said: (k) => `base address ${k.bar} was sized while it was decoded`,
  },
  'pci/CAPABILITY-LOOP': {
    strength: 'SHOULD',
    where: 'PCI 3.0, 6.7',
    text: 'The walk of the capability list ends, whatever the list says',
    advice: 'Count: no more than 48 capabilities fit behind the header.',
    on: 'walk',
    kept: (k) => k.rounds < MANY_ROUNDS,
    said: (k) => `the walk came by the first capability ${k.rounds} times`,
    once: true,
  },
  'pirq/LINE': {
    strength: 'SHOULD',
    where: 'PCI 3.0, 6.2.4',
    text: 'Interrupt Line says where the router leads the pin',
    advice:
      'Write the IRQ of the link that the slot and the pin are wired to, after PIRQRC, or ffh for none.',
    on: 'line',
    when: (k) => k.irq !== null && k.line !== NO_IRQ,
    kept: (k) => k.line === k.irq,
    said: (k) => `Interrupt Line says ${k.line}, and PIRQRC leads the pin to IRQ ${k.irq}`,
  },
  'pci/BUS-MASTER': {
    strength: 'MUST',
    where: 'PCI 3.0, 6.2.2',
    text: 'Bus mastering is on before a device is asked to reach memory or to send a message',
    advice: 'Set bit 2 of Command when the driver takes the function; firmware need not have done so.',
    on: 'mastering',
    kept: (k) => k.open,
    said: (k) =>
      k.vector < 0
        ? `${k.kicked} was kicked while bus mastering was off`
        : `vector ${k.vector} could not be sent: bus mastering is off`,
    since: (k) => k.commanded,
  },
  'pci/MSIX-ACCESS': {
    strength: 'MUST',
    where: 'PCI 3.0, 6.8.2',
    text: 'The MSI-X table and pending bits are accessed as aligned doublewords or quadwords',
    advice: 'Write the four doublewords of an entry one by one, each with an aligned 32-bit access.',
    on: 'msix',
    // The bus hands on a quadword as two doublewords, and what is not aligned in parts.
    kept: (k) => k.width === 4,
    said: (k) =>
      `${bytesText(k.width)} ${k.width === 1 ? 'was' : 'were'} written at ${hex(k.offset, 3)} of the MSI-X table and pending bits`,
  },
  'pci/MSIX-MASKED': {
    strength: 'MUST',
    where: 'PCI 3.0, 6.8.2.1',
    text: 'The address and data of an MSI-X entry change only while it is masked',
    advice: 'Set the mask bit of the entry or of the function, write address and data, then clear it.',
    on: 'entry',
    when: (k) => k.enabled,
    kept: (k) => !k.live,
    said: (k) => `${k.field!.name} of entry ${k.entry} was written while the entry was live`,
  },
  'msix/BEYOND': {
    strength: 'MUST NOT',
    where: 'PCI 3.0, 6.8.2',
    text: 'No entry is written behind the end of the MSI-X table',
    advice: "The table has one entry more than Table Size says; what lies behind it is not software's.",
    on: 'msix',
    when: (k) => k.width === 4,
    kept: (k) => k.place !== 'nothing',
    said: (k) => `${hex(k.offset, 3)} was written, where neither table nor pending bits are`,
  },
  'pci/MSIX-PBA': {
    strength: 'MUST NOT',
    where: 'PCI 3.0, 6.8.2.9',
    text: 'Software does not write the pending bits',
    advice:
      'Only read the pending bits: the function sets one while its entry is masked, and clears it when the message goes out.',
    on: 'msix',
    when: (k) => k.width === 4,
    kept: (k) => k.place !== 'pending bits',
    said: (k) => `pending bits were written with ${hex(k.value, 8)}`,
  },
} as const satisfies Rules<FunctionKnows, FunctionMoment>;
