import { type Gpa, hex, type Nanos, type Width } from '../core/bits.ts';
import { callers } from '../core/callers.ts';

/** Addresses whose last values are remembered, read and written, a power of two: more than a loop polls. */
const REMEMBERED = 512;
/** Shifts a hash so that its upper bits number them. */
const HASH_SHIFT = 23;
/** 2^32 by the golden ratio: registers of like parts lie a power of two apart, and must not share a slot. */
const GOLDEN = 0x9e37_79b1;
/**
 * Fractions of an access in vain: a read of a changed value counts as the first, a read of a location not read
 * lately as the second.
 */
const [LISTENING, LOOKING] = [1 / 16, 1 / 64];
/** A wait of a millisecond or more counts as this many accesses: it takes the host as long. */
const [LONG, LONG_WAIT]: readonly [Nanos, number] = [1_000_000, 10];

/** Loads of RAM in vain after which each takes time, as on a processor: a driver that polls a ring waits for a device. */
const POLLING = 1000;

/** After this many reads of a register in a row, none of which returned anything new, `onBusy` is called. */
const BUSY = 10_000;
/** A guest that reads a register this often in a row waits for it. */
const WAITING = 8;

/** Keys outside the addresses; ports have such keys, too. */
const TIME = -0x2_0000;
const WAIT = -0x2_0001;

/** Describes an access in words: the device that answers, the register, its fields. */
export type WhoAnswers = (
  kind: 'port' | 'memory',
  address: Gpa,
  width: Width,
  value: number,
  write: boolean,
) => string;

/**
 * How long a machine lets its guest go on without progress. Progress is a write of what was neither the last nor the last
 * but one there. A read is in vain if it returns what the last one there returned; one that returns something else gives
 * the guest another chance, but not without limit.
 *
 * @example
 * const patience = new Patience(1_000_000, whoAnswers, () => clock.pass(1000));
 * patience.read(Patience.port(0xc052), 0x07, 1);      // and a million times more:
 * // EndlessLoopError: 1,000,001 accesses without progress, the last of them port c052: net0 Device Status → 07
 *
 * @throws EndlessLoopError from each method, when patience is exhausted; it starts again then.
 */
export class Patience {
  /** Called, once per poll loop, for a register that is read again and again: how often, and what answers. */
  onBusy: ((reads: number, who: string) => void) | null = null;
  /** The guest waited for a register, for any time. */
  hasWaited = false;
  private limit: number;
  private readonly who: WhoAnswers;
  /** Accesses in vain, one after the other. */
  private vain = 0;
  private isBusyTold = false;
  /** What the reads since the last progress count as. */
  private unanswered = 0;
  private accesses = 0;
  private blind = false;
  /** What was read, apart from what was written: many a register answers with something else. */
  private readonly readAt = new Float64Array(REMEMBERED);
  private readonly values = new Float64Array(REMEMBERED);
  private readonly writtenAt = new Float64Array(REMEMBERED);
  private readonly written = new Float64Array(REMEMBERED);
  /** What was written before that. */
  private readonly earlier = new Float64Array(REMEMBERED);
  private readonly pass: () => void;

  /**
   * @param limit accesses in vain; Infinity is no limit.
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

  /** From now on it has no limit. */
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
    if (this.readAt[slot] !== key) {
      this.readAt[slot] = key;
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
    const known = this.writtenAt[slot] === key;
    if (!known || (this.written[slot] !== value && this.earlier[slot] !== value)) {
      this.writtenAt[slot] = key;
      this.earlier[slot] = known ? this.written[slot]! : Number.NaN;
      this.written[slot] = value;
      this.progress();
      return;
    }
    // Two in turn select registers, and change nothing.
    if (this.written[slot] !== value) {
      this.earlier[slot] = this.written[slot]!;
      this.written[slot] = value;
    }
    // Behind a kick like the last there may be a frame whose stores were not seen.
    if (this.blind) this.unanswered += LISTENING;
    else this.vain++;
    this.accesses++;
    if (this.isSpent()) this.giveUp(key, value, width, true);
  }

  /** From now on the guest stores to RAM unobserved. */
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

  /** The guest asked for the time. */
  time(now: Nanos): void {
    this.read(TIME, now, 4);
  }

  /** The guest waited until its limit, for this long. */
  waited(time: Nanos): void {
    if (time >= LONG) this.vain += LONG_WAIT - 1;
    this.read(WAIT, 0, 4);
  }

  /** Accesses made while the guest waits do not count, for time passes: `resume` it with the return value. */
  pause(): number {
    return this.vain;
  }

  resume(vain: number): void {
    this.vain = vain;
  }

  /** To ask for the time, or to sleep, is counted otherwise. */
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
    if (kind === 'time' || kind === 'wait') throw new EndlessLoopError(kind, 0, value, 'no device', accesses);
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

/** What a guest polls in a loop: a register or RAM at an address, the time, or a wait. */
export type AskedFor = 'port' | 'memory' | 'time' | 'wait';

/**
 * A guest made more accesses without progress than its machine has patience for: it would never end. The access throws it
 * inside the guest's own code, so its stack begins with the guest's line. The machine stays usable, with its patience
 * restored. See `MachineOptions.patience`.
 */
export class EndlessLoopError extends Error {
  override readonly name = 'EndlessLoopError';
  readonly kind: AskedFor;
  /** The port or memory address; 0 for time and wait. */
  readonly address: number;
  /** The value read or written. */
  readonly value: number;
  /** The device that answers there, with the register and its fields by name. */
  readonly who: string;
  /** How many accesses were made without progress. */
  readonly accesses: number;

  constructor(kind: AskedFor, address: number, value: number, who: string, accesses: number) {
    const count = accesses.toLocaleString('en');
    super(`${count} accesses without progress, the last of them ${lastOf(kind, address, who)}`);
    this.kind = kind;
    this.address = address;
    this.value = value;
    this.who = who;
    this.accesses = accesses;
    const frames = callers();
    if (frames) this.stack = `${this.name}: ${this.message}\n${frames}`;
  }
}

/** `port c052: net0 Device Status → 07` */
function placeText(kind: 'port' | 'memory', address: Gpa, who: string): string {
  return kind === 'port' ? `port ${hex(address, 4)}: ${who}` : `address ${hex(address, 8)}: ${who}`;
}

function lastOf(kind: AskedFor, address: Gpa, who: string): string {
  if (kind === 'time') return 'the question what time it is: time passes with accesses and within wait()';
  if (kind === 'wait') return 'a wait() whose limit passed';
  return placeText(kind, address, who);
}
