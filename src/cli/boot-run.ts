import type { Nanos } from '../core/bits.ts';
import type { FirmwareBoot, LinuxBoot, RunEnd } from '../hosts/v86/index.ts';
import type { Machine } from '../machine/machine.ts';
import { askedEnd, type BootEnd, bootEnd, type How, type Seen, type Wanted } from './boot-end.ts';
import { Console } from './console.ts';
import type { AnyCrash } from './crash-text.ts';
import { FirmwareWatch } from './firmware-watch.ts';
import { type AnyWhere, doing } from './guest-place.ts';
import type { Io } from './io.ts';
import { Script } from './script.ts';
import type { ScriptFile } from './script-file.ts';
import { besideConsole, Silence } from './silence.ts';
import { Typist } from './typist.ts';

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
