import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Gpa, Nanos, Width } from '../../core/bits.ts';
import type { DriverMemory, GuestPort } from '../../core/guest-port.ts';
import { MisuseError } from '../../core/misuse.ts';
import { PORT } from '../../core/places.ts';
import { findTables, MessageTables } from './message-tables.ts';
import { findQemu, HAS_PIIX4, hasQtestClock, type Qemu, QemuProcess } from './qemu-process.ts';
import { LETTER, QemuAllocator, QemuRam } from './qemu-ram.ts';
import { QtestWire, WireGone } from './qtest-wire.ts';
import { StandInCpu } from './stand-in-cpu.ts';

/** The time of an access where time does not advance by itself. */
const ACCESS: Nanos = 1000;
/** The longest step of a wait. */
const STEP: Nanos = 50_000;
/** Tests of a wait in a row after which the host's processor is left to QEMU for a moment. */
const EAGER = 64;
const MOMENT = 0.1;

/** The time of a QEMU. */
interface QemuTime {
  readonly now: Nanos;
  /** An access was made. */
  accessed(): void;
  /** A caller waits: some time passes, and no more than `most`. */
  pass(most: Nanos): void;
}

/** The host's time: if a CPU of QEMU runs, so does time. */
class HostTime implements QemuTime {
  private readonly zero = performance.now();
  private readonly cell = new Int32Array(new SharedArrayBuffer(4));
  private looks = 0;

  get now(): Nanos {
    return Math.floor((performance.now() - this.zero) * 1e6);
  }

  accessed(): void {}

  pass(): void {
    this.looks = (this.looks + 1) % (EAGER + 1);
    if (this.looks === EAGER) Atomics.wait(this.cell, 0, 0, MOMENT);
  }
}

/** QEMU's own time under `-accel qtest`: it stands still until it is advanced. */
class WireTime implements QemuTime {
  private readonly wire: QtestWire;
  private at: Nanos = 0;
  /** The time of accesses that QEMU does not have yet. */
  private owed: Nanos = 0;

  constructor(wire: QtestWire) {
    this.wire = wire;
  }

  get now(): Nanos {
    return this.at + this.owed;
  }

  accessed(): void {
    this.owed += ACCESS;
    if (this.owed >= STEP) this.step(0);
  }

  pass(most: Nanos): void {
    this.step(Math.min(most, STEP));
  }

  private step(more: Nanos): void {
    this.at = Number(this.wire.ask(`clock_step ${Math.ceil(this.owed + more)}`));
    this.owed = 0;
  }
}

const MIB = 1 << 20;
const PAGE = 4096;
const FIRMWARE_SIZE = 0x1_0000;
/** At the reset vector: cli; hlt; jmp to the hlt. */
const HALT = [0xfa, 0xf4, 0xeb, 0xfd];
const DATA_END = PORT.CONFDATA + 4;
/** A wait without a limit ends after this long: what is due on QEMU cannot be known. */
const ENDLESS: Nanos = 10_000_000_000;

/** The options of a QEMU. */
export interface QemuPortOptions {
  /** A file, or a name in PATH. Default: the environment's GUESTRIG_QEMU, then qemu-system-x86_64. */
  readonly binary?: string;
  /**
   * Its machine and devices; accelerator, RAM and firmware are set already. A function is given the folder for its
   * files, which is removed with it.
   */
  readonly arguments: readonly string[] | ((folder: string) => readonly string[]);
  /** RAM in MiB. Default 128. */
  readonly memory?: number;
  /** False: no interrupt is taken, and a driver reaches QEMU's own interrupt controllers. Default true. */
  readonly interrupts?: boolean;
}

/**
 * A running QEMU as a machine for drivers: a `GuestPort` by its qtest protocol. QEMU's CPU is in a halt loop in place of
 * firmware, and our CPU takes the interrupts. Time is the host's, or, where QEMU was built with the qtest accelerator,
 * QEMU's virtual time.
 *
 * @example
 * using port = QemuPort.start({ arguments: ['-device', 'virtio-scsi-pci,disable-modern=on'] });
 * enumerate(port);
 *
 * @throws MisuseError in one line for no QEMU, one that is too old, and one that does not start.
 */
export class QemuPort implements GuestPort {
  readonly memory: DriverMemory;
  /** Bytes of RAM. */
  readonly ramBytes: number;
  private readonly process: QemuProcess;
  private readonly wire: QtestWire;
  private readonly time: QemuTime;
  private readonly allocator: QemuAllocator;
  private readonly tables: MessageTables;
  private readonly cpu: StandInCpu | null;
  /** The value of CONFADD, to be restored after a search for tables. */
  private selected = 0;
  private closed = false;

  static start(options: QemuPortOptions): QemuPort {
    return QemuPort.startOn(findQemu(options.binary, HAS_PIIX4), options);
  }

