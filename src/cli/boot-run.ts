import type { Access } from '../core/access.ts';
import type { Nanos } from '../core/bits.ts';
import type { FirmwareBoot, LinuxBoot, RunEnd } from '../hosts/v86/index.ts';
import type { Machine } from '../machine/machine.ts';
import { FCR, IER, LCR, LSR } from '../serial/registers.ts';
import {
  type AnyWhere,
  askedEnd,
  type BootEnd,
  bootEnd,
  doing,
  type How,
  placeOf,
  type Seen,
  type Wanted,
} from './boot-end.ts';
import { Console } from './console.ts';
import type { AnyCrash } from './crash-text.ts';
import type { Io } from './io.ts';
import { KeptDevices, viewOf } from './kept-devices.ts';
import { Script } from './script.ts';
import type { ScriptFile } from './script-file.ts';
import { besideConsole, Silence } from './silence.ts';

interface BootWanted extends Wanted {
  readonly script: ScriptFile | null;
}

/** A processor in our machine, and a guest that it runs. */
interface GuestHost {
  readonly where: AnyWhere;
  readonly crash: AnyCrash | null;
  run(options: { readonly until: () => boolean; readonly paced: boolean }): Promise<RunEnd>;
  close(): Promise<void>;
}

/** Gives a machine a processor, and loads a guest into its RAM. */
export type HostMaker = (machine: Machine, guest: LinuxBoot | FirmwareBoot) => Promise<GuestHost>;

/** A guest that runs until it is off, halts permanently or crashes, or until the command line's end comes. */
export class BootRun implements Seen {
  readonly console: Console;
  readonly script: Script | null;
  stopped = false;
  crash: AnyCrash | null = null;
  private readonly machine: Machine;
  private readonly wanted: Wanted;
  private readonly io: Io;
  private readonly makeHost: HostMaker;
  private readonly begun: Nanos;
  private readonly silence: Silence;
  private firmware: FirmwareWatch | null = null;
  /** For input from a pipe: a person waits for the guest. */
  private typist: Typist | null = null;

  constructor(machine: Machine, wanted: BootWanted, io: Io, makeHost: HostMaker) {
    const { script } = wanted;
    this.makeHost = makeHost;
    this.machine = machine;
    this.wanted = wanted;
    this.io = io;
    this.begun = machine.now;
    this.console = new Console(machine, wanted.until);
    this.silence = new Silence(besideConsole(io, this.console));
    this.script = script && new Script(machine.serial[0]!, machine.chassis.board.clock, script);
  }

  get time(): Nanos {
    return this.machine.now - this.begun;
  }

  async toItsEnd(guest: LinuxBoot | FirmwareBoot): Promise<BootEnd> {
    const unlisten = this.io.keyboard?.listen(
      (bytes) => this.type(bytes),
      () => {
        this.stopped = true;
      },
    );
    if ('firmware' in guest) this.firmware = new FirmwareWatch(this.machine);
    try {
      return bootEnd(await this.run(guest), this.wanted, this);
    } finally {
      this.firmware?.end();
      unlisten?.();
    }
  }

  /** A guest that resets is booted again. */
  private async run(guest: LinuxBoot | FirmwareBoot): Promise<How> {
    for (;;) {
      const end = await this.runOnce(guest);
      if (end === 'until' || end === 'limit') return askedEnd(this.wanted, this)!;
      if (end !== 'reset') return end;
    }
  }

  private async runOnce(guest: LinuxBoot | FirmwareBoot): Promise<RunEnd> {
    const host = await this.makeHost(this.machine, guest);
    // Loading takes a second or two on a busy host.
    this.silence.broken(this.time === 0 ? this.io.begun : undefined);
    const where = () => host.where;
    this.firmware?.begin(where);
    const until = () => {
      this.show();
      this.firmware?.look();
      this.typist?.tick();
      this.silence.look(() => doing(where()), this.time);
      return askedEnd(this.wanted, this) !== null;
    };
    const end = await host.run({ until, paced: this.io.keyboard?.live === true });
    await host.close();
    this.crash = host.crash;
    this.show();
    return end;
  }

  private type(bytes: Uint8Array): void {
    if (this.io.keyboard?.live === true) this.machine.serial[0]!.type(bytes);
    else (this.typist ??= new Typist(this.machine)).type(bytes);
  }

  private show(): void {
    const text = this.console.read();
    if (text === '') return;
    this.silence.broken();
    this.io.out(text);
  }
}

const MILLISECOND: Nanos = 1_000_000;
/** How late a guest may answer a line. */
const QUIET: Nanos = 100 * MILLISECOND;
/** Two polls for input closer together count as one; polls farther apart do not belong to one wait. */
const APART: Nanos = MILLISECOND;
const FORGOTTEN: Nanos = 100 * MILLISECOND;
/** After this many polls without output between, a guest waits for input. */
const LOOKS = 3;
const RBR = 0;
const NEW_LINE = 0x0a;
const { ERBFI } = IER.mask;
const { DLAB } = LCR.mask;
const { RESET_RCVR } = FCR.mask;

