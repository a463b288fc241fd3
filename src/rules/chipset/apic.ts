import type { IoApicEvents } from '../../chipset/events.ts';
import { IOREDTBL_HIGH, IOREDTBL_LOW } from '../../chipset/registers/ioapic.ts';
import { bytesText, hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { Level } from './pic.ts';

const PINS = 24;
const NOTHING = -1;

const { VECTOR, DELMOD, DESTMOD, INTPOL, TRIGGER } = IOREDTBL_LOW.mask;
const { DELMOD: DELMOD_AT } = IOREDTBL_LOW.shift;
const { DEST: DEST_AT } = IOREDTBL_HIGH.shift;

/** Bits that have no meaning in either half. */
const [NOT_LOW, NOT_HIGH] = [~IOREDTBL_LOW.readable, ~IOREDTBL_HIGH.readable];

const LOWEST_PRIORITY = 1;
/** Reserved delivery modes. */
const RESERVED_MODES = [3, 6];
/** Lower vectors belong to the processor. */
const FIRST_VECTOR = 16;
/** Broadcast, in the four bits of the 82093AA and in the eight of later ones. */
const EVERYBODY = [0x0f, 0xff];

const modeOf = ({ low }: IoApicWatch) => (low & DELMOD) >> DELMOD_AT;
const isLogical = ({ low }: IoApicWatch) => (low & DESTMOD) !== 0;
const targetOf = ({ high }: IoApicWatch) => high >>> DEST_AT;

/** Rules of the IOAPIC, by the 82093AA's data sheet. */
export const IO_APIC = {
  'ioapic/TRIGGER': {
    where: '82093AA, I/O Redirection Table Registers; ACPI 6.5, Interrupt Source Override Structure',
    text: 'A driver MUST make the I/O redirection entry of a PCI interrupt, and that of the SCI, level-triggered.',
    advice:
      "Set bit 15 of the entry: the MADT's interrupt source overrides list these lines as level-triggered.",
    on: 'sent',
    when: (k) => k.shared !== null,
    kept: (k) => (k.low & TRIGGER) !== 0,
    said: (k) =>
      `the entry ${hex(k.low, 8)} sent ${k.shared === 'SCI' ? 'the SCI' : 'a PCI interrupt'} as an edge: what comes while the line is up goes unheard`,
  },
  'ioapic/VECTOR': {
    where: '82093AA, I/O Redirection Table Registers',
    text: 'A driver MUST give an I/O redirection entry a vector of 10h or more.',
    advice: 'Use vectors from 20h up: lower ones belong to the processor.',
    on: 'sent',
    when: (k) => modeOf(k) <= LOWEST_PRIORITY,
    kept: (k) => (k.low & VECTOR) >= FIRST_VECTOR,
    said: (k) => `the entry ${hex(k.low, 8)} sent vector ${hex(k.low & VECTOR, 2)}, which no APIC takes`,
  },
  'ioapic/DELIVERY': {
    where: '82093AA, I/O Redirection Table Registers',
    text: "A driver MUST have the I/O redirection entry of a device's interrupt send it as fixed or lowest priority.",
    advice:
      'Use 0 (fixed) or 1 (lowest priority) in bits 10:8; 3 and 6 are reserved, and SMI, NMI, INIT and ExtINT raise no vector of the entry.',
    on: 'sent',
    // Pin 0 is the timer, or on other boards the 8259A pair: an NMI watchdog and ExtINT are there.
    kept: (k) => modeOf(k) <= LOWEST_PRIORITY || (k.pin === 0 && !RESERVED_MODES.includes(modeOf(k))),
    said: (k) => `the entry ${hex(k.low, 8)} sent in delivery mode ${modeOf(k)}`,
  },
  'ioapic/DESTINATION': {
    where: '82093AA, I/O Redirection Table Registers',
    text: 'A driver MUST send an interrupt to a local APIC that exists, by its ID or by a logical ID that it has.',
    advice:
      'Write an APIC ID from the MADT to bits 31:24 of the upper half; with bit 11 set, a logical ID, which LDR of a local APIC has had since before.',
    on: 'sent',
    kept: (k) =>
      EVERYBODY.includes(targetOf(k)) ||
      (isLogical(k) ? k.apics.hasLogical(targetOf(k)) : targetOf(k) < k.apics.cpus),
    said: (k) =>
      isLogical(k)
        ? `the entry sent to the logical ID ${hex(targetOf(k), 2)}, which LDR of no local APIC has`
        : `the entry sent to APIC ${targetOf(k)}, which does not exist`,
  },
  'ioapic/POLARITY': {
    where: 'ACPI 6.5, Interrupt Source Override Structure',
    text: 'Keep the I/O redirection entry of an ISA interrupt active-high, as the MADT has it.',
    advice: 'Clear bit 13 of the entry: on a real board the interrupt of an idle device comes without end.',
    on: 'sent',
    when: (k) => k.shared !== 'PCI',
    kept: (k) => (k.low & INTPOL) === 0,
    said: (k) => `the entry ${hex(k.low, 8)} has an ISA interrupt active-low`,
  },
  'ioapic/RESERVED': {
    where: '82093AA, I/O Redirection Table Registers',
    text: 'A driver MUST write 0 to the reserved bits of an I/O redirection entry, and the destination to bits 31:24 of its upper half.',
    advice: 'Shift the APIC ID by 24 before writing the upper half; of the lower half write bits 16:0 alone.',
    on: ['written', 'upper'],
    when: (k) => k.width === 4 && k.index < 0,
    kept: (k) => k.stray === 0,
    said: (k) =>
      `the ${k.isUpper ? 'upper' : 'lower'} half of the entry was written with ${hex(k.stray, 8)} in reserved bits`,
  },
  'ioapic/WIDTH': {
    where: '82093AA, Memory Mapped Registers for Accessing I/O APIC Registers',
    text: 'A driver MUST write the data register of the IOAPIC as an aligned doubleword.',
    advice: 'Write each half of an entry by one access of four bytes to fec00010.',
    on: ['written', 'lost'],
    kept: (k) => k.width === 4,
    said: (k) => `index ${hex(k.index, 2)} was written by an access of ${bytesText(k.width)}: it is lost`,
  },
  'ioapic/INDEX': {
    where: '82093AA, I/O APIC Registers',
    text: 'A driver MUST write only to indices at which the IOAPIC has a register.',
    advice: 'Use indices 10h to 3fh for entries 0 to 23; bits 23:16 of IOAPICVER tell the last entry.',
    on: ['written', 'lost'],
    when: (k) => k.width === 4,
    kept: (k) => k.index < 0,
    said: (k) => `index ${hex(k.index, 2)} was written`,
  },
} as const satisfies Rules<IoApicWatch>;

/** The local APICs that messages are for. */
export interface Apics {
  /** How many there are; their IDs count from 0. */
  readonly cpus: number;
  /** Whether one has the logical ID now, or may have. */
  readonly hasLogical: (id: number) => boolean;
}

interface IoApicFacts {
  readonly apics: Apics;
  readonly levelOf: (irq: number) => Level;
}

/**
 * Watches what the entries of an IOAPIC send: each is checked once, until it is written again.
 *
 * @example
 * ioapic.events = new IoApicWatch('ioapic', { apics, levelOf: () => null }, journal);
 */
export class IoApicWatch implements IoApicEvents {
  low = 0;
  high = 0;
  /** A write of fewer than four bytes, and the index; -1 is one that a register has. */
  width = 4;
  index = NOTHING;
  /** What shares the line of the pin. */
  shared: Level = null;
  readonly apics: Apics;
  pin = 0;
  /** Reserved bits that were written, and to which half. */
  stray = 0;
  isUpper = false;
  private readonly name: string;
  private readonly levelOf: (irq: number) => Level;
  private readonly seen = new Uint8Array(PINS);
  /** `sent`: an entry sends. `written`: the lower half of one is written. `upper`: its upper half is. `lost`: a write has no effect. */
  private readonly on;

  constructor(name: string, { apics, levelOf }: IoApicFacts, journal: Journal) {
    this.name = name;
    this.apics = apics;
    this.levelOf = levelOf;
    this.on = new Watch(journal, IO_APIC).on;
  }

  get subject(): string {
    return this.index === NOTHING ? `${this.name}, pin ${this.pin}` : this.name;
  }

  entryWritten(pin: number, value: number): void {
    this.seen[pin] = 0;
    this.halfWritten(pin, false, (value & NOT_LOW) >>> 0);
    this.on.written.tell(this);
  }

  upperWritten(pin: number, value: number): void {
    this.halfWritten(pin, true, (value & NOT_HIGH) >>> 0);
    this.on.upper.tell(this);
  }

  private halfWritten(pin: number, isUpper: boolean, stray: number): void {
    this.pin = pin;
    this.width = 4;
    this.index = NOTHING;
    this.isUpper = isUpper;
    this.stray = stray;
  }

  lost(width: number, index: number): void {
    this.width = width;
    this.index = index;
    this.on.lost.tell(this);
  }

  sent(pin: number, low: number, high: number): void {
    if (this.seen[pin] === 1) return;
    this.seen[pin] = 1;
    this.pin = pin;
    this.index = NOTHING;
    this.low = low;
    this.high = high;
    this.shared = this.levelOf(pin);
    this.on.sent.tell(this);
  }
}
