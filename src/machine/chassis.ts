import type { Placement } from '../acpi/placement.ts';
import { E820_RAM, E820_RESERVED, type E820Entry, endOfRam } from '../acpi/tables.ts';
import { secondsSince1970 } from '../chipset/calendar.ts';
import { FwCfg } from '../chipset/fw-cfg.ts';
import type { Piix4Acpi } from '../chipset/piix4-acpi.ts';
import { E820_ENTRY } from '../chipset/registers/fw-cfg.ts';
import { AccessTrail, bothTaps, type Tap } from '../core/access.ts';
import { MmioSpace, PortSpace } from '../core/address-space.ts';
import { type Gpa, hex } from '../core/bits.ts';
import type { Board, ResetKind } from '../core/board.ts';
import { Journal } from '../core/journal.ts';
import { GuestMemory, type RamRange } from '../core/memory.ts';
import { MisuseError } from '../core/misuse.ts';
import { PORT } from '../core/places.ts';
import { Random } from '../core/random.ts';
import { TouchedRam } from '../core/touched-ram.ts';
import { Kvm } from '../kvm/kvm.ts';
import { PciBridge, type PciBus } from '../pci/pci-bus.ts';
import { StoreWatch } from '../rules/virtio/stores/store-watch.ts';
import { type BridgeHost, Bridges } from './bridges.ts';
import { Cpu } from './cpu.ts';
import { type FirmwarePlan, firmwarePlan } from './firmware.ts';
import type { FwCfgFiles } from './firmware-option.ts';
import { BusMessages, Interrupts } from './interrupts.ts';
import { IsaDevices } from './isa-devices.ts';
import { PortProcessor } from './kvm.ts';
import type { MachinePlan, RamPlan } from './machine-plan.ts';
import { Patience, type WhoAnswers } from './patience.ts';
import { MachinePort } from './port.ts';
import { RamAllocator } from './ram-allocator.ts';
import { parseDate, rtcContents } from './rtc-contents.ts';
import type { UartPort } from './serial.ts';
import { armSerialPorts, pcSerialPorts } from './serial-ports.ts';
import { firmwareTables, memoryMap } from './tables.ts';
import { type Judge, watchBridges, watchChassis, watchKvm, watchPatience, watchUart } from './watches.ts';

/** QEMU's firmware configuration device as it describes a machine: RAM, CPUs, and RAM once more by ranges. */
function makeFwCfg(
  memory: GuestMemory,
  cpus: { readonly vcpus: number; readonly maxCpus: number },
  files: FwCfgFiles,
): FwCfg {
  const e820 = new Uint8Array(memory.ranges.length * E820_ENTRY.size);
  for (const [i, { base, size }] of memory.ranges.entries())
    E820_ENTRY.encode(
      { address: BigInt(base), length: BigInt(size), type: E820_RAM },
      e820,
      i * E820_ENTRY.size,
    );
  return new FwCfg('fw_cfg', { ram: memory.size, ...cpus, files: { 'etc/e820': e820, ...files } });
}

/** @param start where it begins. @throws MisuseError for more than this process can have. */
function makeRam({ below4G, above4G, buffer, staging }: RamPlan, start: Gpa): GuestMemory {
  try {
    const memory = GuestMemory.of(below4G + above4G, buffer, below4G, staging);
    const [{ bytes }] = memory.ranges as [RamRange];
    if (start > 0) memory.unmap(0);
    if (start > 0) memory.map(start, bytes);
    return memory;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MisuseError('memory', below4G + above4G, 'an amount of RAM that this process can allocate');
  }
}

