import type { E820Entry } from '../acpi/tables.ts';
import type { Tap } from '../core/access.ts';
import type { Nanos } from '../core/bits.ts';
import type { ResetKind } from '../core/board.ts';
import type { Driver, PciId } from '../core/driver.ts';
import type { GuestPort } from '../core/guest-port.ts';
import { MisuseError } from '../core/misuse.ts';
import { Display } from '../display/display.ts';
import type { PciFunction } from '../pci/pci-function.ts';
import type { Finding } from '../rules/index.ts';
import type { VirtioBalloon } from '../virtio/balloon/device.ts';
import type { VirtioScsi } from '../virtio/scsi/device.ts';
import { VirtioFunction } from '../virtio/transport/function.ts';
import { Chassis } from './chassis.ts';
import { completionPolicy } from './completion-options.ts';
import {
  DISKS_DEFAULT,
  type Disk,
  type FunctionOf,
  makeBalloon,
  makeNic,
  makeRng,
  makeScsi,
  openMedia,
  type Place,
  placeDisks,
  withTransport,
} from './devices.ts';
import { type MachineEventName, MachineEvents } from './events.ts';
import { runFirmware } from './firmware.ts';
import type { Nic } from './nic.ts';
import { checkOptions, type DiskOptions, type MachineOptions, type NicOptions } from './options.ts';
import { pciIdOf } from './pci-id.ts';
import type { Profile } from './profile.ts';
import type { SerialPort } from './serial.ts';
import { watchFunction, watchVirtio } from './watches.ts';

const SCSI_SLOT = 3;
const FIRST_NIC_SLOT = 4;
const LAST_SLOT = 31;

/**
 * A whole computer without a CPU of its own: the guest is whoever holds `port`. Build one with `gceN1()` or
 * `qemuPc()`.
 *
 * @example
 * const machine = gceN1();
 * const nic = machine.boot(myNet);         // finds the function, attaches the driver, returns its handle
 * nic.send(new Uint8Array(60));
 * machine.nics[0]!.sent[0];                // the frame
 * machine.nics[0]!.receive(answer);
 * machine.serial[0]!.text;                 // what the guest printed
 * machine.reset('hard');                   // as 0xCF9 does
 * machine.findings.filter((finding) => finding.severity === 'must');
 * machine.close();
 */
export class Machine {
  readonly profile: Profile;
  /** The guest's way in. */
  readonly port: GuestPort;
  /** The four serial ports, ttyS0 to ttyS3. */
  readonly serial: readonly SerialPort[];
  readonly nics: Nic[] = [];
  readonly disks: Disk[] = [];
  /** Null without the option. */
  readonly display: Display | null;
  /** Null without the option. */
  readonly balloon: VirtioBalloon | null;
  /** The parts, for tests of the machine itself. */
  readonly chassis: Chassis;
  private readonly options: MachineOptions;
  private readonly scsi: FunctionOf<VirtioScsi>;
  private lazyEvents: MachineEvents | null = null;
  private asked: ResetKind | null = null;

  /** @internal Use `gceN1()` or `qemuPc()`. */
  constructor(profile: Profile, options: MachineOptions) {
    const completion = completionPolicy(options.completion);
    this.profile = { ...withTransport(profile, options), completion };
    this.options = options;
    this.chassis = new Chassis(profile, options, {
      settle: () => this.settle(),
      onReset: (kind) => {
        this.asked = kind;
      },
      onSleep: (type) => this.lazyEvents?.emit('sleep', type),
      onWake: () => this.lazyEvents?.emit('wake'),
      onSmi: (command) => this.lazyEvents?.emit('smi', command),
    });
    const { board, bus } = this.chassis;
    this.port = this.chassis.port;
    this.serial = this.chassis.serial;
    this.scsi = makeScsi(board, this.profile, options.scsi);
    bus.add(this.scsi, SCSI_SLOT);
    this.watch(this.scsi);
    for (const nic of options.nics ?? [{}]) this.addNic(nic);
    this.display = options.display === true ? new Display('display0', board) : null;
    if (this.display !== null) this.plug(this.display);
    const balloon = options.balloon === true ? makeBalloon(board, this.profile) : null;
    if (balloon !== null) this.plug(balloon);
    this.balloon = balloon?.device ?? null;
    if (options.rng === true) this.plug(makeRng(board, this.profile));
    this.plugDisks(options.disks ?? DISKS_DEFAULT);
    this.start();
  }

  /** What the guest did wrong so far, oldest first. */
  get findings(): readonly Finding[] {
    return this.chassis.journal.findings as readonly Finding[];
  }

  get journal() {
    return this.chassis.journal;
  }

  /** Virtual nanoseconds since power came on. */
  get now(): Nanos {
    return this.chassis.board.clock.now;
  }

  get seed(): number {
    return this.chassis.board.random.seed;
  }

  /** All RAM, in bytes. */
  get ramBytes(): number {
    return this.chassis.board.memory.size;
  }

  /** The memory map that a boot loader hands to the operating system: BIOS call E820's, or GRUB's of a UEFI's. */
  get e820(): readonly E820Entry[] {
    return this.chassis.memoryMap;
  }

  /** Queues of the SCSI host adapter: control, event, and those for requests. */
  get scsiQueues(): number {
    return this.scsi.device.queues.length;
  }

  /** Every PCI function, in the order of its address. */
  get functions(): readonly PciFunction[] {
    return this.chassis.bus.all();
  }

  /** For people: frames, serial output, interrupts, findings, resets. */
  get events(): MachineEvents {
    this.lazyEvents ??= new MachineEvents((name) => this.attachEvent(name));
    return this.lazyEvents;
  }

