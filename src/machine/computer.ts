import type { E820Entry } from '../acpi/tables.ts';
import type { Tap } from '../core/access.ts';
import type { Nanos } from '../core/bits.ts';
import type { ResetKind } from '../core/board.ts';
import { checkMethods } from '../core/checks.ts';
import type { Driver, PciId } from '../core/driver.ts';
import type { GuestPort } from '../core/guest-port.ts';
import type { Journal } from '../core/journal.ts';
import { MisuseError } from '../core/misuse.ts';
import type { UserCalls } from '../core/user-calls.ts';
import { valueText } from '../core/value-text.ts';
import type { PciFunction } from '../pci/pci-function.ts';
import * as reg from '../pci/registers.ts';
import type { Finding } from '../rules/index.ts';
import { VirtioFunction } from '../virtio/transport/function.ts';
import { Chassis } from './chassis.ts';
import { type Facades, plugDevices } from './devices/index.ts';
import { MachineEmitter } from './events.ts';
import { runFirmware } from './firmware.ts';
import { PIC_LEFT } from './firmware-isa.ts';
import type { FirmwareChoice } from './firmware-option.ts';
import { isOfPair } from './interrupts.ts';
import { HeldKvm } from './kvm.ts';
import type { Machine } from './machine.ts';
import { onMade } from './on-made.ts';
import type { MachineOptions } from './options.ts';
import { type Plan, planFor } from './plan.ts';
import type { Profile } from './profile.ts';
import type { SerialPort } from './serial.ts';
import { shieldedTap } from './shielded.ts';
import { Slots } from './slots.ts';
import { VirtioHand } from './virtio-view.ts';

const RESETS: readonly ResetKind[] = ['power', 'hard', 'soft'];

/** The identity of a function. */
function pciIdOf({ config }: PciFunction): PciId {
  return {
    vendor: config.get(reg.VENDOR_ID),
    device: config.get(reg.DEVICE_ID),
    class: (config.get(reg.BASE_CLASS) << 16) | (config.get(reg.SUBCLASS) << 8) | config.get(reg.PROG_IF),
    revision: config.get(reg.REVISION_ID),
    subsystemVendor: config.get(reg.SUBSYSTEM_VENDOR_ID),
    subsystem: config.get(reg.SUBSYSTEM_ID),
  };
}

/** Builds what `plan` says: devices in their order, then firmware. */
export function buildMachine(plan: Plan): Machine {
  const computer = new Computer(plan);
  try {
    const machine = Object.assign(computer, plugDevices(computer.slots, plan.devices));
    machine.start();
    plan.machine.clock.userCalls.raise();
    onMade.tell?.(machine);
    return machine;
  } catch (error) {
    computer.close();
    throw error;
  }
}

/** A machine without the properties that its devices add. */
class Computer implements Omit<Machine, keyof Facades> {
  readonly profile: Profile;
  readonly port: GuestPort;
  readonly serial: readonly SerialPort[];
  readonly events: MachineEmitter;
  readonly kvm: HeldKvm;
  readonly chassis: Chassis;
  readonly slots: Slots;
  private readonly choice: FirmwareChoice | null;
  private readonly hands = new WeakMap<VirtioFunction, VirtioHand>();

  constructor({ machine: plan }: Plan) {
    const events = new MachineEmitter(plan.clock.userCalls);
    this.events = events;
    this.profile = plan.profile;
    this.choice = plan.firmware;
    this.chassis = new Chassis(plan, {
      // Never in the middle of the write that requests it.
      onReset: (hard) => this.userCalls.later(() => this.restart(hard ? 'hard' : 'soft')),
      onSleep: (type) => events.emit('sleep', type),
      onWake: () => events.emit('wake'),
      onSmi: (command) => events.emit('smi', command),
    });
    this.port = this.chassis.port;
    this.serial = this.chassis.serial;
    this.slots = new Slots(this.chassis, plan, events);
    this.kvm = new HeldKvm(this.chassis.kvm, (name, does) => {
      this.slots.checkOpen(name);
      this.userCalls.act(name, does);
    });
    for (const own of ['chassis', 'slots', 'choice', 'hands'])
      Object.defineProperty(this, own, { enumerable: false });
    this.tieEvents();
  }

  get findings(): readonly Finding[] {
    return this.journal.readFindings() as readonly Finding[];
  }

  get journal(): Journal {
    return this.chassis.journal;
  }

  get now(): Nanos {
    return this.chassis.board.clock.now;
  }

  get seed(): number {
    return this.chassis.board.random.seed;
  }

  get ramBytes(): number {
    return this.chassis.board.memory.size;
  }

  get e820(): readonly E820Entry[] {
    return this.chassis.memoryMap;
  }

  get functions(): readonly PciFunction[] {
    // Behind a bridge without bus numbers no guest reaches them.
    return this.chassis.bus.all().filter(({ bdf }) => bdf >= 0);
  }

  get virtio(): readonly VirtioHand[] {
    return this.functions.filter((fn) => fn instanceof VirtioFunction).map((fn) => this.handOf(fn));
  }

