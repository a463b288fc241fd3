import type { Tap } from '../core/access.ts';
import type { Nanos } from '../core/bits.ts';
import type { ResetKind } from '../core/board.ts';
import type { Driver, PciId } from '../core/driver.ts';
import type { GuestPort } from '../core/guest-port.ts';
import type { Finding } from '../core/journal.ts';
import { MisuseError } from '../core/misuse.ts';
import type { PciFunction } from '../pci/pci-function.ts';
import type { VirtioScsi } from '../virtio/scsi/device.ts';
import type { LegacyTransport } from '../virtio/transport/legacy.ts';
import { Chassis } from './chassis.ts';
import { type Disk, makeNic, makeRng, makeScsi, openMedia, openMedium } from './devices.ts';
import { type MachineEventName, MachineEvents } from './events.ts';
import { runFirmware } from './firmware.ts';
import type { Nic } from './nic.ts';
import { checkOptions, type DiskOptions, type MachineOptions, type NicOptions } from './options.ts';
import { pciIdOf } from './pci-id.ts';
import type { Profile } from './profile.ts';
import type { SerialPort } from './serial.ts';

const SCSI_SLOT = 3;
const FIRST_NIC_SLOT = 4;

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
  /** The parts, for tests of the machine itself. */
  readonly chassis: Chassis;
  private readonly options: MachineOptions;
  private readonly scsi: LegacyTransport & { readonly device: VirtioScsi };
  private readonly extra: LegacyTransport[] = [];
  private lazyEvents: MachineEvents | null = null;
  private asked: ResetKind | null = null;

  /** @internal Use `gceN1()` or `qemuPc()`. */
  constructor(profile: Profile, options: MachineOptions) {
    this.profile = profile;
    this.options = options;
    const media = openMedia(options.disks);
    this.chassis = new Chassis(profile, options, {
      settle: () => this.settle(),
      onReset: (kind) => {
        this.asked = kind;
      },
      onSleep: (type) => this.lazyEvents?.emit('sleep', type),
    });
    const { board, bus } = this.chassis;
    this.port = this.chassis.port;
    this.serial = this.chassis.serial;
    this.scsi = makeScsi(board, profile, options.scsi) as typeof this.scsi;
    bus.add(this.scsi, SCSI_SLOT);
    for (const { options: disk, medium } of media) this.plugDisk(disk, medium);
    for (const nic of options.nics ?? [{}]) this.addNic(nic);
    if (options.rng === true) this.plug(makeRng(board, profile));
    this.start();
  }

  /** What the guest did wrong so far, oldest first. */
  get findings(): readonly Finding[] {
    return this.chassis.board.journal.findings;
  }

  get journal() {
    return this.chassis.board.journal;
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
    const checked = checkOptions({ disks: [options] }).disks![0]!;
    return this.plugDisk(checked, openMedium(checked, 'disk'));
  }

  /** Pulls a disk out and closes its medium. */
  removeDisk(disk: Disk): void {
    this.scsi.device.removeDisk(disk.target, disk.lun);
    this.disks.splice(this.disks.indexOf(disk), 1);
  }

  /** Plugs a NIC into the next free slot. Added at run time, it has no addresses yet. */
  addNic(options: NicOptions = {}): Nic {
    const checked = checkOptions({ nics: [options] }).nics![0]!;
    const { board } = this.chassis;
    const nic = makeNic(board, this.profile, this.nics.length, this.options.vcpus ?? 1, checked);
    this.plug(nic.fn);
    this.nics.push(nic);
    return nic;
  }

  removeNic(nic: Nic): void {
    nic.device.plug(null);
    this.chassis.bus.remove(nic.fn);
    this.nics.splice(this.nics.indexOf(nic), 1);
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

  /** Gives back files and timers. */
  close(): void {
    for (const nic of this.nics) nic.device.plug(null);
    this.scsi.device.close();
    for (const { uart } of this.serial) uart.close();
  }

  private start(): void {
    if (this.options.firmware === false) return;
    this.chassis.journal.quietly(() => runFirmware(this.port, this.profile.firmware));
  }

  private settle(): void {
    const kind = this.asked;
    if (kind === null) return;
    this.asked = null;
    this.reset(kind);
  }

  private plugDisk(options: DiskOptions, medium: DiskMedium): Disk {
    const target = options.target ?? this.freeTarget();
    const disk = { target, lun: options.lun ?? 0, medium };
    try {
      this.scsi.device.addDisk(target, disk.lun, medium, {
        deviceName: options.name ?? `persistent-disk-${this.disks.length}`,
      });
    } catch (error) {
      medium.close();
      throw error;
    }
    this.disks.push(disk);
    return disk;
  }

  private freeTarget(): number {
    let target = 1;
    while (this.disks.some((disk) => disk.target === target)) target++;
    return target;
  }

  private plug(fn: LegacyTransport): void {
    const { bus } = this.chassis;
    let slot = FIRST_NIC_SLOT;
    while (bus.at(slot << 3) !== null) slot++;
    bus.add(fn, slot);
    this.extra.push(fn);
  }

  private attachEvent(name: MachineEventName): void {
    const { events } = this;
    if (name === 'frame')
      for (const nic of this.nics) nic.onFrame = (frame, sent) => events.emit('frame', nic.name, frame, sent);
    if (name === 'serial')
      for (const port of this.serial) port.onByte = (byte) => events.emit('serial', port.name, byte);
    if (name === 'interrupt') this.chassis.cpu.onInterrupt = (vector) => events.emit('interrupt', vector);
    if (name === 'finding') this.journal.onFinding = (finding) => events.emit('finding', finding);
  }
}

type DiskMedium = Disk['medium'];
