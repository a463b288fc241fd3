import { type Machine, MisuseError } from '../../src/index.ts';
import { OP } from './op.ts';
import type { Run } from './run.ts';

/** The world's actions on a machine, by name: arguments are values of a JSON file. */
const DEEDS: Readonly<Record<string, (machine: Machine, ...args: never[]) => void>> = {
  receive: (machine, nic: number, hex: string) => machine.nics[nic]?.receive(bytesOf(hex)),
  link: (machine, nic: number, up: number) => machine.nics[nic]?.setLink(up !== 0),
  type: (machine, port: number, hex: string) => machine.serial[port]?.type(bytesOf(hex)),
  inject: (machine, port: number, byte: number, flags: number) =>
    machine.serial[port]?.uart.inject(byte, {
      parity: (flags & 1) !== 0,
      framing: (flags & 2) !== 0,
      break: (flags & 4) !== 0,
      overrun: (flags & 8) !== 0,
    }),
  modem: (machine, port: number, lines: number) =>
    machine.serial[port]?.uart.modem({
      CTS: (lines & 1) !== 0,
      RI: (lines & 2) !== 0,
      DCD: (lines & 4) !== 0,
    }),
  target: (machine, pages: number) => {
    if (machine.balloon !== null) machine.balloon.target = pages;
  },
  askStats: (machine) => machine.balloon?.askStats(),
  addDisk: (machine, bytes: number) => void machine.addDisk({ bytes }),
  removeDisk: (machine, index: number) => {
    const disk = machine.disks[index];
    if (disk !== undefined) machine.removeDisk(disk);
  },
  addNic: (machine) => void machine.addNic({ type: 'virtio', ringSize: 8, backend: 'loopback' }),
  removeNic: (machine, index: number) => {
    const nic = machine.nics[index];
    if (nic !== undefined) machine.removeNic(nic);
  },
  resizeDisk: (machine, index: number, bytes: number) => {
    const disk = machine.disks[index];
    if (disk !== undefined) machine.resizeDisk(disk, bytes);
  },
  refuseCommands: (machine, index: number, times: number) => {
    const disk = machine.disks[index];
    if (disk !== undefined) machine.refuseCommands(disk, 'busy', times);
  },
  offer: (machine, index: number, bit: number) => machine.virtio[index]!.offer({ without: [bit] }),
  breakDown: (machine, index: number) => machine.virtio[index]!.breakDown(),
  glitch: (machine, irq: number) => machine.glitch(irq),
  announce: (machine, nic: number) => machine.nics[nic]?.announce(),
  reset: (machine, kind: 'power' | 'hard' | 'soft') => machine.reset(kind),
  power: (machine) => machine.pressPowerButton(),
  sleep: (machine) => machine.pressSleepButton(),
};

/** The world at the other end of a machine: its actions are operations like the guest's. */
export class World {
  private readonly machine: Machine;
  private readonly index: number;
  private readonly run: Run;

  constructor(machine: Machine, index: number, run: Run) {
    this.machine = machine;
    this.index = index;
    this.run = run;
  }

  receive(nic: number, frame: Uint8Array): void {
    this.does('receive', nic, Buffer.from(frame).toString('hex'));
  }

  type(port: number, bytes: Uint8Array): void {
    this.does('type', port, Buffer.from(bytes).toString('hex'));
  }

  setTarget(pages: number): void {
    this.does('target', pages);
  }

  askStats(): void {
    this.does('askStats');
  }

  does(name: string, ...args: (number | string)[]): void {
    const { run, machine, index } = this;
    run.write(['world', index, name, ...args]);
    run.begin(OP.world, 0, 0, 1);
    const from = performance.now();
    try {
      DEEDS[name]!(machine, ...(args as never[]));
    } catch (error) {
      // The world may request the impossible: a target beyond RAM, an empty slot.
      if (!(error instanceof MisuseError)) run.threw(error);
    }
    run.end();
    run.slowest.took(performance.now() - from, run.ops, () => `world ${name}`);
  }
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}