  /**
   * Gives the first function that `driver` matches to it.
   *
   * @returns the driver's handle.
   * @throws MisuseError if no function matches. What the driver throws, it throws.
   */
  boot<Handle>(driver: Driver<Handle>): Handle {
    const fn = this.functions.find((candidate) => driver.matches(pciIdOf(candidate)));
    if (fn === undefined)
      throw new MisuseError('boot', driver.name, 'a driver for a function of this machine');
    return driver.attach(this.port, fn.bdf);
  }

  /** The identity of the function at `bdf`, or null. */
  idOf(bdf: number): PciId | null {
    const fn = this.chassis.bus.at(bdf);
    return fn === null ? null : pciIdOf(fn);
  }

  /** Plugs a disk in; a guest that took HOTPLUG is told. */
  addDisk(options: DiskOptions): Disk {
    return this.plugDisks(checkOptions({ disks: [options] }).disks!)[0]!;
  }

  /** Pulls a disk out and closes its medium. */
  removeDisk(disk: Disk): void {
    take(disk, this.disks, 'disk');
    this.scsi.device.removeDisk(disk.target, disk.lun);
  }

  /** Plugs a NIC into the next free slot. Added at run time, it has no addresses yet. */
  addNic(options: NicOptions = {}): Nic {
    const checked = checkOptions({ nics: [options] }).nics![0]!;
    const { board } = this.chassis;
    let index = 0;
    while (this.nics.some(({ name }) => name === `net${index}`)) index++;
    const nic = makeNic(board, this.profile, index, this.options.vcpus ?? 1, checked);
    this.plug(nic.fn);
    this.nics.push(nic);
    if (this.lazyEvents?.listens('frame')) this.tellFrames(nic);
    return nic;
  }

  /** Pulls a NIC out, in the middle of whatever it does; nothing reaches it any more, nor it the guest's memory. */
  removeNic(nic: Nic): void {
    take(nic, this.nics, 'NIC');
    nic.device.plug(null);
    this.chassis.bus.remove(nic.fn);
    nic.fn.reset('power');
    nic.device.close();
  }

  /** Sees every access from now on, beside what the machine keeps for evidence. */
  observe(tap: Tap): void {
    this.chassis.observe(tap);
  }

  /**
   * `power`: off and on again, RAM kept; `hard`: what 0xCF9 does; `soft`: the CPU alone. The firmware runs again
   * unless the machine was built without.
   */
  reset(kind: ResetKind): void {
    this.chassis.reset(kind);
    this.lazyEvents?.emit('reset', kind === 'soft' ? 'soft' : 'hard');
    if (kind !== 'soft') this.start();
  }

  pressPowerButton(): void {
    this.chassis.acpi.pressPowerButton();
  }

  pressSleepButton(): void {
    this.chassis.acpi.pressSleepButton();
  }

  /** Gives back files and timers. */
  close(): void {
    for (const nic of this.nics) nic.device.plug(null);
    for (const fn of this.functions) if (fn instanceof VirtioFunction) fn.device.close();
    this.chassis.close();
  }

  private start(): void {
    if (this.options.firmware === false) return;
    const { journal, plan, tables } = this.chassis;
    journal.quietly(() => runFirmware(this.port, plan, tables));
  }

  private settle(): void {
    const kind = this.asked;
    if (kind === null) return;
    this.asked = null;
    this.reset(kind);
  }

  private plugDisks(options: readonly DiskOptions[]): Disk[] {
    const places = placeDisks(options, this.profile.scsi, this.disks);
    return openMedia(options).map((medium, i) => this.plugDisk(places[i]!, medium, options[i]!.name));
  }

  private plugDisk(place: Place, medium: DiskMedium, name = `persistent-disk-${this.disks.length}`): Disk {
    const disk = { ...place, medium };
    this.scsi.device.addDisk(place.target, place.lun, medium, { deviceName: name });
    this.disks.push(disk);
    return disk;
  }

  private plug(fn: PciFunction): void {
    const { bus } = this.chassis;
    let slot = FIRST_NIC_SLOT;
    while (slot <= LAST_SLOT && bus.at(slot << 3) !== null) slot++;
    if (slot > LAST_SLOT)
      throw new MisuseError(fn.name, slot, 'a slot', 'no slot is free: 4 to 31 are taken');
    bus.add(fn, slot);
    this.watch(fn);
  }

  private watch(fn: PciFunction): void {
    const { judges, stores } = this.chassis;
    if (!judges) return;
    watchFunction(fn, this.journal);
    if (fn instanceof VirtioFunction) watchVirtio(fn, this.journal, stores);
  }

  private tellFrames(nic: Nic): void {
    nic.onFrame = (frame, sent) => this.events.emit('frame', nic.name, frame, sent);
  }

  private attachEvent(name: MachineEventName): void {
    const { events } = this;
    if (name === 'frame') for (const nic of this.nics) this.tellFrames(nic);
    if (name === 'serial')
      for (const port of this.serial)
        port.listen({ receive: (byte) => events.emit('serial', port.name, byte) });
    if (name === 'interrupt') this.chassis.cpu.onInterrupt = (vector) => events.emit('interrupt', vector);
    if (name === 'finding') this.journal.onFinding = (finding) => events.emit('finding', finding as Finding);
  }
}

type DiskMedium = Disk['medium'];

function take<T extends object>(part: T, parts: T[], what: string): void {
  const at = parts.indexOf(part);
  if (at < 0) throw new MisuseError(what, at, '', 'is not in this machine, or no longer');
  parts.splice(at, 1);
}
