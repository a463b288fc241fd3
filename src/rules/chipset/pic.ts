import type { PicEvents } from '../../chipset/events.ts';
import { ICW1, ICW2, ICW4 } from '../../chipset/registers/pic.ts';
import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import { EoiWatch } from './eoi.ts';

/** The master's input that the slave is wired to, as in every PC. */
const CASCADE = 2;
const FIRST_VECTOR = 0x20;
/** Bits of ICW4 that are 0. */
const NOT_ICW4 = 0xe0;
/** What a line is that several sources share, and whose level counts: a PCI interrupt or ACPI's; null is an ISA line. */
export type Level = 'PCI' | 'SCI' | null;

/** No level. */
const NOTHING = -1;
/** No count. */
const NEVER = -1;

/** Rules of an 8259A, by its data sheet. */
export const PIC = {
  'pic/INIT': {
    where: '8259A, Initialization Command Words',
    text: 'A driver MUST initialise an interrupt controller with ICW1 to ICW4 before unmasking a line.',
    advice: 'Write ICW1 = 11h, the vector base, the cascade and ICW4 = 01h to each 8259A first.',
    on: ['masked', 'cascaded'],
    // Opening the cascade alone lets nothing through: a probe for the chip does it.
    when: (k) => k.opens !== 0 || k.isSingle,
    kept: (k) => faultOf(k) === null,
    said: (k) => `OCW1 = ${hex(k.ocw1, 2)} unmasks a line ${faultOf(k)}`,
  },
  'pic/CASCADE': {
    where: '8259A, Initialization Command Word 3',
    text: "A driver MUST write the board's wiring to ICW3: the slave is on IR2 of the master.",
    advice: 'Write 04 to port 21h as ICW3, and 02 to port A1h.',
    on: 'initialised',
    when: (k) => (k.icw1 & ICW1.mask.SNGL) === 0,
    kept: (k) => k.icw3 === k.wiring,
    said: (k) => `ICW3 = ${hex(k.icw3, 2)}, but the board is wired as ${hex(k.wiring, 2)}`,
  },
  'pic/ICW4': {
    where: '8259A, Initialization Command Word 4',
    text: 'A driver MUST write ICW4 next after ICW3 if ICW1 announced it.',
    advice:
      'Write ICW4 = 01 after ICW3, and the mask after that, or clear bit 0 of ICW1: the chip takes the next byte as ICW4.',
    on: 'initialised',
    when: (k) => (k.icw1 & ICW1.mask.IC4) !== 0,
    kept: (k) => (k.icw4 & NOT_ICW4) === 0,
    said: (k) => `${hex(k.icw4, 2)} was written where ICW1 announced ICW4`,
  },
  'pic/BASE': {
    where: '8259A, ICW2',
    text: 'Give each interrupt controller vectors of 20h or more: lower ones are exceptions in protected mode.',
    advice: 'Write 20h as ICW2 to the master and 28h to the slave; 08h suits real mode only.',
    on: 'initialised',
    kept: (k) => k.base >= FIRST_VECTOR,
    said: (k) => `ICW2 = ${hex(k.base, 2)}: vector ${hex(k.base, 2)} is an exception of protected mode`,
  },
  'pic/BASE-ALIGN': {
    where: '8259A, ICW2',
    text: 'A driver MUST give each interrupt controller a first vector that is a multiple of 8.',
    advice:
      'Give each controller eight vectors that begin at a multiple of 8, such as 20h and 28h: the chip replaces the low three bits with the level.',
    on: 'initialised',
    kept: (k) => k.icw2 === k.base,
    said: (k) => `ICW2 = ${hex(k.icw2, 2)}, but the vectors begin at ${hex(k.base, 2)}`,
  },
  'pic/BASE-SAME': {
    where: '8259A, ICW2',
    text: 'A driver MUST give the two interrupt controllers different vectors.',
    advice: "Give the slave the eight vectors after the master's: 28h after 20h.",
    on: 'masked',
    when: (k) => k.opens !== 0 && k.other !== null && k.other.icw1 !== 0,
    kept: (k) => k.base !== k.other!.base,
    said: (k) => `a line is unmasked, and both controllers have vectors from ${hex(k.base, 2)} on`,
  },
  'pic/CASCADE-CLOSED': {
    where: '8259A, Cascade Mode',
    text: 'A driver MUST unmask IR2 of the master if it unmasks a line of the slave.',
    advice:
      'Clear bit 2 of the mask at port 21h for IRQ 8 to 15: the slave reaches the processor through that input.',
    on: 'closed',
    when: (k) => k.byDriver && k.opens !== 0 && k.other !== null,
    kept: (k) => !k.isShut,
    said: (k) =>
      `OCW1 = ${hex(k.ocw1, 2)} unmasks a line, but IR2 of the master was masked and stayed masked`,
  },
  'pic/SEQUENCE': {
    where: '8259A, Initialization Command Words',
    text: 'A driver MUST finish an initialisation sequence that it began before sending another command.',
    advice:
      'After ICW1, write ICW2, ICW3 and ICW4 to the odd port at once, and only then OCW2 or OCW3 to the even port.',
    on: ['commanded', 'unfinished'],
    kept: (k) => k.expects === 0 && !k.isLeft,
    said: (k) =>
      k.isLeft
        ? 'ICW1 was written, and not all that follow'
        : `a command came while the chip waited for ICW${k.expects}`,
  },
  'pic/WIDTH': {
    where: '8259A, Read/Write Control Logic',
    text: 'A driver MUST write the registers of an interrupt controller byte by byte: the second byte of a word goes to the next port.',
    advice:
      'Use a one-byte OUT: an EOI as a word, 0020 to port 20h, writes 00 to the mask at port 21h, and unmasks every line.',
    on: ['masked', 'initialised', 'commanded'],
    kept: (k) => k.width === 1,
    said: (k) => `a register was written by an access of ${k.width} bytes`,
  },
  'pirq/ELCR': {
    where: '82371AB, PIRQRC and ELCR; ACPI 6.5, FADT, SCI_INT',
    text: 'A driver MUST make a line level-triggered if a PCI interrupt is routed to it, or if it is the SCI.',
    advice:
      'Set the bit of the IRQ at port 4D0h or 4D1h when PIRQRC routes to it, and that of SCI_INT when you take the SCI: a shared line that stays high has no edge.',
    on: 'taken',
    when: (k) => k.shared !== null,
    kept: (k) => k.followsPin,
    said: (k) =>
      `IRQ ${k.first + k.level} was taken as an edge, but ${k.shared === 'SCI' ? 'it is the SCI' : 'PIRQRC routes a PCI interrupt to it'}`,
  },
} as const satisfies Rules<PicWatch>;

