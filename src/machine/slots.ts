import type { Board } from '../core/board.ts';
import type { GuestPort } from '../core/guest-port.ts';
import { MisuseError } from '../core/misuse.ts';
import type { PciBus } from '../pci/pci-bus.ts';
import type { PciFunction } from '../pci/pci-function.ts';
import type { Chassis } from './chassis.ts';
import type { Plugging, Site } from './devices/descriptor.ts';
import type { MachineEmitter } from './events.ts';
import type { FirmwareKind } from './firmware-option.ts';
import type { MachinePlan } from './machine-plan.ts';
import { closedError } from './ram-access.ts';
import { type Judge, watchFunction } from './watches.ts';

const LAST = 31;

/** The slots of PCI bus 0 and behind a switch, and the functions in them. */
export class Slots implements Site {
  readonly board: Board;
  readonly plan: MachinePlan;
  readonly events: MachineEmitter;
  private readonly bus: PciBus;
  private readonly leaves: readonly PciBus[];
  private readonly judge: Judge | null;
  /** The machine is closed: no more functions are plugged in. */
  closed = false;
  private readonly boots = new Map<PciFunction, NonNullable<Plugging<PciFunction>['boot']>>();
  private readonly cutters = new Map<PciFunction, () => void>();
  private readonly closers = new Map<PciFunction, () => void>();
  private readonly unwatchers = new Map<PciFunction, () => void>();

  constructor({ board, bus, bridges, judge }: Chassis, plan: MachinePlan, events: MachineEmitter) {
    this.board = board;
    this.bus = bus;
    this.leaves = bridges.leaves;
    this.judge = judge;
    this.plan = plan;
    this.events = events;
  }

  plug<Fn extends PciFunction>(fn: Fn, { slot, isBehind, watch, boot, powerCut, close }: Plugging<Fn>): void {
    if (isBehind === true && this.leaves.length > 0) this.freeLeaf(fn).add(fn, 0);
    else this.bus.add(fn, slot ?? this.nextFree(fn));
    if (boot !== undefined) this.boots.set(fn, boot);
    if (powerCut !== undefined) this.cutters.set(fn, powerCut);
    if (close !== undefined) this.closers.set(fn, close);
    if (this.judge !== null) this.watch(fn, watch, this.judge);
  }

  unplug(fn: PciFunction): void {
    fn.bus!.remove(fn);
    fn.reset('power');
    this.boots.delete(fn);
    this.cutters.delete(fn);
    this.closers.get(fn)?.();
    this.closers.delete(fn);
    this.unwatchers.get(fn)?.();
    this.unwatchers.delete(fn);
  }

  /** Firmware boots from any function that it can. */
  boot(port: GuestPort, kind: FirmwareKind): void {
    for (const boot of this.boots.values()) boot(port, kind);
  }

  powerCut(): void {
    for (const cut of this.cutters.values()) cut();
  }

  checkOpen(path: string): void {
    if (this.closed) throw closedError(path);
  }

  close(): void {
    for (const close of this.closers.values()) close();
  }

  private watch<Fn extends PciFunction>(fn: Fn, more: Plugging<Fn>['watch'], judge: Judge): void {
    const { journal } = judge;
    const unwatch = journal.watching(() => {
      watchFunction(fn, judge);
      more?.(fn, judge);
    });
    this.unwatchers.set(fn, unwatch);
  }

  private freeLeaf({ name }: PciFunction): PciBus {
    const { leaves } = this;
    const free = leaves.find((each) => each.all().length === 0);
    if (free !== undefined) return free;
    throw new MisuseError(name, leaves.length, 'a port', 'each port of the switch has a function behind it');
  }

  private nextFree({ name }: PciFunction): number {
    const { firstSlot } = this.plan.profile;
    let slot = firstSlot;
    while (slot <= LAST && this.bus.at(slot << 3) !== null) slot++;
    if (slot <= LAST) return slot;
    throw new MisuseError(name, slot, 'a slot', `no slot is free: ${firstSlot} to ${LAST} are taken`);
  }
}