/**
 * Types input that arrived at once, as from a pipe, when the guest listens: a UART has room for one byte, or sixteen. A
 * guest listens if it has the receive interrupt on, or polls for data while it prints nothing. A byte is typed when the
 * one before it was taken, a line when the guest has answered the one before it.
 */
class Typist {
  private readonly machine: Machine;
  private readonly waiting: number[] = [];
  private next = 0;
  private interrupted = false;
  private looks = 0;
  private lookedAt: Nanos = 0;
  private printedAt: Nanos = 0;
  /** The last typed byte was not taken yet. */
  private untaken = false;
  private atLineStart = true;

  constructor(machine: Machine) {
    this.machine = machine;
    const { name } = machine.serial[0]!;
    machine.events.on('serial', (port) => {
      if (port === name) this.printed();
    });
    machine.events.on('reset', () => {
      this.interrupted = this.untaken = false;
      this.looks = 0;
    });
    machine.observe({
      begin: () => {},
      end: (access) => {
        if (access.region?.name === name) this.accessed(access);
      },
    });
  }

  type(bytes: Uint8Array): void {
    for (const byte of bytes) this.waiting.push(byte);
  }

  /** To be called about every millisecond of the guest's time: types a byte, if the guest will take it. */
  tick(): void {
    const { machine, waiting } = this;
    if (this.next === waiting.length || this.untaken) return;
    if (!this.interrupted && this.looks < LOOKS) return;
    if (this.atLineStart && machine.now - this.printedAt < QUIET) return;
    const byte = waiting[this.next++]!;
    this.atLineStart = byte === NEW_LINE;
    this.untaken = true;
    machine.serial[0]!.type(Uint8Array.of(byte));
  }

  private printed(): void {
    this.printedAt = this.machine.now;
    this.looks = 0;
  }

  private accessed({ offset, write, value, context }: Access): void {
    const latched = (context & DLAB) !== 0;
    if (write && offset === IER.offset && !latched) this.interrupted = (value & ERBFI) !== 0;
    else if (write && offset === FCR.offset && (value & RESET_RCVR) !== 0) this.untaken = false;
    else if (!write && offset === RBR && !latched) this.untaken = false;
    else if (!write && offset === LSR.offset) this.looked();
  }

  private looked(): void {
    const since = this.machine.now - this.lookedAt;
    if (since < APART) return;
    this.looks = since > FORGOTTEN ? 1 : this.looks + 1;
    this.lookedAt = this.machine.now;
  }
}

/**
 * Attributes accesses to the BIOS or to the system that it boots. Until it hands over, all of them are the BIOS's. It
 * never executes in conventional memory, where it puts the boot sector (0:7C00), and never turns paging on: code that
 * does so is the system. Afterwards the BIOS's are the accesses of its own code, at C0000 to FFFFF: INT 13h and the
 * like. What a virtio device does by itself, at a later time, belongs to its driver, whatever code runs then.
 */
export class FirmwareWatch {
  private readonly machine: Machine;
  private readonly kept: KeptDevices;
  private where: (() => AnyWhere) | null = null;
  private started = false;
  private everStarted = false;

  constructor(machine: Machine) {
    this.machine = machine;
    this.kept = new KeptDevices(machine);
    machine.journal.excuses = (subject) => this.isFirmware(subject);
  }

  /** Power came on, or a reset: the BIOS begins again. */
  begin(where: () => AnyWhere): void {
    this.where = where;
    this.started = false;
    this.look();
  }

  /** Checks where the guest executes; to be called often. */
  look(): void {
    this.machine.journal.isExcused();
  }

  /** The boot is over. The checks of a BIOS that started no system do not count. */
  end(): void {
    this.start();
    this.machine.journal.excuses = null;
    this.where = null;
    this.look();
  }

  private isFirmware(subject: string | null): boolean {
    if (this.where === null) return false;
    const place = placeOf(this.where());
    if (place === 'conventional memory' || place === 'a kernel' || place === 'a program') this.start();
    if (!this.started) return true;
    return subject !== null && this.actsByItself(subject) ? this.kept.drives(subject) : place === 'the BIOS';
  }

  private actsByItself(subject: string): boolean {
    const { journal, virtio } = this.machine;
    return !journal.trail.underWay && viewOf(subject, virtio) !== undefined;
  }

  private start(): void {
    if (this.started) return;
    this.started = true;
    this.kept.take();
    if (this.everStarted) return;
    this.everStarted = true;
    this.machine.observe(this.kept);
    this.machine.journal.startOver();
  }
}
