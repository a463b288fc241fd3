import { bytesText, hex, type Nanos, type Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Register } from '../../../core/register.ts';
import type { Rule, Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import type { Interface, Oddity, VirtioEvents, WindowFault } from '../../../virtio/events.ts';
import type { VirtioFacts } from '../facts.ts';
import type { InitWatch } from '../init/init-watch.ts';
import { isReset, isStatus } from '../init/status.ts';

const CAPABILITIES = 'virtio 1.4, Virtio Structure PCI Capabilities';
const WINDOW = 'virtio 1.4, PCI configuration access capability';

function passOver(oddity: Oddity): Pick<Rule<InterfaceWatch, 'structure'>, 'on' | 'when' | 'kept' | 'said'> {
  return {
    on: 'structure',
    when: (k) => k.oddities.includes(oddity),
    kept: (k) => k.taken !== oddity,
    said: (k) => `${k.structure} was used, at its offset ${hex(k.offset, 2)}`,
  };
}

const windowText = ({ bar, offset, length }: InterfaceWatch) =>
  `pci_cfg_data was used with bar ${bar}, offset ${hex(offset, 4)}, length ${length}`;

/** Rules on the interface that a driver uses, and on how it finds the modern one. */
export const INTERFACE_RULES = {
  'virtio/PCI-CAP-D1': {
    where: CAPABILITIES,
    text: 'A driver MUST skip vendor capabilities with a reserved cfg_type.',
    advice: 'Look for the types you know, and skip every other.',
    ...passOver('reserved type'),
  },
  'virtio/PCI-CAP-D2': {
    where: CAPABILITIES,
    text: 'A driver SHOULD use the first instance of each structure type that it supports.',
    advice: 'Keep a capability only if none of its type was found before.',
    ...passOver('second'),
  },
  'virtio/PCI-CAP-D3': {
    where: CAPABILITIES,
    text: 'A driver MUST accept a cap_len larger than defined.',
    advice: 'Compare cap_len with >=, never with ==.',
    ...passOver('second to a padded'),
  },
  'virtio/PCI-CAP-D4': {
    where: CAPABILITIES,
    text: 'A driver MUST skip vendor capabilities with a reserved bar value.',
    advice: 'Compare the whole byte with 5; do not mask it.',
    ...passOver('reserved BAR'),
  },
  'virtio/PCI-CAP-D6': {
    where: CAPABILITIES,
    text: 'A driver MUST accept a structure length larger than it expects.',
    advice: 'Require the length you need, not an exact one.',
    ...passOver('second to a long'),
  },
  'virtio/PCI-CAP-D7': {
    where: CAPABILITIES,
    text: 'A driver MUST NOT write to the fields of a virtio capability other than PCI_CFG.',
    advice:
      'Only read virtio capabilities, except bar, offset, length and pci_cfg_data of the one of type 5.',
    on: 'config',
    kept: (k) => k.at < 0,
    said: (k) =>
      `${bytesText(k.width)} ${k.width === 1 ? 'was' : 'were'} written at byte ${k.at} of a virtio capability`,
  },
  'virtio/PCI-CAP-IMP-1': {
    where: CAPABILITIES,
    text: 'A driver MUST NOT access what lies outside the structures that the capabilities describe.',
    advice: 'Take offset and length of each structure from its capability, and do not use fields beyond it.',
    on: ['modern', 'missed'],
    kept: (k) => !k.astray,
    said: (k) => `${bytesText(k.width)} at ${hex(k.offset, 4)} of the base address belong to no structure`,
  },
  'virtio/PCI-LEG-D1': {
    where: 'virtio 1.4, Legacy Interfaces: A Note on PCI Device Layout',
    text: 'A driver MUST use BAR0 for the legacy interface, and for nothing else.',
    advice:
      'Choose one interface of a transitional device before the reset, and use only that one until the next reset.',
    on: 'used',
    when: (k) => k.transitional && k.chosen !== null,
    kept: (k) => k.chosen === k.by,
    said: (k) => `the ${k.by} interface was used after features were written by the ${k.chosen} one`,
    once: true,
  },
  'virtio/PCI-LEGDET-D1': {
    where: 'virtio 1.4, Legacy Interface: A Note on Device Layout Detection',
    // The standard's MUST is for transitional drivers. One that looks at no capability may be a legacy driver, of which it asks nothing.
    text: 'Use the virtio capabilities of a function that has them, before its legacy interface.',
    advice:
      'Walk the capability list for vendor capabilities (9), and use the structures that they describe.',
    on: 'chosen',
    when: (k) => k.transitional,
    kept: (k) => k.capabilitiesSeen,
    said: () => 'the legacy interface was taken without a look at the virtio capabilities',
  },
  'virtio/PCI-LEGDET-D3': {
    where: 'virtio 1.4, Legacy Interface: A Note on Device Layout Detection',
    text: 'A non-transitional driver MUST look for virtio capabilities.',
    advice: 'Walk the capability list for vendor capabilities (9): only they say where the structures are.',
    on: 'modern',
    kept: (k) => k.everSeen,
    said: () => 'features were written by the modern interface without a look at the virtio capabilities',
  },
  'virtio/PCI-CFGACC-D1': {
    where: WINDOW,
    text: 'A driver MUST NOT use an unaligned window offset: it is a multiple of the window length.',
    advice:
      'Use an offset that the length divides: single bytes anywhere, 2 bytes at even offsets, 4 at multiples of 4.',
    on: 'window',
    when: (k) => k.fault !== 'outside',
    kept: (k) => k.fault !== 'unaligned',
    said: windowText,
  },
  'virtio/PCI-CFGACC-D2': {
    where: WINDOW,
    text: 'A driver MUST NOT use pci_cfg_data unless bar, offset and length lie inside another virtio structure, with length 1, 2 or 4.',
    advice:
      'Write bar, offset and length from a virtio capability, with a length of 1, 2 or 4 that ends within its structure, before using pci_cfg_data.',
    on: 'window',
    kept: (k) => k.fault !== 'outside',
    said: windowText,
  },
} as const satisfies Rules<InterfaceWatch>;

/** Watches the interface of a function that a driver uses, and how it finds the modern one. */
export class InterfaceWatch implements Partial<VirtioEvents> {
  /** Whether the function has both. */
  readonly transitional: boolean;
  /** The interface by which features were written last, null before that, and the one that is used now. */
  chosen: Interface | null = null;
  by: Interface = 'legacy';
  capabilitiesSeen = false;
  /** Capabilities were ever read, before a sleep too: a driver that resumes does not read them again. */
  everSeen = false;
  taken: Oddity | null = null;
  structure = '';
  offset = 0;
  /** The driver's access reached no structure. */
  astray = false;
  /** Bytes into a virtio capability that was written; -1 is none. */
  at = -1;
  width: Width = 1;
  /** Where the window in configuration space pointed. */
  bar = 0;
  length = 0;
  fault: WindowFault | null = null;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly init: InitWatch;
  private readonly watch;
  /**
   * `used`: an interface is used. `chosen`: features are written first, by the legacy interface. `modern`: they are
   * written by the modern one. `structure`: a structure is read, or one behind an odd capability is used. `config`:
   * configuration space is written. `missed`: an access to a base address of structures reached none. `window`: the
   * window in configuration space is used.
   */
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal, init: InitWatch) {
    this.facts = facts;
    this.journal = journal;
    this.init = init;
    this.transitional = facts.interfaces.length > 1;
    this.watch = new Watch(journal, INTERFACE_RULES);
    this.on = this.watch.on;
  }

  get subject(): string {
    return this.facts.subject();
  }

  /** Capabilities that a driver should pass over, and the one it did not pass over. */
  get oddities(): readonly Oddity[] {
    return this.facts.oddities;
  }

  /** Which interface the driver speaks. */
  get inUse(): Interface {
    return this.chosen ?? this.facts.interfaces[0]!;
  }

  reset(powered: boolean): void {
    if (powered) this.capabilitiesSeen = false;
    this.chosen = null;
    this.watch.forget();
  }

  read(by: Interface, register: Register | null): void {
    if (by === 'modern') this.structureRead();
    if (!isStatus(register)) this.used(by);
  }

  written(by: Interface, register: Register | null, _offset: number, _width: Width, value: number): void {
    if (register === null || isReset(register, value)) return;
    this.used(by);
    if (this.init.takes(register)) this.choose(by);
  }

  configAccessed(by: Interface): void {
    this.used(by);
    if (by === 'modern') this.structureRead();
  }

  /** Any access but a read of the status or a reset. */
  used(by: Interface): boolean {
    this.by = by;
    return this.on.used.tell(this);
  }

  /** Repeated accesses by the interface that is in use. */
  usedAgain(times: number, last: Nanos): void {
    this.by = this.inUse;
    this.on.used.repeat(this, times, last);
  }

  /** Features are written by this interface. */
  private choose(by: Interface): void {
    if (by === 'modern') this.on.modern.tell(this);
    else if (this.chosen === null) this.on.chosen.tell(this);
    this.chosen = by;
  }

  /** A read by a guest that is not judged does not count for the driver after it. */
  capabilityRead(): void {
    if (!this.journal.quiet) this.capabilitiesSeen = this.everSeen = true;
  }

  private structureRead(): void {
    if (this.oddities.length === 0) return;
    this.taken = null;
    this.on.structure.tell(this);
  }

  decoyUsed(oddity: Oddity, name: string, offset: number): void {
    this.taken = oddity;
    this.structure = name;
    this.offset = offset;
    this.on.structure.tell(this);
  }

  structureMissed(offset: number, width: Width): void {
    this.astray = true;
    this.offset = offset;
    this.width = width;
    this.on.missed.tell(this);
    this.astray = false;
  }

  configSpaceWritten(at: number, width: Width): void {
    this.at = at;
    this.width = width;
    this.on.config.tell(this);
  }

  windowUsed(bar: number, offset: number, length: number, fault: WindowFault | null): void {
    this.bar = bar;
    this.offset = offset;
    this.length = length;
    this.fault = fault;
    this.on.window.tell(this);
  }
}
