import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Gpa, Nanos, Width } from '../../src/core/bits.ts';
import type { DriverMemory, GuestPort } from '../../src/core/guest-port.ts';

const LETTER = { 1: 'b', 2: 'w', 4: 'l' } as const;
const FIRST_FREE = 0x10_0000;
const PAGE = 4096;
/** The most bytes of memory in one command. */
const CHUNK = 16_384;
const FIRMWARE_SIZE = 0x1_0000;
/** At the reset vector: cli; hlt; jmp to the hlt. */
const HALT = [0xfa, 0xf4, 0xeb, 0xfd];

/**
 * QEMU as a `GuestPort`: its qtest protocol over two FIFOs, a line for each access. No interrupt can be taken, so
 * drivers must poll, and time is real. Its CPU sits in a halt loop where firmware would be.
 *
 * @example
 * const port = QtestPort.start(['-device', 'virtio-scsi-pci,disable-modern=on']);
 * enumerate(port);
 * port.close();
 */
export class QtestPort implements GuestPort {
  readonly memory: DriverMemory;
  private readonly folder: string;
  private readonly qemu: ChildProcess;
  private readonly to: number;
  private readonly from: number;
  private readonly buffer = Buffer.alloc(65_536);
  private pending = '';
  private next = FIRST_FREE;

  private constructor(folder: string, qemu: ChildProcess) {
    this.folder = folder;
    this.qemu = qemu;
    this.to = openSync(join(folder, 'q.in'), 'w');
    this.from = openSync(join(folder, 'q.out'), 'r');
    this.memory = this.makeMemory();
  }

  static start(options: readonly string[]): QtestPort {
    const folder = mkdtempSync(join(tmpdir(), 'guestrig-qtest-'));
    execFileSync('mkfifo', [join(folder, 'q.in'), join(folder, 'q.out')]);
    const firmware = Buffer.alloc(FIRMWARE_SIZE, 0xf4);
    firmware.set(HALT, FIRMWARE_SIZE - 16);
    writeFileSync(join(folder, 'halt.bin'), firmware);
    const common = ['-nodefaults', '-no-user-config', '-display', 'none', '-accel', 'tcg', '-m', '128'];
    const own = [
      '-bios',
      join(folder, 'halt.bin'),
      '-qtest',
      `pipe:${join(folder, 'q')}`,
      '-qtest-log',
      'none',
    ];
    const qemu = spawn('qemu-system-x86_64', [...common, ...own, ...options], { stdio: 'inherit' });
    return new QtestPort(folder, qemu);
  }

  in(port: number, width: Width): number {
    return Number(this.ask(`in${LETTER[width]} ${port}`));
  }

  out(port: number, value: number, width: Width): void {
    this.ask(`out${LETTER[width]} ${port} ${value}`);
  }

  read(address: Gpa, width: Width): number {
    return Number(this.ask(`read${LETTER[width]} ${address}`));
  }

  write(address: Gpa, value: number, width: Width): void {
    this.ask(`write${LETTER[width]} ${address} ${value}`);
  }

  allocate(bytes: number, align: number): Gpa {
    const at = Math.ceil((this.next + PAGE) / align) * align;
    this.next = at + Math.ceil(bytes / PAGE) * PAGE;
    this.memory.fill(at, 0, bytes);
    return at;
  }

  release(): void {}

  handle(): void {
    throw new Error('no interrupt can be taken over qtest: let the driver poll');
  }

  mask(): void {}
  unmask(): void {}

  now(): Nanos {
    return Math.floor(performance.now() * 1e6);
  }

  wait(until: () => boolean, limit: Nanos): boolean {
    const end = this.now() + limit;
    while (!until()) if (this.now() >= end) return false;
    return true;
  }

  close(): void {
    this.qemu.kill();
    closeSync(this.to);
    closeSync(this.from);
    rmSync(this.folder, { recursive: true });
  }

  private makeMemory(): DriverMemory {
    return {
      load: (address, width) => this.read(address, width),
      store: (address, value, width) => this.write(address, value, width),
      read: (address, into) => {
        for (let at = 0; at < into.length; at += CHUNK) {
          const length = Math.min(CHUNK, into.length - at);
          into.set(Buffer.from(this.ask(`b64read ${address + at} ${length}`), 'base64'), at);
        }
      },
      write: (address, from) => {
        for (let at = 0; at < from.length; at += CHUNK) {
          const part = from.subarray(at, at + CHUNK);
          this.ask(`b64write ${address + at} ${part.length} ${Buffer.from(part).toString('base64')}`);
        }
      },
      fill: (address, value, length) => {
        if (length > 0) this.ask(`memset ${address} ${length} ${value}`);
      },
      fence: () => {},
    };
  }

  /** Sends a command and returns what follows `OK`. */
  private ask(command: string): string {
    writeSync(this.to, `${command}\n`);
    for (;;) {
      const end = this.pending.indexOf('\n');
      if (end < 0) {
        this.pending += this.buffer.toString('latin1', 0, readSync(this.from, this.buffer));
        continue;
      }
      const line = this.pending.slice(0, end);
      this.pending = this.pending.slice(end + 1);
      if (line.startsWith('OK')) return line.slice(3);
      if (!line.startsWith('IRQ')) throw new Error(`qtest: ${command}: ${line}`);
    }
  }
}
