import type { RamDecode } from '../chipset/i440fx.ts';
import type { MmioSpace, PortSpace } from '../core/address-space.ts';
import type { Gpa, Nanos, Width } from '../core/bits.ts';
import { checkFunction } from '../core/checks.ts';
import { type Clock, TIME_END } from '../core/clock.ts';
import type { GuestPort } from '../core/guest-port.ts';
import type { GuestMemory } from '../core/memory.ts';
import { MisuseError } from '../core/misuse.ts';
import type { Instruction, Processor } from '../core/processor.ts';
import type { Endian } from '../core/struct.ts';
import type { UserCalls } from '../core/user-calls.ts';
import type { Cpu } from './cpu.ts';
import { Patience } from './patience.ts';
import { checkAddress, checkPort, checkValue, checkWidth, closedError, RamAccess } from './ram-access.ts';
import type { RamAllocator } from './ram-allocator.ts';

/** Records what a guest does at its port that is not an access. */
export interface PortTape {
  /** The guest got this many more bytes, which are zero. */
  given(address: Gpa, bytes: number): void;
  /** It has a handler for a vector. */
  handles(vector: number): void;
  masks(on: boolean): void;
  asksTime(): void;
  /** A processor executes an instruction: its name as a method of `Processor`, and the arguments. */
  executes(vcpu: number, name: Instruction, given: readonly number[]): void;
  /** The guest waits, this long at most; handlers run, and `looked` gives each result of its condition. */
  waits(limit: Nanos): void;
  looked(done: boolean): void;
}

/** The counter of an 8254 loads its count, lets OUT fall, then rise: only one of this many firings may interrupt. */
const FIRINGS = 3;

/**
 * A guest that asks for the time waits for it to pass: it gets this many answers, each later by an eighth, or at the
 * next tick.
 */
const LOOKS = 10_000;
const [FIRST, EIGHTH]: readonly [Nanos, number] = [1000, 1 / 8];

/**
 * A wait without a limit. It is in vain once no pending timer could end it: only periodic timers are left, each has
 * ticked without an interrupt, and the guest does not wait for a time.
 *
 * @example
 * const endless = new EndlessWait(clock);
 * while (!until() && !endless.isInVain(cpu.takeInterrupts(end), true)) clock.step(endless.horizon);
 */
class EndlessWait {
  private readonly clock: Clock;
  /** How often each timer has fired, at least, since the last interrupt; and when all have fired once more. */
  private firings = 0;
  private next: Nanos = 0;
  private readonly begin: Nanos;
  private looks = 0;
  /** How far to go at most before the next look: a nanosecond where nothing is due behind an interrupt. */
  horizon: Nanos = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.clock = clock;
    this.begin = clock.now;
  }

  /** @param interrupted the CPU took an interrupt since the last call. @param asksTime the guest asked for the time. */
  isInVain(interrupted: boolean, asksTime: boolean): boolean {
    this.horizon = Number.POSITIVE_INFINITY;
    if (!this.nothingComes(interrupted)) return false;
    const { now } = this.clock;
    if (!asksTime || now >= TIME_END || this.looks++ === LOOKS) return true;
    this.firings = 0;
    this.horizon = Math.min(TIME_END, now + Math.max(FIRST, Math.ceil((now - this.begin) * EIGHTH)));
    return false;
  }

  private nothingComes(interrupted: boolean): boolean {
    const last = this.clock.lastTick;
    if (interrupted || last === Number.POSITIVE_INFINITY) {
      this.firings = 0;
      this.next = this.clock.now;
      if (last === 0) this.horizon = this.next + 1;
      return false;
    }
    if (last === 0) return true;
    if (this.clock.now < this.next) return false;
    this.next = last;
    return this.firings++ === FIRINGS;
  }
}

/** From here on, the host bridge gives every access to RAM where there is some. */
const MEGABYTE = 0x10_0000;

/** The parts of a machine that a port needs. */
interface PortParts {
  readonly ports: PortSpace;
  readonly mmio: MmioSpace;
  /** Where configuration space is in memory; undefined on a PC. */
  readonly ecam: Gpa | undefined;
  readonly ram: GuestMemory;
  readonly decode: RamDecode;
  readonly clock: Clock;
  readonly cpu: Cpu;
  readonly allocator: RamAllocator;
  /** Virtual time that each access costs. */
  readonly accessTime: Nanos;
  /** The guest's byte order. */
  readonly endian: Endian;
  readonly patience: Patience;
}

/**
 * A guest's access to one of our machines. Every access advances virtual time.
 *
 * @throws MisuseError for an invalid port, address, width or number, and once the machine is closed; errors of the
 * user's listeners, backends and media, when the access that caused them is done; EndlessLoopError when the machine's
 * patience is exhausted.
 */
export class MachinePort implements GuestPort {
  readonly memory: RamAccess;
  readonly ecam?: Gpa;
  processors: readonly Processor[] = [];
  /** Records what is not an access; null is no record. */
  tape: PortTape | null = null;
  /** The guest has asked for the time since a wait last tested its condition. */
  private asksTime = false;
  private readonly parts: PortParts;
  private readonly userCalls: UserCalls;

