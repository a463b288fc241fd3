import type { LocalApicEvents } from '../../chipset/events.ts';
import { DIVIDE, ICR_HIGH, ICR_LOW } from '../../chipset/registers/local-apic.ts';
import { bytesText, hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { Apics } from './apic.ts';

const NOTHING = -1;
const [LOWEST_PRIORITY, PERIODIC] = [1, 1];
/** Lower vectors belong to the processor. */
const FIRST_VECTOR = 16;
const BROADCAST = 0xff;
/** The spurious vector in the example of the MultiProcessor Specification, A.3, which EDK II follows. */
const MP_SPURIOUS = 0x0f;

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
  'apic/TIMER-MODE': {
    where: SDM,
    text: 'A driver MUST have the local APIC timer in one-shot or periodic mode when it writes a count.',
    advice:
      'Write 0 (one-shot) or 1 (periodic) to bits 18:17 of the LVT entry: with a TSC deadline the count is ignored.',
    on: 'timer',
    kept: (k) => k.timerMode <= PERIODIC,
    said: (k) => `a count was written in timer mode ${k.timerMode}, which takes none: no interrupt comes`,
  },
  'apic/DIVIDE': {
    where: SDM,
    text: 'A driver MUST write one of the eight codes of its bits 3, 1 and 0 to the divide configuration of the timer.',
    advice: 'Write 3 to divide by 16, 0bh by 1: the number itself is no code.',
    on: 'divided',
    kept: (k) => (k.divide & ~DIVIDE.writable) === 0,
    said: (k) =>
      `the divide configuration was written with ${hex(k.divide, 2)}, and bits other than 3, 1 and 0 are reserved`,
  },
  'apic/IPI': {
    where: SDM,
    text: 'A driver MUST send an interprocessor interrupt to a local APIC that exists, with a vector of 10h or more.',
    advice:
      'Write the APIC ID to bits 31:24 of ICR_HIGH, and then vector and mode to ICR_LOW, which sends: lower vectors belong to the processor.',
    on: 'commanded',
    kept: (k) => !k.isVectorless && !k.lacksTarget,
    said: (k) =>
      k.isVectorless
        ? `ICR_LOW was written with ${hex(k.icr, 8)}: vector ${hex(k.icr & ICR_LOW.mask.VECTOR, 2)} is not sent`
        : `ICR_LOW was written with ${hex(k.icr, 8)} while ICR_HIGH named APIC ${k.ipiTarget}, which does not exist`,
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

/**
 * Watches a driver of the local APIC.
 *
 * @example
 * apic.events = new LocalApicWatch('apic', apics, journal);
 */
export class LocalApicWatch implements LocalApicEvents {
  readonly subject: string;
  /** TIMER_MODE when the count was written, and what was written to the divide configuration. */
  timerMode = 0;
  divide = 0;
  /** ICR_LOW, and the destination of ICR_HIGH; that an interrupt has a reserved vector, and that no APIC has the ID. */
  icr = 0;
  ipiTarget = 0;
  isVectorless = false;
  lacksTarget = false;
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
  private readonly apics: Apics;
  private readonly journal: Journal;
  /** `switched`: SVR is written. `ended`: EOI is. `local`: an entry is. `narrow`: a write is lost. `lost`: a message found the APIC off. `timer`: the timer gets a count. `divided`: its divisor is written. `commanded`: ICR_LOW is. */
  private readonly on;

  constructor(subject: string, apics: Apics, journal: Journal) {
    this.subject = subject;
    this.apics = apics;
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

  timerStarted(vector: number, mode: number): void {
    this.timerVector = vector;
    this.timerMode = mode;
    this.on.timer.tell(this);
  }

  timerDivided(value: number): void {
    this.divide = value;
    this.on.divided.tell(this);
  }

  commanded(low: number, high: number): void {
    const { VECTOR, DELMOD, DESTMOD, SHORTHAND } = ICR_LOW.mask;
    const isInterrupt = (low & DELMOD) >> ICR_LOW.shift.DELMOD <= LOWEST_PRIORITY;
    this.icr = low;
    this.ipiTarget = high >>> ICR_HIGH.shift.DEST;
    this.isVectorless = isInterrupt && (low & VECTOR) < FIRST_VECTOR;
    this.lacksTarget = (low & SHORTHAND) === 0 && !this.isTaken((low & DESTMOD) !== 0);
    this.on.commanded.tell(this);
  }

  private isTaken(isLogical: boolean): boolean {
    const { apics, ipiTarget } = this;
    if (ipiTarget === BROADCAST) return true;
    return isLogical ? apics.hasLogical(ipiTarget) : ipiTarget < apics.cpus;
  }
}
