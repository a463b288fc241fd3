import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Qemu } from '../../hosts/qemu/find-qemu.ts';
import { VfioUserHost } from '../../hosts/vfio-user/index.ts';
import type { Machine } from '../../machine/machine.ts';
import { askedEnd, type BootEnd, bootEnd, type How, type Seen, type Wanted } from '../boot-end.ts';
import { Console } from '../console.ts';
import type { Io } from '../io.ts';
import { type QemuGuest, qemuArguments } from './command-line.ts';
import { FirmwareTurn } from './firmware-turn.ts';
import { QemuProcess } from './qemu-process.ts';

/** How often it is asked whether it is far enough, in milliseconds. */
const LOOK = 50;

type GuestFiles = Pick<QemuGuest, 'kernel' | 'initrd' | 'append' | 'firmware' | 'smp'>;

/** A guest of QEMU's with our devices, until it is off or the command line's end of it comes. */
export class QemuRun implements Seen {
  readonly console: Console;
  readonly script = null;
  readonly crash = null;
  stopped = false;
  private readonly machine: Machine;
  private readonly wanted: Wanted;
  private readonly io: Io;
  private readonly folder = mkdtempSync(join(tmpdir(), 'guestrig-'));
  private begun = performance.now();

  constructor(machine: Machine, wanted: Wanted, io: Io) {
    this.machine = machine;
    this.wanted = wanted;
    this.io = io;
    this.console = new Console(null, wanted.until);
  }

  /** A guest's time on QEMU is the host's. */
  get time(): number {
    return Math.floor((performance.now() - this.begun) * 1e6);
  }

  async toItsEnd({ binary, endsWithParent }: Qemu, guest: GuestFiles): Promise<BootEnd> {
    const { machine, folder } = this;
    const devices = machine.virtio.map(({ name, fn: { bdf } }) => ({ bdf, socket: join(folder, name) }));
    const debug = join(folder, 'firmware');
    const argv = qemuArguments({ ...guest, ram: machine.ramBytes, devices, debug, endsWithParent });
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
    const firmware = new FirmwareTurn(this.machine);
    this.begun = performance.now();
    const qemu = await QemuProcess.start(binary, argv, debug, {
      console: (bytes) => this.show(bytes),
      firmware: (text) => firmware.hear(text),
    });
    const unlisten = this.io.keyboard?.listen(
      (bytes) => qemu.type(bytes),
      () => {
        this.stopped = true;
      },
    );
    try {
      const how = await Promise.race([this.asked(), ended(host, qemu)]);
      const end = bootEnd(how, this.wanted, this);
      const said = qemu.said.trim();
      if (how === 'off' && (await qemu.exited) !== 0)
        return { ...end, complaints: [`QEMU gave up: ${said}`, ...end.complaints] };
      if (said !== '') this.io.err(`${said}\n`);
      return end;
    } finally {
      unlisten?.();
      this.over = true;
      qemu.close();
      host.close();
    }
  }

  private over = false;

  /** What the command line waits for came. */
  private async asked(): Promise<How> {
    for (;;) {
      const end = askedEnd(this.wanted, this);
      if (end !== null) return end;
      if (this.over) return 'off';
      await new Promise((resume) => setTimeout(resume, LOOK));
    }
  }

  private show(bytes: Uint8Array): void {
    this.console.hear(bytes);
    const text = this.console.read();
    if (text !== '') this.io.out(text);
  }
}

/** QEMU is gone, or what is served to it broke. */
async function ended(host: VfioUserHost, qemu: QemuProcess): Promise<'off'> {
  // It rejects at once; where it is over for another reason, QEMU is about to exit.
  await Promise.race([qemu.exited, host.ended]);
  await qemu.exited;
  return 'off';
}
