import { I440Fx } from '../chipset/i440fx.ts';
import { Piix4Acpi } from '../chipset/piix4-acpi.ts';
import { Piix4Isa } from '../chipset/piix4-isa.ts';
import type { MmioSpace, PortSpace } from '../core/address-space.ts';
import type { Board, ResetKind } from '../core/board.ts';
import { Line } from '../core/line.ts';
import { PORT } from '../core/places.ts';
import { ConfigMechanism1 } from '../pci/config-mechanism.ts';
import { Ecam } from '../pci/ecam.ts';
import { type IoDecode, PciBus } from '../pci/pci-bus.ts';
import type { ExpressPlan, Profile } from './profile.ts';

const SCI_IRQ = 9;

/** Callbacks from the bridges to the machine. */
export interface BridgeHost {
  onReset(hard: boolean): void;
  onSleep(type: number): void;
  onWake(): void;
  onSmi(command: number): void;
}

/** The address spaces that the bridges connect. */
interface Spaces {
  readonly ports: PortSpace;
  readonly mmio: MmioSpace;
}

const LINKS = 4;

/** PCI Express without bridges: configuration space in memory, and each port in memory, too. */
function expressBus({ ecam, buses, ports: window }: ExpressPlan, { ports, mmio }: Spaces): PciBus {
  const both: IoDecode = {
    map: (base, region, decode) => {
      ports.map(base, region, decode);
      mmio.map(window + base, region);
    },
    unmap: (base, region) => {
      ports.unmap(base, region);
      mmio.unmap(window + base, region);
    },
    within: (base, size) => ports.within(base, size),
  };
  const links = Array.from({ length: LINKS }, (_, link) => new Line(`GSI${link}`));
  const bus = new PciBus(both, mmio, links);
  mmio.map(ecam, new Ecam(bus, buses));
  return bus;
}

/** PIIX4 below the host bridge i440FX, and PCI bus 0 between them. On a machine with PCI Express only the bus is there. */
export class Bridges {
  readonly host: I440Fx;
  readonly isa: Piix4Isa;
  readonly acpi: Piix4Acpi;
  readonly bus: PciBus;
  readonly mechanism: ConfigMechanism1;
  private readonly ports: PortSpace;

  constructor(
    board: Board,
    spaces: Spaces,
    irqs: readonly Line[],
    { bridges, confaddReadBack, express }: Profile,
    { onReset, onSleep, onWake, onSmi }: BridgeHost,
  ) {
    const onApmCommand = (command: number) => this.acpi.apm(command);
    this.ports = spaces.ports;
    this.isa = new Piix4Isa('isa0', board, { irqs, onReset, onApmCommand }, bridges.isa);
    const events = { sci: irqs[SCI_IRQ]!, onSleep, onWake, onSmi };
    this.acpi = new Piix4Acpi('acpi0', board, events, bridges.acpi);
    this.host = new I440Fx('host0', board, bridges.host);
    this.bus = express === null ? this.pcBus(spaces) : expressBus(express, spaces);
    this.mechanism = new ConfigMechanism1(this.bus, confaddReadBack);
  }

  private pcBus({ ports, mmio }: Spaces): PciBus {
    const bus = new PciBus(ports, mmio, this.isa.pirqs, (link) => this.isa.irqOf(link));
    bus.add(this.host, 0);
    bus.add(this.isa, 1);
    bus.add(this.acpi, 1, 3);
    return bus;
  }

  /** The first to be mapped wins: CF9 lies inside CONFADD's doubleword. @param gpe0 the first port of GPE0. */
  mapFixedPorts(gpe0: number): void {
    const { ports, isa, mechanism } = this;
    ports.map(PORT.RESET_CONTROL, isa.resetControl, 'bridge');
    ports.map(PORT.CONFADD, mechanism.address, 'bridge');
    ports.map(PORT.CONFDATA, mechanism.data, 'bridge');
    ports.map(PORT.PORT92, isa.port92, 'bridge');
    ports.map(PORT.APM, isa.apm, 'bridge');
    ports.map(gpe0, this.acpi.gpe0, 'positive');
  }

  /** Everything on the bus too. */
  reset(kind: ResetKind): void {
    this.mechanism.reset();
    for (const fn of this.bus.all()) fn.reset(kind);
  }
}
