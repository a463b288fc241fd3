import type { Nanos } from '../core/bits.ts';
import {
  type FirmwareBoot,
  type GuestCrash,
  type LinuxBoot,
  type RunEnd,
  V86Host,
} from '../hosts/v86/index.ts';
import type { Machine } from '../machine/machine.ts';
import { askedEnd, type BootEnd, bootEnd, type How, type Seen, type Wanted } from './boot-end.ts';
import { Console } from './console.ts';
import type { Io } from './io.ts';
import { Script } from './script.ts';
import type { Statement } from './script-file.ts';

interface BootWanted extends Wanted {
  readonly script: { readonly path: string; readonly statements: readonly Statement[] } | null;
}

/** A guest that runs until it is off, halts for good or crashes, or until the command line's end of it comes. */
export class BootRun implements Seen {
  readonly console: Console;
  readonly script: Script | null;
  stopped = false;
  crash: GuestCrash | null = null;
  private readonly machine: Machine;
  private readonly wanted: Wanted;
  private readonly io: Io;
  private readonly begun: Nanos;

  constructor(machine: Machine, wanted: BootWanted, io: Io) {
    const { script } = wanted;
    this.machine = machine;
    this.wanted = wanted;
    this.io = io;
    this.begun = machine.now;
    this.console = new Console(machine, wanted.until);
    this.script = script === null ? null : new Script(machine, script.path, script.statements);
  }

  get time(): Nanos {
    return this.machine.now - this.begun;
  }

  async toItsEnd(guest: LinuxBoot | FirmwareBoot): Promise<BootEnd> {
    const unlisten = this.io.keyboard?.listen(
      (bytes) => this.machine.serial[0]!.type(bytes),
      () => {
        this.stopped = true;
      },
    );
    try {
      return bootEnd(await this.run(guest), this.wanted, this);
    } finally {
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
    const host = await V86Host.create(this.machine, guest);
    const until = () => {
      this.show();
      return askedEnd(this.wanted, this) !== null;
    };
    const end = await host.run({ until, paced: this.io.keyboard?.live === true });
    await host.close();
    this.crash = host.crash;
    this.show();
    return end;
  }

  private show(): void {
    const text = this.console.read();
    if (text !== '') this.io.out(text);
  }
}
