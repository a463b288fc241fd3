import { type Gpa, hex } from '../core/bits.ts';
import { callers } from '../core/callers.ts';

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
export function placeText(kind: 'port' | 'memory', address: Gpa, who: string): string {
  return kind === 'port' ? `port ${hex(address, 4)}: ${who}` : `address ${hex(address, 8)}: ${who}`;
}

function lastOf(kind: AskedFor, address: Gpa, who: string): string {
  if (kind === 'time') return 'the question what time it is: time passes with accesses and within wait()';
  if (kind === 'wait') return 'a wait() whose limit passed';
  return placeText(kind, address, who);
}
