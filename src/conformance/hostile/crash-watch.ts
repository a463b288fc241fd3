import { bytesText, hex } from '../../core/bits.ts';
import { callers, theirFrames } from '../../core/callers.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { MemoryTap } from '../../core/memory-tap.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { Machine } from '../../machine/machine.ts';
import { behind } from '../broken/behind.ts';
import { isEndless } from '../host/errors.ts';

/** Below lie tables and ROM, which a driver may read. */
const MEGABYTE = 0x10_0000;
const FOUR_GIB = 0x1_0000_0000;
/** Errors that no driver throws on purpose. */
const CRASHES = [TypeError, ReferenceError, SyntaxError, EvalError, URIError, MisuseError];
/** A RangeError may be a driver's own; these are the engine's. */
const ENGINES =
  /^(Invalid (typed )?array|Array buffer|Invalid (string|count|array buffer)|offset is out|Offset is outside|Start offset|Maximum call|Invalid code point|.*[Ll]ength .*out of range)/;

/** How a lie brought a driver down. */
interface Crash {
  readonly said: string;
  /** The driver's line. */
  readonly stack: string;
}

/** Ends a driver at the access that is wrong. */
class CrashError extends Error {}

/** An error as the end of a driver; null if it is one that it may give up with. */
export function crashOf(error: unknown): Crash | null {
  if (!(error instanceof Error)) return null;
  const { name, message, stack = '' } = error;
  const crash = (said: string) => ({ said, stack: theirFrames(stack) });
  if (isEndless(error)) return crash(`it went on for ever: ${message}`);
  // A module's trap is the cause of the error that names its export.
  const isModule = name === 'WasmDriverError';
  if (!isCrash(isModule ? error.cause : error, isModule)) return null;
  return crash(isModule ? `it crashed: ${message}` : `it crashed: ${name}: ${message}`);
}

function isCrash(error: unknown, isModule: boolean): boolean {
  if (!(error instanceof Error)) return false;
  // To ask for more memory than there is gets this error, for no driver has another answer to it.
  if (error instanceof MisuseError && error.path === 'memory') return false;
  if (isModule || CRASHES.some((kind) => error instanceof kind)) return true;
  return error instanceof RangeError && ENGINES.test(error.message);
}

/**
 * Watches what a driver does to memory that is not its own: what it allocated is, and what firmware left may be read.
 * A driver that allocates nothing has memory of which nothing is known.
 */
export class CrashWatch implements MemoryTap {
  first: Crash | null = null;
  readonly port: GuestPort;
  private readonly isTold: () => boolean;
  /** Where RAM for drivers ends, and firmware's tables begin. */
  private readonly end: number;
  private owned: { readonly at: number; readonly end: number }[] = [];

  /** @param isTold whether the lie was told: what comes before is no crash. */
  constructor(machine: Machine, port: GuestPort, isTold: () => boolean) {
    this.isTold = isTold;
    this.end = MEGABYTE + machine.e820.find(({ base }) => base === MEGABYTE)!.size;
    this.port = behind(port, {
      allocate: (bytes, align) => this.given(port, bytes, align),
      release: (address) => this.takenBack(port, address),
    });
  }

  /** The first crash is kept. */
  crashed(crash: Crash | null): void {
    if (crash !== null && this.isTold()) this.first ??= crash;
  }

  loaded(address: number, width: number): void {
    this.touched(address, width, false);
  }

  stored(address: number, width: number): void {
    this.touched(address, width, true);
  }

  read(address: number, length: number): void {
    this.touched(address, length, false);
  }

  writing(address: number, from: Uint8Array): void {
    this.touched(address, from.length, true);
  }

  filling(address: number, _value: number, length: number): void {
    this.touched(address, length, true);
  }

  missed(address: number, length: number, write: boolean): void {
    this.strayed(address, length, write, 'where no RAM is');
  }

  allocated(): void {}
  released(): void {}
  wrote(): void {}
  narrowed(): void {}
  look(): void {}
  goesOn(): void {}

  private given(port: GuestPort, bytes: number, align: number): number {
    const at = port.allocate(bytes, align);
    this.owned.push({ at, end: at + bytes });
    return at;
  }

  private takenBack(port: GuestPort, address: number): void {
    port.release(address);
    this.owned = this.owned.filter(({ at }) => at !== address);
  }

  private touched(address: number, length: number, write: boolean): void {
    if (length === 0 || this.owned.length === 0 || !this.isTold()) return;
    const isFirmware = address < MEGABYTE || (address >= this.end && address < FOUR_GIB);
    if (isFirmware && !write) return;
    if (this.owned.some(({ at, end }) => address >= at && address + length <= end)) return;
    this.strayed(address, length, write, 'which are not all its own');
  }

  private strayed(address: number, length: number, write: boolean, why: string): void {
    if (!this.isTold()) return;
    const what = `${write ? 'stored' : 'loaded'} ${bytesText(length)} at ${hex(address, 8)}`;
    this.crashed({ said: `it ${what}, ${why}`, stack: callers() });
    throw new CrashError(this.first!.said);
  }
}
