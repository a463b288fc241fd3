import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Nanos } from '../../core/bits.ts';
import { MisuseError } from '../../core/misuse.ts';
import { findQemu, type Qemu, SERVES_DEVICES } from '../../hosts/qemu/qemu-process.ts';
import { VfioUserHost } from '../../hosts/vfio-user/index.ts';
import { servable, withoutBridges } from '../../hosts/vfio-user/served-function.ts';
import type { Machine } from '../../machine/machine.ts';
import { reaching } from '../../media/file-errors.ts';
import type { SerialEndpoint, SerialPeer } from '../../serial/endpoint.ts';
import { askedEnd, type BootEnd, bootEnd, type How, type Seen, type Wanted } from '../boot-end.ts';
import type { GuestArguments } from '../boot-guest.ts';
import { Console } from '../console.ts';
import { STDIN } from '../input.ts';
import type { Io } from '../io.ts';
import { Script } from '../script.ts';
import type { ScriptFile } from '../script-file.ts';
import { besideConsole, Silence } from '../silence.ts';
import { type QemuGuest, qemuArguments } from './command-line.ts';
import { FirmwareTurn } from './firmware-turn.ts';
import { binaryOf } from './on-qemu.ts';

export interface QemuArguments extends GuestArguments {
  /** `qemu`, or `qemu:` and a file. */
  readonly on?: string;
  readonly until?: string;
  readonly limit?: Nanos;
  readonly script?: string;
  readonly disk?: readonly string[];
  readonly options?: string;
  readonly smp?: number;
  /** Arguments of the command line behind `--`, for QEMU. */
  readonly more: readonly string[];
}

/** Called before anything is built. @returns the QEMU. @throws MisuseError for options that it does not support. */
export function qemuFor(args: QemuArguments): Qemu {
  const { on = '', kernel, firmware, initrd, append, disk, options } = args;
  // Disks may be among the options, and a firmware boots from a network.
  if ([kernel, firmware, disk, options].every((one) => one === undefined))
    throw new MisuseError('boot', kernel, '', 'needs --kernel, --disk or --firmware');
  if (kernel === undefined)
    for (const [option, value] of Object.entries({ initrd, append }))
      if (value !== undefined) throw new MisuseError(`--${option}`, value, '', 'goes with --kernel');
  for (const [kind, file] of Object.entries({ kernel, firmware, initrd })) if (file) checkFile(kind, file);
  return findQemu(binaryOf(on), SERVES_DEVICES);
}

export function runOnQemu(
  qemu: Qemu,
  args: QemuArguments,
  script: ScriptFile | null,
  machine: Machine,
  io: Io,
): Promise<BootEnd> {
  const { until, limit, kernel, initrd, append, firmware, smp, more } = args;
  return new QemuRun(machine, { until, limit, script }, io).toItsEnd(qemu, {
    kernel,
    initrd,
    append,
    firmware,
    smp,
    more,
  });
}

/** QEMU reads the file, but its errors are less clear. */
function checkFile(kind: string, file: string): void {
  if (file === STDIN) throw new MisuseError(`--${kind}`, file, 'a file, which QEMU reads itself');
  reaching(kind, file, () => accessSync(file, constants.R_OK));
}

/** Milliseconds between two checks whether the run may end. */
const LOOK = 50;

type GuestFiles = Pick<QemuGuest, 'kernel' | 'initrd' | 'append' | 'firmware' | 'smp' | 'more'>;

interface QemuWanted extends Wanted {
  readonly script: ScriptFile | null;
}

/** A guest on QEMU with our devices, until it is off or the command line's end comes. */
class QemuRun implements Seen {
  readonly console: Console;
  script: Script | null = null;
  readonly crash = null;
  stopped = false;
  private over = false;
  private readonly machine: Machine;
  private readonly wanted: QemuWanted;
  private readonly io: Io;
  private readonly silence: Silence;
  private readonly folder = mkdtempSync(join(tmpdir(), 'guestrig-'));
  private begun: Nanos = 0;

