import type { IoApicEvents, LocalApicEvents } from '../../chipset/events.ts';
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

const LOWEST_PRIORITY = 1;
/** Reserved delivery modes. */
const RESERVED_MODES = [3, 6];
/** Lower vectors belong to the processor. */
const FIRST_VECTOR = 16;
/** The spurious vector in the example of the MultiProcessor Specification, A.3, which EDK II follows. */
const MP_SPURIOUS = 0x0f;
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
    text: 'A driver MUST NOT use a reserved delivery mode in an I/O redirection entry.',
    advice: 'Use 0 (fixed) or 1 (lowest priority) in bits 10:8; 3 and 6 are reserved.',
    on: 'sent',
    kept: (k) => !RESERVED_MODES.includes(modeOf(k)),
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

const SDM = 'Intel SDM volume 3, Advanced Programmable Interrupt Controller';

/** Rules of the local APIC. */
export const LOCAL_APIC = {
  'apic/ENABLE': {
    where: SDM,
    text: 'A driver MUST keep the local APIC software-enabled while interrupts are sent to it.',
    advice: 'Set bit 8 of SVR when you write its spurious vector, and keep it set.',
    on: ['switched', 'lost'],
    kept: (k) => k.enabled,
    when: (k) => k.enabled || k.data >= 0,
    said: (k) => `message ${hex(k.data, 8)} came while SVR had the APIC off: it is lost`,
  },
  'apic/TIMER-VECTOR': {
    where: SDM,
    text: 'A driver MUST give the local APIC timer a vector of 10h or more, or mask it, before starting it.',
    advice: "Write the timer's LVT entry, with a vector from 20h up, before its initial count.",
    on: 'timer',
    kept: (k) => k.timerVector < 0 || k.timerVector >= FIRST_VECTOR,
    said: (k) => `the timer was started with vector ${hex(k.timerVector, 2)}`,
  },
  'apic/SPURIOUS-VECTOR': {
    where: SDM,
    text: 'A driver MUST give the spurious interrupt of the local APIC a vector of 0fh or more.',
    advice: 'Write 1ffh to SVR: vector ffh, enabled.',
    on: 'switched',
    when: (k) => k.enabled,
    kept: (k) => k.spurious >= MP_SPURIOUS,
    said: (k) => `SVR has the vector ${hex(k.spurious, 2)}, which belongs to the processor`,
  },
  'apic/LOCAL-OFF': {
    where: SDM,
    text: 'Set bit 8 of SVR before you unmask an entry of the local vector table: until then it stays masked.',
    advice: 'Write SVR first, with 1ffh, and then the entries of timer, LINT0, LINT1 and error.',
    on: 'local',
    kept: (k) => !k.isKept,
    said: () => 'an entry was written without MASK while SVR had the APIC off: it is masked nevertheless',
  },
  'apic/EOI-IDLE': {
    where: SDM,
    text: 'Write an EOI to the local APIC only while an interrupt of it is in service.',
    advice:
      'Write EOI once in the handler of each interrupt that the local APIC sent, and not for one of the 8259As, nor for the vector of SVR.',
    on: 'ended',
    // As long as no handler runs, an EOI ends what another kernel left.
    when: (k) => k.isHandling,
    kept: (k) => k.vector >= 0,
    said: () => 'a handler wrote an EOI while nothing was in service',
  },
  'apic/WIDTH': {
    where: SDM,
    text: 'A driver MUST write registers of the local APIC as aligned doublewords.',
    advice: 'Write each register, EOI too, by one access of four bytes.',
    on: ['switched', 'narrow'],
    kept: (k) => k.width === 4,
    said: (k) => `offset ${hex(k.offset, 3)} was written by an access of ${bytesText(k.width)}: it is lost`,
  },
} as const satisfies Rules<LocalApicWatch>;

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
  private pin = 0;
  private readonly name: string;
  private readonly levelOf: (irq: number) => Level;
  private readonly seen = new Uint8Array(PINS);
  /** `sent`: an entry sends. `written`: the lower half of one is written. `lost`: a write has no effect. */
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

  entryWritten(pin: number): void {
    this.seen[pin] = 0;
    this.pin = pin;
    this.width = 4;
    this.index = NOTHING;
    this.on.written.tell(this);
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

/**
 * Watches a driver of the local APIC.
 *
 * @example
 * apic.events = new LocalApicWatch('apic', journal);
 */
export class LocalApicWatch implements LocalApicEvents {
  readonly subject: string;
  enabled = true;
  /** The data of a message that was lost, and the vector that the timer will raise; -1 is none. */
  data = NOTHING;
  timerVector = NOTHING;
  /** The vector of SVR. */
  spurious = 0xff;
  /** What an EOI ended, -1 for nothing, and that a handler runs. */
  vector = NOTHING;
  isHandling = false;
  /** An entry of the local vector table stays masked. */
  isKept = false;
  /** A write. */
  offset = 0;
  width = 4;
  private readonly journal: Journal;
  /** `switched`: SVR is written. `ended`: EOI is. `local`: an entry is. `narrow`: a write is lost. `lost`: a message found the APIC off. `timer`: the timer gets a count. */
  private readonly on;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    this.journal = journal;
    this.on = new Watch(journal, LOCAL_APIC).on;
  }

  narrow(offset: number, width: number): void {
    this.offset = offset;
    this.width = width;
    this.on.narrow.tell(this);
    this.width = 4;
  }

  ended(vector: number): void {
    this.vector = vector;
    this.isHandling = this.journal.handler !== 0;
    this.on.ended.tell(this);
  }

  localWritten(kept: boolean): void {
    this.isKept = kept;
    this.on.local.tell(this);
  }

  switched(enabled: boolean, vector: number): void {
    this.enabled = enabled;
    this.spurious = vector;
    this.data = NOTHING;
    this.on.switched.tell(this);
  }

  lost(data: number): void {
    this.enabled = false;
    this.data = data;
    this.on.lost.tell(this);
  }

  timerStarted(vector: number): void {
    this.timerVector = vector;
    this.on.timer.tell(this);
  }
}
