import type { Region } from '../core/access.ts';
import type { Width } from '../core/bits.ts';
import { Line } from '../core/line.ts';
import type { GuestMemory } from '../core/memory.ts';
import { Rig } from '../core/rig.ts';
import { ConfigWatch } from '../rules/pci/config.ts';
import { FunctionWatch } from '../rules/pci/function.ts';
import { ConfigMechanism1 } from './config-mechanism.ts';
import { PciBus } from './pci-bus.ts';
import type { PciFunction } from './pci-function.ts';

/** For tests: bus 0 behind configuration mechanism #1, with watchers, and the board's four interrupt lines. */
export class PciRig extends Rig {
  readonly links = ['a', 'b', 'c', 'd'].map((letter) => new Line(`pirq${letter}`));
  readonly bus: PciBus = new WatchedBus(this);
  readonly mechanism = new ConfigMechanism1(this.bus);

  constructor(memory?: GuestMemory) {
    super(memory);
    this.mechanism.events = new ConfigWatch((bdf) => this.bus.at(bdf)!.subject, this.journal);
    this.ports.map(0xcf8, this.mechanism.address, 'bridge');
    this.ports.map(0xcfc, this.mechanism.data, 'bridge');
  }

  /** Reads configuration space like a guest: `register` of function `device`.`fn`. */
  get(device: number, register: number, width: Width, fn = 0): number {
    this.select(device, register, fn);
    return this.ports.read(0xcfc + (register & 3), width);
  }

  set(device: number, register: number, value: number, width: Width, fn = 0): void {
    this.select(device, register, fn);
    this.ports.write(0xcfc + (register & 3), value, width);
  }

  /** The links that are high: `a`, `cd`, or nothing. */
  get high(): string {
    return this.links.flatMap(({ name, level }) => (level ? [name.slice(4)] : [])).join('');
  }

  private select(device: number, register: number, fn: number): void {
    this.ports.write(0xcf8, (0x8000_0000 | (device << 11) | (fn << 8) | (register & 0xfc)) >>> 0, 4);
  }
}

/** Watches every function that is plugged in. */
class WatchedBus extends PciBus {
  private readonly rig: PciRig;

  constructor(rig: PciRig) {
    super(rig.ports, rig.mmio, rig.links);
    this.rig = rig;
  }

  override add(fn: PciFunction, device: number, number = 0): void {
    super.add(fn, device, number);
    fn.events = new FunctionWatch(() => fn.subject, this.rig.journal, { cpus: 1, hasLogical: () => false });
  }
}

/** For tests: a register file behind a BAR, which reads `id` everywhere. */
export function block(id: number, size: number): Region {
  return { name: `block ${id}`, size, read: () => id * 0x0101_0101, write: () => undefined };
}