function faultOf({ icw1, icw4, isCascaded }: PicWatch): string | null {
  if ((icw1 & ICW1.mask.ICW1) === 0) return 'before ICW1';
  if ((icw4 & ICW4.mask.uPM) === 0) return 'though ICW4 did not select 8086 mode';
  if ((icw1 & ICW1.mask.SNGL) !== 0 && isCascaded) return 'though ICW1 denied the cascade';
  return null;
}

/**
 * Watches a driver of one of the two 8259A of a PC.
 *
 * @example
 * pair.master.events = new PicWatch('pic master', 'master', journal);
 */
export class PicWatch implements PicEvents {
  readonly subject: string;
  /** The ICW3 that describes the board: 04 for a master with a slave on IR2, 02 for that slave. */
  readonly wiring: number;
  /** Inputs that a slave is wired to. */
  readonly cascade: number;
  ocw1 = 0;
  icw1 = 0;
  icw3 = 0;
  icw4 = 0;
  /** The vector of level 0, and what was written for it. */
  base = 0;
  icw2 = 0;
  /** The other chip of the pair, where it is watched. */
  other: PicWatch | null = null;
  /** Times that the cascade was open to the slave, and that count of the master when the slave opened a line behind it. */
  private cascades = 0;
  private shutAt = NEVER;
  /** Bytes of the write. */
  width = 1;
  /** The ICW that the chip waits for while another command is written; 0 is none. */
  expects = 0;
  /** The driver has begun a sequence that is not finished, and left it so. */
  isLeft = false;
  private hasBegun = false;
  /** The level taken last. */
  level = NOTHING;
  /** What shares its line, and that ELCR has it follow its pin. */
  shared: Level = null;
  followsPin = false;
  /** IRQ of level 0. */
  readonly first: number;
  private readonly levelOf: (irq: number) => Level;
  private readonly eoi: EoiWatch;
  private readonly journal: Journal;
  /** The mask is the driver's, and not what firmware left. */
  byDriver = false;
  /** It was initialised, and no mask was written since: every line is open. */
  private open = false;
  /**
   * `masked`: OCW1 is written, or none was when the lines came into use. `cascaded`: the slave's OCW1 is.
   * `initialised`: the last ICW is. `commanded`: OCW2 or OCW3 is.
   * `taken`: an INTA cycle put a level in service. `closed`: the run is over; `unfinished`: in the middle of a sequence.
   */
  private readonly on;

