import { existsSync } from 'node:fs';
import type { Gpa, Nanos, Width } from '../../../core/bits.ts';
import type { DriverMemory, GuestPort } from '../../../core/guest-port.ts';
import type { Journal } from '../../../core/journal.ts';
import { MisuseError } from '../../../core/misuse.ts';
import {
  barAddress,
  configRead,
  enumerate,
  findCapability,
  findStructures,
  readRegister,
  writeRegister,
} from '../../../guest/index.ts';
import type { Machine } from '../../../machine/machine.ts';
import { CAPABILITY_ID, COMMAND, MSIX_CONTROL } from '../../../pci/registers.ts';
import { CLAUSE_IDS, type ClauseId } from '../../../rules/index.ts';
import { ENUMERATION } from '../../../rules/pci/enumeration.ts';
import { DEVICE_FEATURES, QUEUE_SELECT, QUEUE_SIZE, VIRTIO_VENDOR_ID } from '../../../virtio/registers.ts';
import {
  device_feature,
  device_feature_select,
  num_queues,
  queue_select,
  queue_size,
} from '../../../virtio/transport/modern/registers.ts';
import { LogLines } from '../../log/log-lines.ts';
import { BY_REGISTERS } from '../../log/qemu/judged.ts';
import { LoggedMachine } from '../../log/qemu/logged-machine.ts';
import { Survey } from '../../log/qemu/survey.ts';
import type { TraceEvent } from '../../log/qemu/trace-line.ts';
import { TraceReplay } from '../../log/qemu/trace-replay.ts';
import type { GceLikeOptions } from '../machine/arguments.ts';
import { QemuMachine } from '../machine/qemu-machine.ts';
import type { QemuPort } from '../port.ts';
import type { Qemu } from '../qemu-process.ts';
import { TraceTail } from './trace-tail.ts';

/** A machine of ours that repeats, at once, what a driver does to QEMU's, and whose rules watch it. */
class Shadow {
  readonly machine: Machine;
  private readonly survey = new Survey();
  private readonly replay: TraceReplay;

  /** @param before the trace so far, in which all functions were surveyed. */
  constructor(before: readonly TraceEvent[]) {
    const survey = new Survey();
    for (const event of before) survey.take(event);
    const logged = new LoggedMachine(survey, { stack: true });
    this.machine = logged.machine;
    this.replay = new TraceReplay(logged, this.survey, new LogLines([]));
    this.machine.journal.quietly(() => void this.take(before));
  }

  /** @returns whether it contained an access. */
  take(events: readonly TraceEvent[]): boolean {
    for (const event of events) {
      this.survey.take(event);
      this.replay.take(event);
    }
    return events.some(({ event }) => event === 'access');
  }
}

const { IO_SPACE, MEMORY_SPACE } = COMMAND.mask;
/** Words of features that QEMU has. */
const WORDS = 4;
/** More than a legacy device of QEMU has by default. */
const LEGACY_QUEUES = 64;
const IDS = [CAPABILITY_ID.MSIX, CAPABILITY_ID.VENDOR];

/** Reads all that a shadow has to know of functions: identity, sizes, offered features, and number of queues. */
function lookOver(port: GuestPort): void {
  for (const { bdf, id } of enumerate(port)) {
    configRead(port, bdf, 0, 4);
    configRead(port, bdf, 8, 4);
    if (id.vendor !== VIRTIO_VENDOR_ID) continue;
    for (const capability of IDS) lookAtCapability(port, bdf, capability);
    const command = readRegister(port, bdf, COMMAND);
    writeRegister(port, bdf, COMMAND, command | IO_SPACE | MEMORY_SPACE);
    lookAtLegacy(port, bdf);
    lookAtModern(port, bdf);
    writeRegister(port, bdf, COMMAND, command);
  }
}

function lookAtCapability(port: GuestPort, bdf: number, id: number): void {
  const at = findCapability(port, bdf, id);
  if (at === null) return;
  configRead(port, bdf, at, 2);
  if (id === CAPABILITY_ID.MSIX) readRegister(port, bdf, MSIX_CONTROL, at);
}

function lookAtLegacy(port: GuestPort, bdf: number): void {
  const bar = barAddress(port, bdf, 0);
  if (bar?.kind !== 'io') return;
  port.in(bar.address + DEVICE_FEATURES.offset, 4);
  for (let queue = 0; queue < LEGACY_QUEUES; queue++) {
    port.out(bar.address + QUEUE_SELECT.offset, queue, 2);
    if (port.in(bar.address + QUEUE_SIZE.offset, 2) === 0) break;
  }
  port.out(bar.address + QUEUE_SELECT.offset, 0, 2);
}

function lookAtModern(port: GuestPort, bdf: number): void {
  const common = findStructures(port, bdf)?.common;
  if (common === undefined) return;
  for (let word = 0; word < WORDS; word++) {
    port.write(common + device_feature_select.offset, word, 4);
    port.read(common + device_feature.offset, 4);
  }
  port.write(common + device_feature_select.offset, 0, 4);
  const queues = port.read(common + num_queues.offset, 2);
  for (let queue = 0; queue < queues; queue++) {
    port.write(common + queue_select.offset, queue, 2);
    port.read(common + queue_size.offset, 2);
  }
  port.write(common + queue_select.offset, 0, 2);
}