/** The parts that every machine has: RAM, spaces, clock, chipset, serial ports, CPU. */
export class Chassis {
  readonly board: Board & { readonly random: Random };
  readonly journal: Journal;
  readonly ports = new PortSpace();
  readonly mmio = new MmioSpace();
  readonly interrupts: Interrupts;
  readonly cpu: Cpu;
  readonly port: MachinePort;
  readonly kvm: Kvm;
  readonly serial: readonly UartPort[];
  /** Timer, clock and keyboard controller; a host may bring its own. */
  readonly isaDevices: IsaDevices;
  readonly firmware: FirmwarePlan;
  readonly memoryMap: readonly E820Entry[];
  readonly bridges: Bridges;
  /** The plan it was built from. */
  readonly plan: MachinePlan;
  /** Of RAM that is given back; null for RAM that stays readable after the run. */
  private readonly touched: TouchedRam | null;
  private placed: readonly Placement[] = [];
  /** The judge that watches the guest; null is no judge. */
  readonly judge: Judge | null;
  private readonly fwCfg: FwCfg | null;
  private readonly allocator: RamAllocator;

  constructor(plan: MachinePlan, host: BridgeHost) {
    const { ports } = this;
    this.plan = plan;
    const { profile, clock, vcpus, maxCpus, seed } = plan;
    clock.dated ??= { secondsSince1970: secondsSince1970(parseDate(plan.date)!), at: clock.now };
    const trail = new AccessTrail(clock);
    this.journal = new Journal(clock, trail, plan.stack);
    this.journal.watched = plan.judge;
    if (plan.judge) this.observe(trail);
    const { express } = profile;
    const memory = makeRam(plan.ram, express?.ram ?? 0);
    this.touched = plan.ram.again ? new TouchedRam(memory) : null;
    const messages = new BusMessages(memory);
    this.board = { memory, clock, messages, random: new Random(seed) };
    // On a machine with PCI Express no guest reaches the chips of a PC.
    const chips = express === null ? this : { ports: new PortSpace(), mmio: new MmioSpace() };
    this.interrupts = new Interrupts(this.board, chips.ports, chips.mmio, profile.ioapic);
    if (express === null) messages.interrupts = this.interrupts;
    const irqs = this.interrupts.isa;
    this.cpu = new Cpu(this.interrupts, clock, plan.accessTime);
    this.bridges = new Bridges(this.board, this, irqs, profile, host);
    this.firmware = firmwarePlan(profile, plan.firmware, memory);
    if (this.firmware.pc !== null) this.bridges.mapFixedPorts(this.firmware.pc.gpe0);
    this.isaDevices = new IsaDevices(this.board, chips.ports, {
      irqs,
      onReset: (hard) => host.onReset(hard),
      onClock: () => this.acpi.clockInterrupted(),
      rtc: rtcContents(plan.date, memory, vcpus),
      rtcManner: profile.rtc,
      keyboardLocked: profile.keyboardLocked,
    });
    this.fwCfg = plan.fwCfg === null ? null : makeFwCfg(memory, { vcpus, maxCpus }, plan.fwCfg);
    if (this.fwCfg !== null) ports.map(PORT.FW_CFG, this.fwCfg, 'bridge');
    this.serial =
      express === null
        ? pcSerialPorts(this.board, ports, irqs, plan)
        : armSerialPorts(this.board, this.mmio, plan);
    this.renewTables();
    this.memoryMap = memoryMap(this.firmware, memory, this.tables);
    const end = endOfRam(this.memoryMap, plan.profile.express?.ram);
    this.allocator = new RamAllocator(this.board.memory, new Random(plan.seed), plan.ram.driversAbove4G, end);
    this.port = this.makePort(plan);
    this.kvm = new Kvm(this.board, plan.kvm);
    const [guest] = this.kvm.vcpus;
    this.cpu.eoiHost = guest!;
    guest!.leaveEoi = () => this.cpu.endOffer();
    if (express === null)
      this.port.processors = this.kvm.vcpus.map((vcpu) => new PortProcessor(vcpu, this.port));
    this.judge = plan.judge ? this.watch(plan.stores) : null;
  }

  get bus(): PciBus {
    return this.bridges.bus;
  }

  get acpi(): Piix4Acpi {
    return this.bridges.acpi;
  }

  /** Notifies `tap` of every access from now on, in addition to the present taps. */
  observe(tap: Tap): void {
    this.ports.tap = this.mmio.tap = bothTaps(this.ports.tap, tap);
  }

  /** The tables and areas that firmware places in RAM. */
  get tables(): readonly Placement[] {
    return this.placed;
  }

