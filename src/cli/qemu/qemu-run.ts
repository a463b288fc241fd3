import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Nanos } from '../../core/bits.ts';
import type { Qemu } from '../../hosts/qemu/find-qemu.ts';
import { VfioUserHost } from '../../hosts/vfio-user/index.ts';
import type { Machine } from '../../machine/machine.ts';
import { askedEnd, type BootEnd, bootEnd, type How, type Seen, type Wanted } from '../boot-end.ts';
import { Console } from '../console.ts';
import type { Io } from '../io.ts';
import { Script } from '../script.ts';
import type { ScriptFile } from '../script-file.ts';
import { besideConsole, Silence } from '../silence.ts';
import { type QemuGuest, qemuArguments } from './command-line.ts';
import { FirmwareTurn } from './firmware-turn.ts';
import { handOffRom } from './hand-off-rom.ts';
import { QemuProcess } from './qemu-process.ts';

/** Milliseconds between two checks whether the run may end. */
const LOOK = 50;

type GuestFiles = Pick<QemuGuest, 'kernel' | 'initrd' | 'append' | 'firmware' | 'smp' | 'more'>;

interface QemuWanted extends Wanted {
  readonly script: ScriptFile | null;
}

/** A guest on QEMU with our devices, until it is off or the command line's end comes. */
export class QemuRun implements Seen {
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
    const devices = machine.virtio.map(({ name, fn: { bdf } }) => ({ bdf, socket: join(folder, name) }));
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