  constructor(parts: PortParts) {
    this.parts = parts;
    if (parts.ecam !== undefined) this.ecam = parts.ecam;
    this.userCalls = parts.clock.userCalls;
    parts.cpu.onIdle = () => parts.patience.waited(0);
    this.memory = new RamAccess(parts.ram, parts.endian, parts.patience);
  }

  in(port: number, width: Width): number {
    checkPort(port);
    checkWidth(width);
    const { clock, ports, accessTime, patience } = this.parts;
    clock.pass(accessTime);
    const value = ports.read(port, width);
    this.goesOn();
    patience.read(Patience.port(port), value, width);
    return value;
  }

  out(port: number, value: number, width: Width): void {
    checkPort(port);
    checkValue(value);
    checkWidth(width);
    const { clock, ports, accessTime, patience } = this.parts;
    clock.pass(accessTime);
    ports.write(port, value, width);
    this.goesOn();
    patience.write(Patience.port(port), value, width);
  }

  read(address: Gpa, width: Width): number {
    checkAddress(address);
    checkWidth(width);
    const { clock, mmio, ram, decode, accessTime } = this.parts;
    clock.pass(accessTime);
    const range = ram.find(address, width);
    const value =
      range !== null && (address >= MEGABYTE || decode.readsRam(address, width))
        ? this.memory.loadFrom(range, address, width)
        : mmio.read(address, width);
    this.goesOn();
    this.parts.patience.read(address, value, width);
    return value;
  }

  write(address: Gpa, value: number, width: Width): void {
    checkAddress(address);
    checkValue(value);
    checkWidth(width);
    const { clock, mmio, ram, decode, accessTime } = this.parts;
    clock.pass(accessTime);
    const range = ram.find(address, width);
    if (range !== null && (address >= MEGABYTE || decode.writesRam(address, width)))
      this.memory.storeTo(range, address, value, width);
    else mmio.write(address, value, width);
    this.goesOn();
    this.parts.patience.write(address, value, width);
  }

  allocate(bytes: number, align: number): Gpa {
    const at = this.parts.allocator.allocate(bytes, align);
    this.tape?.given(at, bytes);
    this.memory.tap?.allocated(at, bytes);
    return at;
  }

  release(at: Gpa): void {
    const bytes = this.parts.allocator.release(at);
    this.memory.tap?.released(at, bytes);
  }

  handle(vector: number, handler: () => void): void {
    checkFunction('handle.handler', handler);
    this.parts.cpu.handle(vector, handler);
    this.tape?.handles(vector);
  }

  mask(): void {
    this.tape?.masks(true);
    this.parts.cpu.mask();
  }

  unmask(): void {
    this.tape?.masks(false);
    this.parts.cpu.unmask();
  }

  now(): Nanos {
    const { clock, patience } = this.parts;
    this.tape?.asksTime();
    this.asksTime = true;
    patience.time(clock.now);
    return clock.now;
  }

  wait(until: () => boolean, limit: Nanos): boolean {
    const { clock, cpu, patience } = this.parts;
    checkFunction('wait.until', until);
    if (!(typeof limit === 'number' && limit >= 0))
      throw new MisuseError('wait.limit', limit, '0 ns or more');
    this.tape?.waits(limit);
    const begin = clock.now;
    const end = begin + Math.ceil(limit);
    const endless = end > TIME_END ? new EndlessWait(clock) : null;
    let isQuiet = true;
    for (;;) {
      const before = patience.pause();
      this.memory.behind?.goesOn();
      const interrupted = cpu.takeInterrupts(end);
      isQuiet &&= !interrupted;
      this.userCalls.raise();
      const at = clock.now;
      this.asksTime = false;
      const done = until();
      this.tape?.looked(done);
      if (done) return true;
      patience.resume(before);
      // The condition takes time, too: it is tested once more at the end.
      if (at >= end || endless?.isInVain(interrupted, this.asksTime)) break;
      if (clock.now < end) clock.step(endless?.horizon ?? end);
    }
    cpu.waitedInVain(endless === null ? clock.now - begin : Number.POSITIVE_INFINITY, isQuiet);
    patience.waited(clock.now - begin);
    return false;
  }

  get patience(): Patience {
    return this.parts.patience;
  }

  /** A processor executes an instruction that its hypervisor answers. @internal */
  executes(vcpu: number, name: Instruction, given: readonly number[]): void {
    const { clock, patience, accessTime } = this.parts;
    this.tape?.executes(vcpu, name, given);
    clock.pass(accessTime);
    patience.time(clock.now);
  }

  /** The firmware's accesses do not count against the guest's patience. */
  handOver(): void {
    this.parts.patience.progress();
  }

  /** Returns when devices have done the work of an access, or of passed time. @internal */
  goesOn(): void {
    this.memory.behind?.goesOn();
    this.userCalls.raise();
  }

  /** From now on the guest may idle without limit: it is a whole system. */
  idles(): void {
    this.parts.patience.endless();
  }

  /** From now on no access is possible. RAM stays readable. */
  close(): void {
    // Set on the instance, over the class's methods, so that an open machine need not check at each access.
    const refuse = () => {
      throw closedError('port');
    };
    Object.assign(this, {
      in: refuse,
      out: refuse,
      read: refuse,
      write: refuse,
      allocate: refuse,
      wait: refuse,
      executes: refuse,
    });
  }
}