  /** @internal */
  static startOn(qemu: Qemu, options: QemuPortOptions): QemuPort {
    const stands = hasQtestClock(qemu);
    const { memory = 128, arguments: argv } = options;
    const process = new QemuProcess(qemu, (folder) => [
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-accel', stands ? 'qtest' : 'tcg'],
      ...['-m', `${memory}`, '-bios', haltingFirmware(folder)],
      ...(typeof argv === 'function' ? argv(folder) : argv),
    ]);
    try {
      return new QemuPort(process, options, stands);
    } catch (error) {
      const { said } = process;
      process.close();
      if (!(error instanceof WireGone)) throw error;
      throw new MisuseError('qemu', argv, '', `${qemu.binary} does not start: ${said || error.message}`);
    }
  }

  private constructor(process: QemuProcess, options: QemuPortOptions, stands: boolean) {
    const { memory = 128, interrupts = true } = options;
    this.process = process;
    this.ramBytes = memory * MIB;
    this.cpu = interrupts ? new StandInCpu() : null;
    this.wire = new QtestWire(process.to, process.from, (line, level) => this.cpu?.line(line, level));
    this.wire.ask('endianness');
    if (interrupts) this.wire.ask('irq_intercept_in ioapic');
    this.time = stands ? new WireTime(this.wire) : new HostTime();
    const ram = new QemuRam(this.wire);
    this.memory = ram;
    this.allocator = new QemuAllocator(ram, this.ramBytes - PAGE);
    this.tables = new MessageTables(ram, this.ramBytes - PAGE, () => this.findTables());
  }

  in(port: number, width: Width): number {
    this.time.accessed();
    if (this.cpu?.hasPort(port, width)) return this.cpu.ports.read(port, width);
    return Number(this.wire.ask(`in${LETTER[width]} ${port}`));
  }

  out(port: number, value: number, width: Width): void {
    this.time.accessed();
    if (this.cpu?.hasPort(port, width)) {
      this.cpu.ports.write(port, value, width);
      return;
    }
    if (port === PORT.CONFADD && width === 4) this.selected = value;
    if (port >= PORT.CONFDATA && port < DATA_END) this.tables.moved();
    this.wire.ask(`out${LETTER[width]} ${port} ${value >>> 0}`);
  }

  read(address: Gpa, width: Width): number {
    this.time.accessed();
    if (this.cpu?.hasMemory(address, width)) return this.cpu.mmio.read(address, width);
    const shown = this.tables.shown(address);
    return shown !== null && width === 4 ? shown : this.memory.load(address, width);
  }

  write(address: Gpa, value: number, width: Width): void {
    this.time.accessed();
    if (this.cpu?.hasMemory(address, width)) this.cpu.mmio.write(address, value, width);
    else this.memory.store(address, this.toBeWritten(address, value, width), width);
  }

  allocate(bytes: number, align: number): Gpa {
    return this.allocator.allocate(bytes, align);
  }

  release(at: Gpa): void {
    this.allocator.release(at);
  }

  handle(vector: number, handler: () => void): void {
    if (this.cpu === null)
      throw new MisuseError('handle', vector, '', 'this port takes no interrupts: let the driver poll');
    this.cpu.cpu.handle(vector, handler);
  }

  mask(): void {
    this.cpu?.cpu.mask();
  }

  unmask(): void {
    this.cpu?.cpu.unmask();
  }

  now(): Nanos {
    return this.time.now;
  }

  wait(until: () => boolean, limit: Nanos): boolean {
    const end = this.now() + Math.min(limit, ENDLESS);
    for (;;) {
      this.takeInterrupts(end);
      if (until()) return true;
      const left = end - this.now();
      if (left <= 0) return false;
      this.time.pass(left);
    }
  }

  /** Ends QEMU. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.cpu?.close();
    this.wire.close();
    this.process.close();
  }

  /** The same at the end of a block: `using port = …`. */
  [Symbol.dispose](): void {
    this.close();
  }

  private takeInterrupts(end: Nanos): void {
    const { cpu } = this;
    if (cpu === null) return;
    // An answer comes after every line change before it.
    this.wire.ask('endianness');
    this.tables.take((address, data) => cpu.message(address, data));
    cpu.catchUp(this.now());
    cpu.cpu.takeInterrupts(end);
    cpu.clock.userCalls.raise();
  }

  private toBeWritten(address: Gpa, value: number, width: Width): number {
    return this.cpu === null || address < this.ramBytes ? value : this.tables.written(address, value, width);
  }

  private findTables() {
    const { selected } = this;
    const places = findTables(this);
    this.out(PORT.CONFADD, selected, 4);
    return places;
  }
}

function haltingFirmware(folder: string): string {
  const image = new Uint8Array(FIRMWARE_SIZE).fill(HALT[1]!);
  image.set(HALT, FIRMWARE_SIZE - 16);
  const path = join(folder, 'halt.bin');
  writeFileSync(path, image);
  return path;
}
