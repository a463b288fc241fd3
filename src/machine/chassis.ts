import type { E820Entry, Placement } from '../acpi/tables.ts';
import type { FwCfg } from '../chipset/fw-cfg.ts';
import { I440Fx } from '../chipset/i440fx.ts';
import { Piix4Acpi } from '../chipset/piix4-acpi.ts';
import { Piix4Isa } from '../chipset/piix4-isa.ts';
import { type Access, AccessTrail, type Tap } from '../core/access.ts';
import type { Gpa, Nanos } from '../core/bits.ts';
import type { Board, ResetKind } from '../core/board.ts';
import { Clock } from '../core/clock.ts';
import { Journal } from '../core/journal.ts';
import type { Line } from '../core/line.ts';
import { GuestMemory } from '../core/memory.ts';
import { MisuseError } from '../core/misuse.ts';
import { MmioSpace } from '../core/mmio-space.ts';
import { COM_PORTS, PORT } from '../core/places.ts';
import { PortSpace } from '../core/port-space.ts';
import { Random } from '../core/random.ts';
import { ConfigMechanism1 } from '../pci/config-mechanism.ts';
import { PciBus } from '../pci/pci-bus.ts';
import { StoreWatch } from '../rules/virtio/stores/store-watch.ts';
import type { Pace } from '../serial/baud.ts';
import { Uart16550 } from '../serial/uart16550.ts';
import { Cpu } from './cpu.ts';
import type { FirmwarePlan } from './firmware.ts';
import { makeFwCfg } from './fw-cfg.ts';
import { Interrupts, messageSink } from './interrupts.ts';
import { IsaDevices } from './isa-devices.ts';
import type { MachineOptions } from './options.ts';
import { MachinePort } from './port.ts';
import type { Profile } from './profile.ts';
import { RamAllocator } from './ram-allocator.ts';
import { DATE_DEFAULT, rtcContents } from './rtc-contents.ts';
import { SerialPort } from './serial.ts';
import { firmwareTables, memoryMap } from './tables.ts';
import { firmwarePlan } from './uefi.ts';
import { watchChassis, watchUart } from './watches.ts';

const MIB = 0x10_0000;
const RAM_DEFAULT = 128 << 20;
const ACCESS_TIME_DEFAULT = 1000;
const SCI_IRQ = 9;

/** What the chassis tells its machine. */
export interface ChassisHost {
  settle(): void;
  /** The guest asked for a reset, in the middle of an access. */
  onReset(kind: ResetKind): void;
  onSleep(type: number): void;
  onWake(): void;
  onSmi(command: number): void;
}

/** What every machine has, whatever is plugged into it: RAM, spaces, clock, chipset, serial ports, CPU. */
export class Chassis {
  readonly board: Board & { readonly random: Random };
  readonly journal: Journal;
  readonly ports = new PortSpace();
  readonly mmio = new MmioSpace();
  readonly bus: PciBus;
  readonly interrupts: Interrupts;
  readonly cpu: Cpu;
  readonly port: MachinePort;
  readonly serial: readonly SerialPort[];
  readonly acpi: Piix4Acpi;
  /** Timer, clock and keyboard controller; a host may bring its own. */
  readonly isaDevices: IsaDevices;
  readonly plan: FirmwarePlan;
  /** What firmware puts into RAM. */
  readonly tables: readonly Placement[];
  readonly memoryMap: readonly E820Entry[];
  /** Whether the guest is watched. */
  readonly judges: boolean;
  /** Who sees what the guest's drivers do in memory; null is nobody. */
  readonly stores: StoreWatch | null;
  private readonly fwCfg: FwCfg | null;
  readonly mechanism: ConfigMechanism1;
  private readonly trail: AccessTrail;

  constructor(profile: Profile, options: MachineOptions, host: ChassisHost) {
    const { ports, mmio } = this;
    const { firmware = true, vcpus = 1, seed = 1, date = DATE_DEFAULT } = options;
    const { judge = true } = options;
    this.judges = judge !== false;
    const { clock = new Clock(), accessTime = ACCESS_TIME_DEFAULT } = options;
    this.trail = new AccessTrail(() => clock.now);
    this.journal = new Journal(() => clock.now, this.trail);
    const memory = makeMemory(options);
    const messages = messageSink(memory, () => this.interrupts);
    this.board = { memory, clock, messages, random: new Random(seed) };
    ports.tap = mmio.tap = this.trail;
    this.interrupts = new Interrupts(this.board, ports, mmio, profile.ioapic);
    const irqs = this.interrupts.isa;
    this.cpu = new Cpu(this.interrupts, clock, accessTime);
    const onReset = (hard: boolean) => host.onReset(hard ? 'hard' : 'soft');
    const bridges = makeBridges(this.board, irqs, profile.bridges, { ...host, onReset });
    this.acpi = bridges.acpi;
    this.bus = new PciBus(ports, mmio, bridges.isa.pirqs);
    this.bus.add(bridges.host, 0);
    this.bus.add(bridges.isa, 1);
    this.bus.add(bridges.acpi, 1, 3);
    this.mechanism = new ConfigMechanism1(this.bus, profile.confaddReadBack);
    this.plan = firmwarePlan(profile, options.firmware, memory);
    this.mapFixedPorts(bridges.isa, this.plan.gpe0);
    this.isaDevices = new IsaDevices(this.board, ports, {
      irqs,
      onReset,
      onClock: () => this.acpi.clockInterrupted(),
      rtc: rtcContents(date, memory, vcpus),
      keyboardLocked: profile.keyboardLocked,
    });
    this.fwCfg = options.fwCfg === true ? makeFwCfg(memory, vcpus) : null;
    if (this.fwCfg !== null) ports.map(PORT.FW_CFG, this.fwCfg, 'bridge');
    const { pace, irqs: lines = profile.serialIrqs } = options.serial ?? {};
    this.serial = COM_PORTS.map((port, index) => this.addSerial(index, port, lines[index]!, pace));
    const described = { memory, vcpus, serial: this.serial, seed };
    this.tables = firmware === false ? [] : firmwareTables(this.plan, described);
    this.memoryMap = memoryMap(this.plan, memory, this.tables);
    if (this.judges) watchChassis(this, this.journal);
    this.port = this.makePort(options, accessTime, bridges.host, host.settle);
    const watchesStores = typeof judge === 'object' ? judge.stores !== false : judge;
    const { endian } = this.port.memory;
    this.stores = watchesStores ? new StoreWatch(memory, endian, this.journal) : null;
    this.port.memory.tap = this.stores;
  }

