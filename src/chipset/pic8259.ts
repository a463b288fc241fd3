import type { Described, Region } from '../core/access.ts';
import { registerText } from '../core/register-block.ts';
import type { PicEvents } from './events.ts';
import { ICW1, ICW2, ICW3, ICW4, OCW2, OCW3, PIC_STATE, POLL, picRegister } from './registers/pic.ts';

const { IC4, SNGL } = ICW1.mask;
const { AEOI, SFNM } = ICW4.mask;
const { L, EOI, SL, R } = OCW2.mask;
const { RIS, RR, P, SMM, ESMM } = OCW3.mask;

/** State of the initialisation sequence; 2 to 4 is the ICW that A0 = 1 takes next. */
const UNINITIALISED = 0;
const READY = 1;

const LOWEST_AT_START = 7;
const NO_LEVEL = -1;

/**
 * One 8259A of PIIX4's two: edge or level by ELCR, LTIM without effect. `Pic8259Pair` connects them.
 * Source: Intel 8259A data sheet (231468); 82371AB, ELCR1 and ELCR2.
 */
export class Pic8259 implements Region {
  readonly name: string;
  readonly size = 2;
  readonly widths = 1;
  /** The watcher of the guest; null for none. */
  events: PicEvents | null = null;
  /** Levels in service, a bit each. */
  isr = 0;
  private imr = 0;
  /** The pins, and those that rose since they were last served: level mode ignores the edge latches. */
  private pins = 0;
  private edges = 0;
  private levelLines = 0;
  private state = UNINITIALISED;
  private icw1 = 0;
  private icw2 = 0;
  private icw3 = 0;
  private icw4 = 0;
  private lowest = LOWEST_AT_START;
  private rotatesInAeoi = false;
  private specialMask = false;
  private readsIsr = false;
  private polled = false;
  /** INT is high for a request that will be withdrawn before INTA. */
  private fleeting = false;
  private readonly cascadeInputs: number;
  private readonly changed: () => void;

  /** `cascadeInputs` have a slave each, a bit for each. `changed` is called when INT may have changed. */
  constructor(name: string, cascadeInputs: number, changed: () => void) {
    this.name = name;
    this.cascadeInputs = cascadeInputs;
    this.changed = changed;
  }

  /** The INT output. */
  get int(): boolean {
    return this.fleeting || this.request() !== NO_LEVEL;
  }

  /** Requests, masked ones too: the pin in level mode, an edge not yet served in edge mode. */
  get irr(): number {
    return (this.pins & this.levelLines) | (this.edges & ~this.levelLines);
  }

  /** Whether a request at `level` comes as far as INT. */
  isOpen(level: number): boolean {
    return this.state === READY && (this.imr & (1 << level)) === 0;
  }

  /** Whether an edge at `level` can still be served: it is latched, or the pin may rise. */
  awaitsEdge(level: number): boolean {
    const bit = 1 << level;
    return (this.pins & bit) === 0 || (this.edges & bit) !== 0 || (this.imr & bit) !== 0;
  }

  /** ELCR1 or ELCR2: a 1 makes the input follow its pin. */
  get elcr(): number {
    return this.levelLines;
  }

  set elcr(lines: number) {
    this.levelLines = lines;
    this.changed();
  }

  /** The slave whose number this chip answers to on the cascade lines. */
  get identity(): number {
    return this.icw3 & ICW3.mask.ID;
  }

  setPin(level: number, high: boolean): void {
    this.drive(level, high);
    this.changed();
  }

  pin(level: number): boolean {
    return (this.pins & (1 << level)) !== 0;
  }

  /** A pin that falls after the CPU saw INT and before it acknowledges: INT stays up for that INTA. */
  withdraw(level: number): void {
    this.drive(level, false);
    this.fleeting = true;
    this.changed();
  }

  /**
   * The INTA cycle: returns the level that it puts in service, or -1 if the request was withdrawn, which a CPU sees as
   * IR7 although no ISR bit is set.
   */
  acknowledge(): number {
    const level = this.request();
    const bit = 1 << level;
    this.fleeting = false;
    this.events?.acknowledged(level, level !== NO_LEVEL && (this.levelLines & bit) !== 0);
    if (level === NO_LEVEL) return level;
    this.edges &= ~bit;
    if ((this.icw4 & AEOI) === 0) this.isr |= bit;
    else if (this.rotatesInAeoi) this.lowest = level;
    return level;
  }

  /** The vector for the result of `acknowledge`. */
  vector(level: number): number {
    return (this.icw2 & ICW2.mask.T) | (level === NO_LEVEL ? 7 : level);
  }

  /** Whether ICW3 assigns the vector of `level` to a slave. */
  cascades(level: number): boolean {
    return (
      level !== NO_LEVEL && (this.icw1 & SNGL) === 0 && (this.cascadeInputs & this.icw3 & (1 << level)) !== 0
    );
  }