  /** Builds the tables again for the present machine: functions come and go. */
  renewTables(): void {
    const { plan, bus, board, serial } = this;
    const machine = { ...plan, memory: board.memory, serial, functions: bus.all() };
    this.placed = plan.firmware === null ? [] : firmwareTables(this.firmware, machine);
  }

  reset(kind: ResetKind): void {
    this.cpu.reset();
    this.kvm.reset(kind);
    if (kind === 'soft') return;
    this.bridges.reset(kind);
    for (const { device } of this.serial) device.reset(kind);
    this.isaDevices.reset(kind);
    this.fwCfg?.reset();
    this.interrupts.reset(kind);
    this.allocator.restart();
    this.judge?.stores?.allocations.forget();
  }

  /** Takes its timers off the clock, which other machines may share. */
  close(): void {
    this.port.close();
    for (const port of this.serial) port.close();
    this.isaDevices.close();
    this.interrupts.close();
    this.acpi.close();
    this.kvm.close();
  }

  /**
   * Gives the RAM of a closed machine to the next, if all writes to it are known. Its contents cannot be read afterwards.
   */
  giveBackRam(): void {
    const { touched } = this;
    if (touched === null || !touched.knowsAll) return;
    touched.clear();
    this.board.memory.giveBack();
  }

  private watch(withStores: boolean): Judge {
    const { journal, interrupts, cpu, bus, port, board } = this;
    for (const { device } of this.serial) watchUart(device, journal);
    const { mechanism, isa, acpi } = this.bridges;
    const { isaDevices, serial } = this;
    const { vcpus: cpus, profile } = this.plan;
    const isPc = profile.express === null;
    const reserved = this.memoryMap.filter(({ type }) => isPc && type === E820_RESERVED);
    const apics = { cpus, hasLogical: (id: number) => !isPc || interrupts.hasLogical(id, cpus > 1) };
    const sleepers: (() => void)[] = [];
    if (isPc)
      watchChassis(
        { mechanism, bus, isa, acpi, isaDevices, interrupts, serial, cpu, apics, sleepers },
        journal,
      );
    const bridges = bus.all().filter((fn) => fn instanceof PciBridge);
    watchBridges(bridges, { journal, apics, reserved });
    this.ports.onNobody = (address, written) => {
      bus.missed('io', address);
      acpi.pmEvents?.missed(address, written);
    };
    this.mmio.onNobody = (address) => bus.missed('memory', address);
    const stores = withStores ? new StoreWatch(board.memory, port.memory.endian, journal) : null;
    port.memory.tap = stores && (this.touched?.before(stores) ?? stores);
    watchPatience(port.patience, journal);
    const judge: Judge = {
      journal,
      apics,
      reserved,
      stores,
      sleepers,
      takesInterrupts: () => cpu.takesInterrupts,
      ...(isPc && { lineHeldBack: (irq) => interrupts.heldBack(irq) }),
    };
    watchKvm(this.kvm, this.plan.accessTime, judge);
    return judge;
  }

  private makePort({ virtio, accessTime, patience }: MachinePlan): MachinePort {
    const { board, cpu, ports, mmio, allocator } = this;
    const { memory, clock } = board;
    const { express } = this.plan.profile;
    const { endian } = virtio.manners;
    const decode = this.bridges.host;
    return new MachinePort({
      ports,
      mmio,
      ecam: express?.ecam,
      ram: memory,
      decode,
      clock,
      cpu,
      allocator,
      accessTime,
      endian,
      patience: this.makePatience(patience, () => clock.pass(accessTime)),
    });
  }

  private makePatience(accesses: number, pass: () => void): Patience {
    const { ports, mmio, board } = this;
    const who: WhoAnswers = (kind, address, width, value, write) => {
      if (kind === 'port') return ports.describe(address, width, value, write);
      if (board.memory.find(address, width) === null) return mmio.describe(address, width, value, write);
      return `RAM ${write ? '←' : '→'} ${hex(value, 2 * width)}`;
    };
    return new Patience(accesses, who, pass);
  }
}