  /** The evidence's trail goes on beside `tap`. */
  observe(tap: Tap): void {
    const before = this.ports.tap!;
    const both: Tap = {
      begin(access: Access) {
        before.begin(access);
        tap.begin(access);
      },
      end(access: Access) {
        before.end(access);
        tap.end(access);
      },
    };
    this.ports.tap = this.mmio.tap = both;
  }

  reset(kind: ResetKind): void {
    this.cpu.reset();
    if (kind === 'soft') return;
    this.mechanism.reset();
    for (const fn of this.bus.all()) fn.reset(kind);
    for (const { uart } of this.serial) uart.reset(kind);
    this.isaDevices.reset(kind);
    this.fwCfg?.reset();
    this.interrupts.reset(kind);
  }

  /** Takes its timers off the clock, which others may share. */
  close(): void {
    for (const { uart } of this.serial) uart.close();
    this.isaDevices.close();
    this.interrupts.close();
    this.acpi.close();
  }

  private makePort(
    { seed = 1, memory, guestEndian }: MachineOptions,
    accessTime: Nanos,
    decode: I440Fx,
    settle: () => void,
  ): MachinePort {
    const { board, cpu, ports, mmio } = this;
    const above4G = memory?.driversAbove4G === true;
    const end = endOfFreeRam(this.memoryMap);
    return new MachinePort({
      ports,
      mmio,
      ram: board.memory,
      decode,
      clock: board.clock,
      cpu,
      allocator: new RamAllocator(board.memory, new Random(seed), above4G, end),
      accessTime,
      endian: guestEndian === 'big' ? 'be' : 'le',
      settle,
    });
  }

  /** The first to be mapped wins: CF9 lies inside CONFADD's doubleword. */
  private mapFixedPorts(isa: Piix4Isa, gpe0: number): void {
    const { ports } = this;
    ports.map(PORT.RESET_CONTROL, isa.resetControl, 'bridge');
    ports.map(PORT.CONFADD, this.mechanism.address, 'bridge');
    ports.map(PORT.CONFDATA, this.mechanism.data, 'bridge');
    ports.map(PORT.PORT92, isa.port92, 'bridge');
    ports.map(PORT.APM, isa.apm, 'bridge');
    ports.map(gpe0, this.acpi.gpe0, 'positive');
  }

  private addSerial(index: number, port: number, irq: number, pace: Pace | undefined): SerialPort {
    const uart = new Uart16550(`ttyS${index}`, this.board, this.interrupts.isa[irq]!, pace);
    if (this.judges) watchUart(uart, this.journal);
    this.ports.map(port, uart, 'subtractive');
    return new SerialPort(uart, port, irq, this.board.clock);
  }
}

function makeBridges(
  board: Board,
  irqs: readonly Line[],
  identities: Profile['bridges'],
  { onReset, onSleep, onWake, onSmi }: Omit<ChassisHost, 'onReset'> & { onReset(hard: boolean): void },
): { readonly host: I440Fx; readonly isa: Piix4Isa; readonly acpi: Piix4Acpi } {
  const onApmCommand = (command: number) => acpi.apm(command);
  const isa = new Piix4Isa('isa0', board, { irqs, onReset, onApmCommand }, identities.isa);
  const events = { sci: irqs[SCI_IRQ]!, onSleep, onWake, onSmi };
  const acpi = new Piix4Acpi('acpi0', board, events, identities.acpi);
  return { host: new I440Fx('host0', board, identities.host), isa, acpi };
}

/** Of the RAM that begins at 1 MiB. */
function endOfFreeRam(map: readonly E820Entry[]): Gpa {
  const { base, size } = map.find((entry) => entry.base === MIB)!;
  return base + size;
}

function makeMemory(options: MachineOptions): GuestMemory {
  const {
    below4G = RAM_DEFAULT,
    above4G = 0,
    driversAbove4G = false,
    buffer,
    staging,
  } = options.memory ?? {};
  if (driversAbove4G && above4G <= below4G)
    throw new MisuseError(
      'memory.above4G',
      above4G,
      `more than below4G (${below4G}), as driversAbove4G needs`,
    );
  try {
    return GuestMemory.of(below4G + above4G, buffer, below4G, staging);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MisuseError('memory', below4G + above4G, 'a number of bytes that this process can have');
  }
}
