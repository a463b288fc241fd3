import { bytesText, hex, type Width } from '../../../core/bits.ts';
import type { Rule, Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import type { Interface, Oddity, WindowFault } from '../../../virtio/events.ts';

/** What the rules know of a function's two interfaces, and of the capabilities that tell of one. */
export interface InterfaceKnows extends Knows {
  /** Whether the function has both. */
  readonly transitional: boolean;
  /** The interface by which features were written last, null before that, and the one that is used now. */
  readonly negotiated: Interface | null;
  readonly by: Interface;
  readonly capabilitiesSeen: boolean;
  /** Since the machine is there: who comes back from sleep does not look again. */
  readonly everSeen: boolean;
  /** Capabilities that a driver should pass over, and the one it did not pass over. */
  readonly oddities: readonly Oddity[];
  readonly taken: Oddity | null;
  readonly structure: string;
  readonly offset: number;
  /** No structure is where the driver's access went. */
  readonly astray: boolean;
  /** Bytes into a virtio capability that was written; -1 is none. */
  readonly at: number;
  readonly width: Width;
  /** What the window in configuration space pointed at. */
  readonly bar: number;
  readonly length: number;
  readonly fault: WindowFault | null;
}

/**
 * `used`: an interface is. `chosen`: features are written for the first time, by the legacy one; `modern`: they are
 * by the other. `structure`: a
 * structure is read, or one behind an odd capability is used. `config`: configuration space is written. `missed`: an
 * access to their base address came to no structure.
 */
export type InterfaceMoment = 'used' | 'chosen' | 'modern' | 'structure' | 'config' | 'window' | 'missed';

const CAPABILITIES = 'virtio 1.4, Virtio Structure PCI Capabilities';
const WINDOW = 'virtio 1.4, PCI configuration access capability';

function passOver(
  oddity: Oddity,
): Pick<Rule<InterfaceKnows, InterfaceMoment>, 'on' | 'when' | 'kept' | 'said'> {
  return {
    on: 'structure',
    when: (k) => k.oddities.includes(oddity),
    kept: (k) => k.taken !== oddity,
    said: (k) => `${k.structure} was used, at its offset ${hex(k.offset, 2)}`,
  };
}

const windowText = ({ bar, offset, length }: InterfaceKnows) =>
  `pci_cfg_data was used with bar ${bar}, offset ${hex(offset, 4)}, length ${length}`;

/** Rules of which interface a driver uses, and how it finds the modern one. */
export const INTERFACE_RULES = {
  'virtio/PCI-CAP-D1': {
    strength: 'MUST',
    where: CAPABILITIES,
    text: 'Skip vendor capabilities with a reserved cfg_type',
    advice: 'Look for the types you know, and pass over every other.',
    ...passOver('reserved type'),
  },
  'virtio/PCI-CAP-D2': {
    strength: 'SHOULD',
    where: CAPABILITIES,
    text: 'Use the first supported instance of each structure type',
    advice: 'Keep a capability only if none of its type was found before.',
    ...passOver('second'),
  },
  'virtio/PCI-CAP-D3': {
    strength: 'MUST',
    where: CAPABILITIES,
    text: 'Accept cap_len larger than defined',
    advice: 'Compare cap_len with >=, never with ==.',
    ...passOver('second to a padded'),
  },
  'virtio/PCI-CAP-D4': {
    strength: 'MUST',
    where: CAPABILITIES,
    text: 'Skip vendor capabilities with a reserved bar value',
    advice: 'Compare the whole byte with 5; do not mask it.',
    ...passOver('reserved BAR'),
  },
  'virtio/PCI-CAP-D6': {
    strength: 'MUST',
    where: CAPABILITIES,
    text: 'Cope with an unexpectedly large length',
    advice: 'Require the length you need, and no exact one.',
    ...passOver('second to a long'),
  },
  'virtio/PCI-CAP-D7': {
    strength: 'MUST NOT',
    where: CAPABILITIES,
    text: 'No write to capability fields except in the PCI_CFG capability',
    advice:
      'Only read virtio capabilities. What may be written is bar, offset, length and pci_cfg_data of the one of type 5.',
    on: 'config',
    kept: (k) => k.at < 0,
    said: (k) =>
      `${bytesText(k.width)} ${k.width === 1 ? 'was' : 'were'} written at byte ${k.at} of a virtio capability`,
  },
  'virtio/PCI-CAP-IMP-1': {
    strength: 'MUST NOT',
    where: CAPABILITIES,
    text: 'Nothing is accessed behind the base address of the structures but what a capability tells of',
    advice:
      'Take offset and length of each structure from its capability, and leave fields alone that lie beyond.',
    on: ['modern', 'missed'],
    kept: (k) => !k.astray,
    said: (k) => `${bytesText(k.width)} at ${hex(k.offset, 4)} of the base address belong to no structure`,
  },
  'virtio/PCI-LEG-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interfaces: A Note on PCI Device Layout',
    text: 'Legacy use goes through BAR0, and what is not legacy use does not',
    advice: 'Choose one interface of a transitional device before the reset, and keep to it until the next.',
    on: 'used',
    when: (k) => k.transitional && k.negotiated !== null,
    kept: (k) => k.negotiated === k.by,
    said: (k) => `the ${k.by} interface was used after features were written by the ${k.negotiated} one`,
    once: true,
  },
  'virtio/PCI-LEGDET-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interface: A Note on Device Layout Detection',
    text: 'A transitional driver looks for virtio capabilities first',
    advice: 'Walk the capability list for vendor capabilities (9), and use the structures that they tell of.',
    on: 'chosen',
    when: (k) => k.transitional,
    kept: (k) => k.capabilitiesSeen,
    said: () => 'the legacy interface was taken without a look at the virtio capabilities',
  },
  'virtio/PCI-LEGDET-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interface: A Note on Device Layout Detection',
    text: 'A non-transitional driver looks for virtio capabilities',
    advice:
      'Walk the capability list for vendor capabilities (9): where structures lie is said there and nowhere else.',
    on: 'modern',
    kept: (k) => k.everSeen,
    said: () => 'features were written by the modern interface without a look at the virtio capabilities',
  },
  'virtio/PCI-CFGACC-D1': {
    strength: 'MUST NOT',
    where: WINDOW,
    text: 'Window offset is a multiple of the window length',
    advice:
      'Use an offset that the length divides: single bytes anywhere, 2 bytes at even offsets, 4 at multiples of 4.',
    on: 'window',
    when: (k) => k.fault !== 'outside',
    kept: (k) => k.fault !== 'unaligned',
    said: windowText,
  },
  'virtio/PCI-CFGACC-D2': {
    strength: 'MUST NOT',
    where: WINDOW,
    text: 'Use pci_cfg_data only when bar, offset and length fall inside another virtio structure, length 1, 2 or 4',
    advice:
      'Write bar, offset and length from a virtio capability, with a length of 1, 2 or 4 that ends within its structure, before pci_cfg_data is used.',
    on: 'window',
    kept: (k) => k.fault !== 'outside',
    said: windowText,
  },
} as const satisfies Rules<InterfaceKnows, InterfaceMoment>;