  constructor(machine: Machine, wanted: QemuWanted, io: Io) {
    this.machine = machine;
    this.wanted = wanted;
    this.io = io;
    this.console = new Console(null, wanted.until);
    this.silence = new Silence(besideConsole(io, this.console));
  }

  /** The machine's clock runs with the host's, as for any guest on QEMU. */
  get time(): Nanos {
    return this.machine.now - this.begun;
  }

  async toItsEnd({ binary, endsWithParent }: Qemu, guest: GuestFiles): Promise<BootEnd> {
    const { machine, folder } = this;
    withoutBridges(machine);
    const devices = servable(machine).map(({ name, bdf }) => ({ bdf, socket: join(folder, name) }));
    const [debug, rom] = [join(folder, 'firmware'), join(folder, 'rom')];
    writeFileSync(debug, '');
    writeFileSync(rom, handOffRom(devices.map(({ bdf }) => bdf)));
    const argv = qemuArguments({ ...guest, ram: machine.ramBytes, devices, debug, rom, endsWithParent });
    try {
      const served = devices.map(({ bdf, socket }) => ({ device: bdf, socket }));
      const host = await VfioUserHost.listen(machine, ...served);
      return await this.run(host, binary, argv, debug);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  private async run(
    host: VfioUserHost,
    binary: string,
    argv: readonly string[],
    debug: string,
  ): Promise<BootEnd> {
    const { machine, wanted } = this;
    const firmware = new FirmwareTurn(machine, debug);
    const qemu = new QemuProcess(binary, argv, (bytes) => this.show(bytes));
    this.begun = machine.now;
    this.silence.broken();
    this.script = wanted.script && new Script(qemu, machine.chassis.board.clock, wanted.script);
    const unlisten = this.io.keyboard?.listen(
      (bytes) => qemu.type(bytes),
      () => {
        this.stopped = true;
      },
    );
    try {
      return await this.end(host, qemu);
    } finally {
      unlisten?.();
      this.over = true;
      qemu.close();
      host.close();
      firmware.close();
    }
  }

  private async end(host: VfioUserHost, qemu: QemuProcess): Promise<BootEnd> {
    const came = await Promise.race([this.asked(), ended(host, qemu)]);
    // Ctrl-C also reaches QEMU, if no terminal is in raw mode.
    const how = this.stopped ? 'stopped' : came;
    const end = bootEnd(how, this.wanted, this);
    const beside = how === 'stopped' ? [] : qemu.said.filter((line) => line !== qemu.why);
    for (const line of beside) this.io.err(`${line}\n`);
    if (how !== 'gone') return end;
    return { ...end, complaints: [[`QEMU gave up: ${qemu.why}`, ...end.complaints].join('; ')] };
  }

  /** Waits for the command line's end. */
  private async asked(): Promise<How> {
    for (;;) {
      const end = askedEnd(this.wanted, this);
      if (end !== null) return end;
      if (this.over) return 'off';
      this.silence.look(() => 'runs on QEMU', this.time);
      await new Promise((resume) => setTimeout(resume, LOOK));
    }
  }

  private show(bytes: Uint8Array): void {
    this.console.hear(bytes);
    const text = this.console.read();
    if (text === '') return;
    this.silence.broken();
    this.io.out(text);
  }
}

/** QEMU is gone, or the server of its devices failed. */
async function ended(host: VfioUserHost, qemu: QemuProcess): Promise<'off' | 'gone'> {
  // It rejects at once; if it is over for another reason, QEMU is about to exit.
  await Promise.race([qemu.exited, host.ended]);
  await qemu.exited;
  return qemu.why === null ? 'off' : 'gone';
}

/** Of the header: its size in blocks, and the entry behind it. */
const BLOCK = 512;
const SIZE_AT = 2;
const BEGIN = [0x66, 0x60]; // pushad
/** `mov byte cs:[2], 0`: a ROM of size 0 does not stay in memory. `popad`, `retf`. */
const END = [0x2e, 0xc6, 0x06, SIZE_AT, 0x00, 0x00, 0x66, 0x61, 0xcb];

/**
 * An option ROM that turns bus mastering on for these functions. Our firmware leaves it on for each function with base
 * addresses; SeaBIOS does so only for those that it drives.
 */
export function handOffRom(functions: readonly number[]): Uint8Array {
  const code = [...BEGIN, ...functions.flatMap(masters), ...END];
  // Three bytes of header and one that makes the sum 0.
  const blocks = Math.ceil((code.length + 4) / BLOCK);
  const rom = new Uint8Array(blocks * BLOCK);
  rom.set([0x55, 0xaa, blocks, ...code]);
  rom[rom.length - 1] = -rom.reduce((sum, byte) => sum + byte, 0) & 0xff;
  return rom;
}

/** Sets bit 2 of Command by the ports of configuration space. */
function masters(bdf: number): number[] {
  return [
    ...[0x66, 0xb8, 0x04, bdf, 0x00, 0x80], // mov eax, 80000004 | bdf << 8
    ...[0xba, 0xf8, 0x0c, 0x66, 0xef], // mov dx, cf8; out dx, eax
    ...[0xba, 0xfc, 0x0c, 0xed, 0x0c, 0x04, 0xef], // mov dx, cfc; in ax, dx; or al, 4; out dx, ax
  ];
}

/** How much of QEMU's error output is kept. */
const SAID_MAX = 4000;
/** Milliseconds to wait for the last output, if a child process still has it open. */
const LAST_WORDS = 250;
/** QEMU's message when a signal that it handles ends it; its status is then 0, as after a guest's power-off. */
const TERMINATED = /terminating on signal \d+/;

/** A running QEMU process, from the other end of its serial port. */
class QemuProcess implements SerialPeer {
  readonly name = 'ttyS0';
  readonly exited: Promise<void>;
  /** Why it ended before its guest was off, in words; null if it has not ended, or the guest was off. */
  why: string | null = null;
  private errors = '';
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly endpoints = new Set<SerialEndpoint>();

  /** @param heard gets the output of its serial port. */
  constructor(binary: string, argv: readonly string[], heard: (bytes: Uint8Array) => void) {
    this.child = spawn(binary, argv, { stdio: 'pipe' });
    this.child.stdout.on('data', (bytes: Uint8Array) => {
      heard(bytes);
      for (const endpoint of this.endpoints) for (const byte of bytes) endpoint.receive(byte);
    });
    this.child.stderr.on('data', (bytes: Uint8Array) => {
      this.errors = (this.errors + bytes).slice(-SAID_MAX);
    });
    // Input to a guest that is off is lost.
    this.child.stdin.on('error', () => {});
    this.exited = new Promise((resolve, reject) => {
      const end = (status: number | null, signal: string | null) => {
        this.why = this.whyEnded(status, signal);
        resolve();
      };
      this.child.on('error', reject).on('close', end);
      this.child.on('exit', (...how) => setTimeout(end, LAST_WORDS, ...how).unref());
    });
  }

  /** Its error output, a line each. */
  get said(): string[] {
    return this.errors.split('\n').filter((line) => line !== '');
  }

  /** QEMU takes as much at once as the guest's UART has room for. */
  type(bytes: Uint8Array | string): void {
    this.child.stdin.write(bytes);
  }

  listen(endpoint: SerialEndpoint): () => void {
    this.endpoints.add(endpoint);
    return () => this.endpoints.delete(endpoint);
  }

  /** Ends it. */
  close(): void {
    this.child.kill('SIGKILL');
    for (const said of [this.child.stdout, this.child.stderr]) said.destroy();
  }

  private whyEnded(status: number | null, signal: string | null): string | null {
    const last = this.said.at(-1);
    if (signal !== null) return `ended by ${signal}`;
    if (status !== 0) return last ?? `exit status ${status}`;
    return last !== undefined && TERMINATED.test(last) ? last : null;
  }
}