  attach<Handle>(driver: Driver<Handle>): Handle {
    this.slots.checkOpen('attach');
    if (this.userCalls.isCalling)
      throw new MisuseError(
        'attach',
        'within',
        '',
        'a driver needs answers: attach it when the access is done',
      );
    checkMethods('attach', driver, ['matches', 'attach'], 'a driver (matches, attach)');
    const fn = this.functions.find((candidate) => driver.matches(pciIdOf(candidate)));
    if (fn === undefined)
      throw new MisuseError(
        'attach',
        driver.name,
        '',
        `driver ${valueText(driver.name)} matches no PCI function of this machine`,
      );
    return driver.attach(this.port, fn.bdf);
  }

  idOf(bdf: number): PciId | null {
    if (!(Number.isInteger(bdf) && bdf >= 0 && bdf <= 0xffff))
      throw new MisuseError('idOf.bdf', bdf, 'a bus, device and function from 0 to 65535');
    const fn = this.chassis.bus.at(bdf);
    return fn === null ? null : pciIdOf(fn);
  }

  observe(tap: Tap): void {
    checkMethods('observe', tap, ['begin', 'end'], 'a tap (begin, end)');
    this.userCalls.act('observe', () => this.chassis.observe(shieldedTap(tap, this.userCalls)));
  }

  reset(kind: ResetKind): void {
    this.slots.checkOpen('reset');
    if (!RESETS.includes(kind)) throw new MisuseError('reset', kind, `one of ${RESETS.join(', ')}`);
    this.userCalls.act('reset', () => this.restart(kind));
  }

  powerCut(): void {
    this.slots.checkOpen('powerCut');
    this.userCalls.act('powerCut', () => this.restart('power', () => this.slots.powerCut()));
  }

  /** The same object each time, for it keeps the listeners. */
  private handOf(fn: VirtioFunction): VirtioHand {
    const known = this.hands.get(fn);
    if (known !== undefined) return known;
    const hand = new VirtioHand(fn, (path) => this.slots.checkOpen(path));
    this.hands.set(fn, hand);
    return hand;
  }

  private restart(kind: ResetKind, whileOff: () => void = () => {}): void {
    this.chassis.reset(kind);
    whileOff();
    this.events.emit('reset', kind === 'soft' ? 'soft' : 'hard');
    if (kind !== 'soft') this.start();
  }

  glitch(irq: number): void {
    this.slots.checkOpen('glitch');
    if (!(Number.isInteger(irq) && irq >= 0 && irq <= 15))
      throw new MisuseError('glitch.irq', irq, 'a line from 0 to 15');
    const { isa, pic } = this.chassis.interrupts;
    this.userCalls.act('glitch', () => {
      if (!isa[irq]!.level) pic.pulse(irq);
    });
  }

  pressPowerButton(): void {
    this.slots.checkOpen('pressPowerButton');
    this.userCalls.act('pressPowerButton', () => this.chassis.acpi.pressPowerButton());
  }

  pressSleepButton(): void {
    this.slots.checkOpen('pressSleepButton');
    this.userCalls.act('pressSleepButton', () => this.chassis.acpi.pressSleepButton());
  }

  close(): void {
    if (this.slots.closed) return;
    this.slots.closed = true;
    this.userCalls.act('close', () => {
      this.slots.close();
      this.chassis.close();
    });
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Runs the firmware, if there is one. */
  start(): void {
    const { chassis, choice, slots } = this;
    if (choice === null) return;
    chassis.renewTables();
    const { journal, firmware, tables, cpu } = chassis;
    const { vectors } = PIC_LEFT[choice.kind];
    // A UEFI's handlers are gone when it hands over.
    if (choice.kind === 'bios') cpu.firmware = (vector, taken) => isOfPair(vectors, vector, taken);
    // Requests made meanwhile run when the firmware is done.
    this.userCalls.begin();
    try {
      journal.quietly(() => {
        runFirmware(this.port, firmware, tables);
        if (choice.used) slots.boot(this.port, choice.kind);
      }, 'firmware');
      chassis.port.handOver();
      journal.trail.handOver();
    } finally {
      this.userCalls.done();
    }
  }

  private get userCalls(): UserCalls {
    return this.chassis.board.clock.userCalls;
  }

  private tieEvents(): void {
    const { events, chassis } = this;
    events.tie('serial', () => {
      for (const port of chassis.serial)
        port.listen({ receive: (byte) => events.emit('serial', port.name, byte) });
    });
    events.tie('interrupt', () => {
      chassis.cpu.onInterrupt = (vector) => events.emit('interrupt', vector);
    });
    events.tie('finding', () => {
      chassis.journal.onFinding = (finding) => events.emit('finding', finding as Finding);
    });
  }
}

/**
 * A machine that is not inspected after its run, so that the next one can have its RAM: to allocate other RAM, page
 * by page, takes a host longer than all else in most runs.
 *
 * @example
 * const machine = forOneRun(GCE_N1, { seed: 3 });
 * machine.close();
 * machine.chassis.giveBackRam();
 */
export function forOneRun(profile: Profile, options: MachineOptions): Machine {
  const { machine, devices } = planFor(profile, options);
  return buildMachine({ machine: { ...machine, ram: { ...machine.ram, again: true } }, devices });
}
