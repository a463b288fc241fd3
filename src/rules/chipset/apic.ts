import { IOREDTBL_HIGH, IOREDTBL_LOW } from '../../chipset/registers/ioapic.ts';
import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import type { Knows } from '../../core/watch.ts';

const { VECTOR, DELMOD, DESTMOD, TRIGGER } = IOREDTBL_LOW.mask;
const { DELMOD: DELMOD_AT } = IOREDTBL_LOW.shift;
const { DEST: DEST_AT } = IOREDTBL_HIGH.shift;

const LOWEST_PRIORITY = 1;
/** Delivery modes that mean nothing. */
const RESERVED_MODES = [3, 6];
/** Vectors below belong to the processor. */
const FIRST_VECTOR = 16;
/** All, by the four bits of the 82093AA and by the eight of later ones. */
const EVERYBODY = [0x0f, 0xff];

/** What the rules know of an interrupt that an entry of the IOAPIC sends for the first time since it was written. */
export interface IoApicKnows extends Knows {
  readonly low: number;
  readonly high: number;
  /** A PCI interrupt is routed to the pin. */
  readonly ofPci: boolean;
  /** How many processors there are, from APIC 0 on. */
  readonly cpus: number;
}

const modeOf = ({ low }: IoApicKnows) => (low & DELMOD) >> DELMOD_AT;
const targetOf = ({ high }: IoApicKnows) => high >>> DEST_AT;

/** Rules of the IOAPIC, by the 82093AA's data sheet. */
export const IO_APIC = {
  'ioapic/TRIGGER': {
    strength: 'MUST',
    where: '82093AA, I/O Redirection Table Registers',
    text: 'The pin of a PCI interrupt is level-triggered',
    advice: 'Set bit 15 of the entry, as the interrupt source overrides of the MADT say of these lines.',
    on: 'sent',
    when: (k) => k.ofPci,
    kept: (k) => (k.low & TRIGGER) !== 0,
    said: (k) => `the entry ${hex(k.low, 8)} sent a PCI interrupt as an edge: what shares the line has none`,
  },
  'ioapic/VECTOR': {
    strength: 'MUST',
    where: '82093AA, I/O Redirection Table Registers',
    text: 'The vector of an entry is 10h or more',
    advice: 'Give lines vectors from 20h on: those below belong to the processor.',
    on: 'sent',
    when: (k) => modeOf(k) <= LOWEST_PRIORITY,
    kept: (k) => (k.low & VECTOR) >= FIRST_VECTOR,
    said: (k) => `the entry ${hex(k.low, 8)} sent vector ${hex(k.low & VECTOR, 2)}, which no APIC takes`,
  },
  'ioapic/DELIVERY': {
    strength: 'MUST NOT',
    where: '82093AA, I/O Redirection Table Registers',
    text: 'No entry has a reserved delivery mode',
    advice: 'Use 0 (fixed) or 1 (lowest priority) in bits 10:8; 3 and 6 mean nothing.',
    on: 'sent',
    kept: (k) => !RESERVED_MODES.includes(modeOf(k)),
    said: (k) => `the entry ${hex(k.low, 8)} sent in delivery mode ${modeOf(k)}`,
  },
  'ioapic/DESTINATION': {
    strength: 'MUST',
    where: '82093AA, I/O Redirection Table Registers',
    text: 'The physical destination of an entry is an APIC that is there',
    advice: 'Write an APIC ID of the MADT into bits 31:24 of the upper half.',
    on: 'sent',
    when: (k) => (k.low & DESTMOD) === 0,
    kept: (k) => targetOf(k) < k.cpus || EVERYBODY.includes(targetOf(k)),
    said: (k) => `the entry sent to APIC ${targetOf(k)}, and nobody has that ID`,
  },
} as const satisfies Rules<IoApicKnows, 'sent'>;

/** What the rules know of a local APIC. */
export interface LocalApicKnows extends Knows {
  readonly enabled: boolean;
  /** What a message said that was lost, and the vector that the timer will raise; -1 is none. */
  readonly data: number;
  readonly timerVector: number;
}

/** `switched`: SVR is written. `lost`: a message found the APIC off. `timer`: the timer gets a count. */
export type LocalApicMoment = 'switched' | 'lost' | 'timer';

const SDM = 'Intel SDM volume 3, Advanced Programmable Interrupt Controller';

/** Rules of the local APIC. */
export const LOCAL_APIC = {
  'apic/ENABLE': {
    strength: 'MUST',
    where: SDM,
    text: 'The local APIC is software-enabled while interrupts are sent to it',
    advice: 'Set bit 8 of SVR when its spurious vector is written, and leave it set.',
    on: ['switched', 'lost'],
    kept: (k) => k.enabled,
    when: (k) => k.enabled || k.data >= 0,
    said: (k) => `message ${hex(k.data, 8)} came while SVR had the APIC off: it is lost`,
  },
  'apic/TIMER-VECTOR': {
    strength: 'MUST',
    where: SDM,
    text: 'The timer has a vector of 10h or more when it is started, or is masked',
    advice: 'Write the entry of the timer before its initial count, with a vector from 20h on.',
    on: 'timer',
    kept: (k) => k.timerVector < 0 || k.timerVector >= FIRST_VECTOR,
    said: (k) => `the timer was started with vector ${hex(k.timerVector, 2)}`,
  },
} as const satisfies Rules<LocalApicKnows, LocalApicMoment>;