/** A port onto QEMU that repeats each access to a register on a shadow, as QEMU's own trace reports it. */
class JudgedPort implements GuestPort {
  readonly memory: DriverMemory;
  private readonly port: QemuPort;
  private readonly tail: TraceTail;
  private readonly shadow: Shadow;

  constructor(port: QemuPort, tail: TraceTail, shadow: Shadow) {
    this.port = port;
    this.tail = tail;
    this.shadow = shadow;
    this.memory = port.memory;
  }

  in(port: number, width: Width): number {
    this.tail.skip();
    const value = this.port.in(port, width);
    if (!this.isTold()) this.unknown.in(port, width);
    return value;
  }

  out(port: number, value: number, width: Width): void {
    this.tail.skip();
    this.port.out(port, value, width);
    if (!this.isTold()) this.unknown.out(port, value, width);
  }

  read(address: Gpa, width: Width): number {
    this.tail.skip();
    const value = this.port.read(address, width);
    if (!this.isTold() && address >= this.port.ramBytes) this.unknown.read(address, width);
    return value;
  }

  write(address: Gpa, value: number, width: Width): void {
    this.tail.skip();
    this.port.write(address, value, width);
    const told = this.shadow.take(this.tail.events().flatMap((event) => asWritten(event, value)));
    if (!told && address >= this.port.ramBytes) this.unknown.write(address, value, width);
  }

  allocate(bytes: number, align: number): Gpa {
    return this.port.allocate(bytes, align);
  }

  release(at: Gpa): void {
    this.port.release(at);
  }

  handle(vector: number, handler: () => void): void {
    this.port.handle(vector, handler);
  }

  mask(): void {
    this.port.mask();
  }

  unmask(): void {
    this.port.unmask();
  }

  now(): Nanos {
    return this.port.now();
  }

  wait(until: () => boolean, limit: Nanos): boolean {
    return this.port.wait(until, limit);
  }

  private isTold(): boolean {
    return this.shadow.take(this.tail.events());
  }

  /** QEMU's trace has no access that it refuses, nor those to the controllers that replace its own. */
  private get unknown(): GuestPort {
    return this.shadow.machine.port;
  }
}

/** The port writes other addresses to MSI-X tables than it was given, and searches for the tables beforehand. */
function asWritten(event: TraceEvent, value: number): TraceEvent[] {
  if (event.event === 'config') return [];
  if (event.event !== 'access') return [event];
  if (event.name.startsWith('pci-conf')) return [];
  return [event.name === 'msix-table' ? { ...event, value: value >>> 0 } : event];
}

/** What registers show, and what enumeration found. The interrupt controllers that a driver reaches are not QEMU's. */
const JUDGES: ReadonlySet<ClauseId> = new Set(
  CLAUSE_IDS.filter((clause) => BY_REGISTERS.has(clause) || Object.hasOwn(ENUMERATION, clause)),
);

/** QEMU's machine that is nearest to Compute Engine's, with a judge of its driver. */
export class JudgedQemu {
  readonly port: JudgedPort;
  readonly journal: Journal;
  readonly judges = JUDGES;
  readonly seed: number;
  private readonly qemu: QemuMachine;
  private readonly tail: TraceTail;
  private readonly shadow: Shadow;

  /**
   * @param disks raw images, which are written to.
   * @throws MisuseError for a QEMU that does not start, and for one that was built without its trace.
   */
  constructor(
    qemu: Qemu,
    disks: readonly string[],
    { virtio, seed }: Pick<GceLikeOptions, 'virtio'> & { readonly seed: number },
  ) {
    this.seed = seed;
    this.qemu = new QemuMachine(qemu, disks, {
      writable: true,
      traced: true,
      ...(virtio !== undefined && { virtio }),
    });
    const { port, files } = this.qemu;
    if (!existsSync(files.trace)) {
      this.qemu.close();
      throw new MisuseError('--on', qemu.binary, '', `${qemu.binary} was built without its log of traces`);
    }
    this.tail = new TraceTail(files.trace);
    lookOver(port);
    this.shadow = new Shadow(this.tail.events());
    this.journal = this.shadow.machine.journal;
    this.port = new JudgedPort(port, this.tail, this.shadow);
  }

  get ramBytes(): number {
    return this.qemu.ramBytes;
  }

  get now(): Nanos {
    return this.qemu.now;
  }

  get serial() {
    return this.qemu.serial;
  }

  get disks() {
    return this.qemu.disks;
  }

  get nics(): QemuMachine['nics'] {
    return this.qemu.nics;
  }

  unseen(act: () => void): void {
    this.journal.quietly(act);
  }

  close(): void {
    this.shadow.machine.close();
    this.tail.close();
    this.qemu.close();
  }
}
