import type { Gpa, Nanos, Width } from '../core/bits.ts';
import { type AskedFor, EndlessLoopError, placeText } from './endless-loop.ts';

/** Addresses whose last values are remembered, a power of two: more than a loop polls. */
const REMEMBERED = 1024;
/** Shifts a hash so that its upper bits number them. */
const HASH_SHIFT = 22;
/** 2^32 by the golden ratio: registers of like parts lie a power of two apart, and are not to share a place. */
const GOLDEN = 0x9e37_79b1;
/** A read of what changes is so much of one in vain, and one where the guest has not been of late even less. */
const [LISTENING, LOOKING] = [1 / 16, 1 / 64];
/** A wait of a millisecond or more is worth so many accesses: it takes the host as long. */
const [LONG, LONG_WAIT]: readonly [Nanos, number] = [1_000_000, 10];

/** Loads of RAM in vain after which each takes time, as on a processor: whoever polls a ring waits for a device. */
const POLLING = 1000;

/** So many reads of a register in a row, none of which brought anything new, are told of. */
const BUSY = 10_000;
/** Who reads one so often in a row waits for it. */
const WAITING = 8;

/** Keys that are no address, as ports have them, too. */
const TIME = -0x2_0000;
const WAIT = -0x2_0001;

/** Puts an access into words: who answers, which register, which fields. */
export type WhoAnswers = (
  kind: 'port' | 'memory',
  address: Gpa,
  width: Width,
  value: number,
  write: boolean,
) => string;

/**
 * How long a machine lets its guest go on without progress. Progress is a write of what was neither the last nor the last
 * but one there. A read is in vain if it brings what the last one there brought; one that brings something else gives the
 * guest another chance, but not for ever.
 *
 * @example
 * const patience = new Patience(1_000_000, whoAnswers, () => clock.pass(1000));
 * patience.read(Patience.port(0xc052), 0x07, 1);      // and a million times more:
 * // EndlessLoopError: 1,000,001 accesses without progress, the last of them port c052: net0 Device Status → 07
 *
 * @throws EndlessLoopError from each method, when patience is at its end; it begins anew then.
 */
export class Patience {
  /** Told, once each time, of registers that are read again and again: how often, and who answers what. */
  onBusy: ((reads: number, who: string) => void) | null = null;
  /** The guest waited for a register, be it for long or not. */
  hasWaited = false;
  private limit: number;
  private readonly who: WhoAnswers;
  /** Accesses in vain, one after the other. */
  private vain = 0;
  private isBusyTold = false;
  /** What reads since the last progress are worth. */
  private unanswered = 0;
  private accesses = 0;
  private blind = false;
  private readonly keys = new Float64Array(REMEMBERED);
  private readonly values = new Float64Array(REMEMBERED);
  /** What was written before that. */
  private readonly earlier = new Float64Array(REMEMBERED);
  private readonly pass: () => void;

  /**
   * @param limit accesses in vain; Infinity is for ever.
   * @param pass lets the time of an access pass.
   */
  constructor(limit: number, who: WhoAnswers, pass: () => void) {
    this.limit = limit;
    this.who = who;
    this.pass = pass;
  }

  /** The key of a port; that of memory is its address. */
  static port(port: number): number {
    return -1 - port;
  }

  /** From now on it has no end. */
  endless(): void {
    this.limit = Number.POSITIVE_INFINITY;
  }

  read(key: number, value: number, width: Width): void {
    this.look(key, value, width);
    if (this.vain < WAITING) return;
    this.hasWaited = true;
    if (this.vain >= BUSY && !this.isBusyTold && this.onBusy !== null) this.tellBusy(key, value, width);
  }

  /** A load of RAM. */
  load(key: number, value: number, width: Width): void {
    this.look(key, value, width);
    if (this.vain > POLLING) this.pass();
  }

  private look(key: number, value: number, width: Width): void {
    const slot = slotOf(key);
    if (this.keys[slot] !== key) {
      this.keys[slot] = key;
      this.values[slot] = value;
      this.unanswered += LOOKING;
      this.vain = 0;
    } else if (this.values[slot] !== value) {
      this.values[slot] = value;
      this.unanswered += LISTENING;
      this.vain = 0;
    } else this.vain++;
    this.accesses++;
    if (this.isSpent()) this.giveUp(key, value, width, false);
  }

  write(key: number, value: number, width: Width): void {
    const slot = slotOf(key);
    const known = this.keys[slot] === key;
    if (!known || (this.values[slot] !== value && this.earlier[slot] !== value)) {
      this.keys[slot] = key;
      this.earlier[slot] = known ? this.values[slot]! : Number.NaN;
      this.values[slot] = value;
      this.progress();
      return;
    }
    // Two in turn select registers, and change nothing.
    if (this.values[slot] !== value) {
      this.earlier[slot] = this.values[slot]!;
      this.values[slot] = value;
    }
    // Behind a kick that is like the last there may be a frame that nobody saw stored.
    if (this.blind) this.unanswered += LISTENING;
    else this.vain++;
    this.accesses++;
    if (this.isSpent()) this.giveUp(key, value, width, true);
  }

  /** From now on the guest stores to RAM past whoever looks. */
  seesNoStores(): void {
    this.blind = true;
  }

  /** The guest wrote bytes. */
  progress(): void {
    this.isBusyTold = false;
    this.vain = 0;
    this.unanswered = 0;
    this.accesses = 0;
  }

  /** The guest asked what time it is. */
  time(now: Nanos): void {
    this.read(TIME, now, 4);
  }

  /** The guest waited until its limit, for so long. */
  waited(time: Nanos): void {
    if (time >= LONG) this.vain += LONG_WAIT - 1;
    this.read(WAIT, 0, 4);
  }

  /** What is done while the guest waits is not held against it, for time passes: `resume` it with what this returns. */
  pause(): number {
    return this.vain;
  }

  resume(vain: number): void {
    this.vain = vain;
  }

  /** To ask what time it is, or to sleep, is another matter. */
  private tellBusy(key: number, value: number, width: Width): void {
    const kind = kindOf(key);
    if (kind === 'time' || kind === 'wait') return;
    this.isBusyTold = true;
    const address = kind === 'port' ? -1 - key : key;
    this.onBusy!(BUSY, placeText(kind, address, this.who(kind, address, width, value, false)));
  }

  private isSpent(): boolean {
    return this.vain > this.limit || this.unanswered > this.limit;
  }

  private giveUp(key: number, value: number, width: Width, write: boolean): never {
    const { accesses } = this;
    this.progress();
    const kind = kindOf(key);
    if (kind === 'time' || kind === 'wait') throw new EndlessLoopError(kind, 0, value, 'nobody', accesses);
    const address = kind === 'port' ? -1 - key : key;
    const who = this.who(kind, address, width, value, write);
    throw new EndlessLoopError(kind, address, value, who, accesses);
  }
}

function slotOf(key: number): number {
  return Math.imul(key, GOLDEN) >>> HASH_SHIFT;
}

function kindOf(key: number): AskedFor {
  if (key === TIME) return 'time';
  if (key === WAIT) return 'wait';
  return key < 0 ? 'port' : 'memory';
}