  constructor(
    subject: string,
    role: 'master' | 'slave',
    journal: Journal,
    levelOf: (irq: number) => Level = () => null,
  ) {
    this.subject = subject;
    this.wiring = role === 'master' ? 1 << CASCADE : CASCADE;
    this.cascade = role === 'master' ? 1 << CASCADE : 0;
    this.first = role === 'master' ? 0 : 8;
    this.levelOf = levelOf;
    this.journal = journal;
    this.eoi = new EoiWatch(subject, journal);
    this.on = new Watch(journal, PIC).on;
    journal.atEnd(() => this.closed());
  }

  /** The lines that are not masked; of the master without the cascade. */
  get opens(): number {
    return ~this.ocw1 & 0xff & ~this.cascade;
  }

  /** It is a slave, or a master whose input of the slave is open. */
  get isCascaded(): boolean {
    return this.cascade === 0 || (~this.ocw1 & this.cascade) !== 0;
  }

  /** It is a master that takes itself for the only controller, and the driver opened a line of the slave behind it. */
  get isSingle(): boolean {
    const { other } = this;
    const isSingle = (this.icw1 & ICW1.mask.SNGL) !== 0 && this.cascade !== 0 && this.isCascaded;
    return isSingle && other?.byDriver === true && other.opens !== 0;
  }

  /** It is a slave whose lines were opened while the master's input was masked, which was not opened since. */
  get isShut(): boolean {
    return this.shutAt !== NEVER && this.shutAt === this.other?.cascades;
  }

  masked(ocw1: number, icw1: number, icw3: number, icw4: number): void {
    this.width = this.journal.trail.widthOf(1);
    this.maskedBy(ocw1, icw1, icw3, icw4);
  }

  private maskedBy(ocw1: number, icw1: number, icw3: number, icw4: number): void {
    this.ocw1 = ocw1;
    this.byDriver = !this.journal.quiet;
    this.icw1 = icw1;
    this.icw3 = icw3;
    this.icw4 = icw4;
    this.open = false;
    if ((~ocw1 & this.cascade) !== 0) this.cascades++;
    const { other } = this;
    if (other !== null && this.cascade === 0 && this.shutAt === NEVER && this.opens !== 0)
      this.shutAt = (other.ocw1 & other.cascade) !== 0 ? other.cascades : NEVER;
    if (this.opens === 0) this.shutAt = NEVER;
    this.on.masked.tell(this);
    if (other?.isSingle === true && other.opens === 0) other.on.cascaded.tell(other);
  }

  began(): void {
    this.hasBegun = !this.journal.quiet;
  }

  initialised(icw1: number, icw2: number, icw3: number, icw4: number): void {
    this.hasBegun = false;
    this.width = this.journal.trail.widthOf(1);
    this.icw1 = icw1;
    this.icw2 = icw2;
    this.base = icw2 & ICW2.mask.T;
    this.ocw1 = 0;
    this.icw3 = icw3;
    this.icw4 = icw4;
    this.open = true;
    this.on.initialised.tell(this);
  }

  acknowledged(level: number, followsPin: boolean): void {
    this.opened();
    this.eoi.acknowledged(level);
    if (level === NOTHING) return;
    this.level = level;
    this.followsPin = followsPin;
    this.shared = this.levelOf(this.first + level);
    this.on.taken.tell(this);
  }

  commanded(expects: number): void {
    this.width = this.journal.trail.widthOf(1);
    this.expects = expects;
    this.on.commanded.tell(this);
  }

  ended(level: number, specific: boolean, inService: number): void {
    this.eoi.ended(level, specific, inService);
  }

  /** The run is over. */
  closed(): void {
    this.opened();
    if (this.cascade === 0) this.on.closed.tell(this);
    this.isLeft = this.hasBegun;
    if (this.isLeft) this.on.unfinished.tell(this);
  }

  private opened(): void {
    this.width = 1;
    if (this.open) this.maskedBy(0, this.icw1, this.icw3, this.icw4);
  }
}
