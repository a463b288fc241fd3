import type { Gpa, Nanos, Width } from '../../src/core/bits.ts';
import type { DriverMemory, GuestPort } from '../../src/core/guest-port.ts';
import type { Machine } from '../../src/index.ts';
import { accessKind } from './access-kind.ts';
import { checkAddress, checkPort } from './driver-mistake.ts';
import type { Lender } from './lender.ts';
import { OP, type OpCode } from './op.ts';
import type { Run } from './run.ts';
import { WireMemory } from './wire-memory.ts';

/** Maximum virtual time of one call of `wait`: a watchdog sees each of them. */
const SLICE: Nanos = 1_000_000;
/** Longer than any device takes; a driver with a dead device should give up soon. */
const PATIENCE: Nanos = 20 * SLICE;

/**
 * The only path to a machine: every operation of the guest goes through it, counted, timed, hashed, and recorded if
 * requested. An exception of the machine is a failure; one of a driver's handler goes to the driver.
 */
export class Wire implements GuestPort {
  readonly memory: DriverMemory;
  readonly index: number;
  readonly machine: Machine;
  readonly run: Run;
  private readonly lender: Lender;
  private thrown: unknown = null;

  constructor(machine: Machine, index: number, run: Run, lender: Lender) {
    this.machine = machine;
    this.index = index;
    this.run = run;
    this.lender = lender;
    this.memory = new WireMemory(machine.port.memory, index, run);
  }

  in(port: number, width: Width): number {
    checkPort(port);
    this.run.write(['in', this.index, port, width]);
    return this.get(OP.in, port, width);
  }

  read(address: Gpa, width: Width): number {
    checkAddress(address);
    this.run.write(['read', this.index, address, width]);
    return this.get(OP.read, address, width);
  }

  out(port: number, value: number, width: Width): void {
    checkPort(port);
    this.run.write(['out', this.index, port, value, width]);
    this.put(OP.out, port, value, width);
  }

  write(address: Gpa, value: number, width: Width): void {
    checkAddress(address);
    this.run.write(['write', this.index, address, value, width]);
    this.put(OP.write, address, value, width);
  }

  allocate(bytes: number, align: number): Gpa {
    const at = this.lender.lend(bytes, align);
    this.memory.fill(at, 0, bytes);
    return at;
  }

  /** Memory is reused: an old owner then finds another's bytes in it. */
  release(_at: Gpa): void {}

  handle(vector: number, handler: () => void): void {
    this.machine.port.handle(vector, () => this.guarded(handler));
  }

  mask(): void {
    this.run.write(['mask', this.index]);
    this.run.counts[OP.mask]!++;
    this.machine.port.mask();
  }

  unmask(): void {
    this.run.write(['unmask', this.index]);
    this.run.counts[OP.unmask]!++;
    this.machine.port.unmask();
  }

  now(): Nanos {
    return this.machine.now;
  }

  wait(until: () => boolean, limit: Nanos): boolean {
    const end = this.now() + Math.min(limit, PATIENCE);
    let came = false;
    while (!came && this.now() < end) came = this.slice(until, Math.min(SLICE, end - this.now()));
    return came;
  }

  private slice(until: () => boolean, limit: Nanos): boolean {
    const { run, machine } = this;
    const start = run.depth;
    run.begin(OP.wait, limit, 0, 0);
    // Operations of handlers are recorded separately; time passes where they were checked.
    run.depth = start;
    let since = this.now();
    const asked = () => {
      run.write(['wait', this.index, this.now() - since]);
      since = this.now();
      return this.thrown !== null || this.guarded(until) === true || this.thrown !== null;
    };
    let came = false;
    try {
      came = machine.port.wait(asked, limit);
    } catch (error) {
      run.threw(error);
    }
    this.rethrow();
    return came;
  }

  private get(code: OpCode, address: number, width: Width): number {
    const { run, machine } = this;
    run.begin(code, address, 0, width);
    const from = performance.now();
    let value = 0;
    try {
      value = code === OP.in ? machine.port.in(address, width) : machine.port.read(address, width);
    } catch (error) {
      run.threw(error);
    }
    this.ended(code, address, from);
    run.digest.add(value);
    return value;
  }

  private put(code: OpCode, address: number, value: number, width: Width): void {
    const { run, machine } = this;
    run.begin(code, address, value, width);
    const from = performance.now();
    try {
      if (code === OP.out) machine.port.out(address, value, width);
      else machine.port.write(address, value, width);
    } catch (error) {
      run.threw(error);
    }
    this.ended(code, address, from);
  }

  private ended(code: OpCode, address: number, from: number): void {
    const { run, machine } = this;
    run.end();
    run.slowest.took(performance.now() - from, run.ops, () => accessKind(machine, code, address));
  }

  /** Runs a driver's code inside the machine: its exceptions must not look like the machine's. */
  private guarded<T>(run: () => T): T | undefined {
    if (this.thrown !== null) return undefined;
    try {
      return run();
    } catch (error) {
      this.thrown = error;
      return undefined;
    }
  }

  private rethrow(): void {
    const { thrown } = this;
    this.thrown = null;
    if (thrown !== null) throw thrown;
  }
}
