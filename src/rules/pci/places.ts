import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import type { Knows } from '../../core/watch.ts';

/** What the rules know of where a base address answers. */
export interface PlaceKnows extends Knows {
  readonly bar: number;
  readonly address: number;
  /** Who else answers there; null is nobody. */
  readonly over: string | null;
  /** Command has it not answer. */
  readonly off: boolean;
}

/** `placed`: a base address answers from now on. `missed`: somebody asked one that does not. */
export type PlaceMoment = 'placed' | 'missed';

const placeText = ({ bar, address }: PlaceKnows) => `base address ${bar} answers at ${hex(address, 4)}`;

/** Rules of where base addresses answer, and whether they do. */
export const PLACES = {
  'pci/BAR-OVERLAP': {
    strength: 'MUST NOT',
    where: 'PCI 3.0, 6.2.5',
    text: 'No base address answers where something else does',
    advice:
      'Give each base address a range of its own, aligned to its size, with I/O and memory space off in Command meanwhile.',
    on: 'placed',
    follows: ['pci/BAR-RESTORE'],
    when: (k) => k.over !== 'RAM',
    kept: (k) => k.over === null,
    said: (k) => `${placeText(k)}, where ${k.over} does`,
  },
  'pci/BAR-RAM': {
    strength: 'MUST NOT',
    where: 'PCI 3.0, 6.2.5',
    text: 'No base address lies where RAM is',
    advice: 'Take memory addresses from what the root bridge hands on, above the end of RAM below 4 GiB.',
    on: 'placed',
    kept: (k) => k.over !== 'RAM',
    said: (k) => `${placeText(k)}, where RAM is: nothing of it is reached`,
  },
  'pci/DECODE': {
    strength: 'MUST',
    where: 'PCI 3.0, 6.2.2',
    text: 'I/O or memory space is on before what lies there is used',
    advice: 'Set bit 0 (I/O) or 1 (memory) of Command when the driver takes the function.',
    on: ['placed', 'missed'],
    kept: (k) => !k.off,
    said: (k) =>
      `${hex(k.address, 4)} was accessed, which base address ${k.bar} holds and does not answer: Command has it off`,
  },
} as const satisfies Rules<PlaceKnows, PlaceMoment>;