  reset(): void {
    this.initialise(0);
    this.state = UNINITIALISED;
    this.icw2 = 0;
    this.icw3 = 0;
    this.levelLines = 0;
    this.changed();
  }

  read(offset: number): number {
    if (this.polled) return this.poll();
    if (offset === 1) return this.imr;
    return this.readsIsr ? this.isr : this.irr;
  }

  write(offset: number, value: number): void {
    if (offset === 1) this.writeData(value);
    else if (value & ICW1.mask.ICW1) this.initialise(value);
    else this.command(value);
    this.changed();
  }

  context(): number {
    return PIC_STATE.encode({
      EXPECTS: this.state,
      READS_ISR: this.readsIsr ? 1 : 0,
      POLLED: this.polled ? 1 : 0,
    });
  }

  describe(access: Described): string {
    const { offset, write, value, context } = access;
    return `${this.name} ${registerText(picRegister(offset, write, value ?? 0, context), access)}`;
  }

  private drive(level: number, high: boolean): void {
    const bit = 1 << level;
    if (!high) {
      // An edge counts only while the pin stays high until INTA.
      this.pins &= ~bit;
      this.edges &= ~bit;
    } else if ((this.pins & bit) === 0) {
      this.pins |= bit;
      this.edges |= bit;
    }
  }

  /** The level that INT is raised for, or -1. */
  private request(): number {
    if (this.state !== READY) return NO_LEVEL;
    const level = this.first(this.irr & ~this.imr);
    if (level === NO_LEVEL) return NO_LEVEL;
    const blocker = this.first(this.specialMask ? this.isr & ~this.imr : this.isr);
    if (blocker === NO_LEVEL || this.rank(level) < this.rank(blocker)) return level;
    const nestsInSlave = level === blocker && (this.icw4 & SFNM) !== 0 && this.cascades(level);
    return nestsInSlave ? level : NO_LEVEL;
  }

  /** 0 is the highest priority. */
  private rank(level: number): number {
    return (level - this.lowest - 1) & 7;
  }

  private first(bits: number): number {
    if (bits === 0) return NO_LEVEL;
    let level = (this.lowest + 1) & 7;
    while ((bits & (1 << level)) === 0) level = (level + 1) & 7;
    return level;
  }

  private poll(): number {
    this.polled = false;
    const level = this.acknowledge();
    this.changed();
    return level === NO_LEVEL ? 0 : POLL.mask.I | level;
  }

  /** ICW1. The data sheet does not list ISR among what it clears; code that works without an EOI here works everywhere. */
  private initialise(icw1: number): void {
    this.icw1 = icw1;
    this.icw4 = 0;
    this.events?.began();
    this.state = 2;
    this.imr = 0;
    this.isr = 0;
    this.edges = 0;
    this.lowest = LOWEST_AT_START;
    this.rotatesInAeoi = false;
    this.specialMask = false;
    this.readsIsr = false;
    this.polled = false;
    this.fleeting = false;
  }

  private writeData(value: number): void {
    switch (this.state) {
      case 2:
        this.icw2 = value;
        if ((this.icw1 & SNGL) === 0) this.state = 3;
        else this.afterIcw3();
        break;
      case 3:
        this.icw3 = value;
        this.afterIcw3();
        break;
      case 4:
        this.icw4 = value;
        this.ready();
        break;
      default:
        this.imr = value;
        this.fleeting = false;
        this.events?.masked(value, this.icw1, this.icw3, this.icw4);
    }
  }

  private afterIcw3(): void {
    if (this.icw1 & IC4) this.state = 4;
    else this.ready();
  }

  private ready(): void {
    this.state = READY;
    this.events?.initialised(this.icw1, this.icw2, this.icw3, this.icw4);
  }

  private command(value: number): void {
    this.events?.commanded(this.state > READY ? this.state : 0);
    if (value & OCW3.mask.OCW3) this.writeOcw3(value);
    else this.writeOcw2(value);
  }

  private writeOcw2(value: number): void {
    const rotates = (value & R) !== 0;
    if (value & EOI) {
      // In special mask mode a masked level does not count as being served.
      const served = this.specialMask ? this.isr & ~this.imr : this.isr;
      const level = value & SL ? value & L : this.first(served);
      this.events?.ended(level, (value & SL) !== 0, this.isr);
      if (level === NO_LEVEL) return;
      this.isr &= ~(1 << level);
      if (rotates) this.lowest = level;
    } else if ((value & SL) === 0) this.rotatesInAeoi = rotates;
    else if (rotates) this.lowest = value & L;
  }

  private writeOcw3(value: number): void {
    if (value & ESMM) this.specialMask = (value & SMM) !== 0;
    if (value & P) this.polled = true;
    if (value & RR) this.readsIsr = (value & RIS) !== 0;
  }
}
