import { I440Fx } from '../chipset/i440fx.ts';
import { Piix4Acpi } from '../chipset/piix4-acpi.ts';
import { Piix4Isa } from '../chipset/piix4-isa.ts';
import type { MmioSpace, PortSpace } from '../core/address-space.ts';
import type { Board, ResetKind } from '../core/board.ts';
import type { Line } from '../core/line.ts';
import { PORT } from '../core/places.ts';
import { ConfigMechanism1 } from '../pci/config-mechanism.ts';
import { PciBus } from '../pci/pci-bus.ts';
import type { Profile } from './profile.ts';

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

/** PIIX4 below the host bridge i440FX, and PCI bus 0 between them. */
export class Bridges {
  readonly host: I440Fx;
  readonly isa: Piix4Isa;
  readonly acpi: Piix4Acpi;
  readonly bus: PciBus;
  readonly mechanism: ConfigMechanism1;
  private readonly ports: PortSpace;

  constructor(
    board: Board,
    { ports, mmio }: Spaces,
    irqs: readonly Line[],
    { bridges, confaddReadBack }: Profile,
    { onReset, onSleep, onWake, onSmi }: BridgeHost,
  ) {
    const onApmCommand = (command: number) => this.acpi.apm(command);
    this.ports = ports;
    this.isa = new Piix4Isa('isa0', board, { irqs, onReset, onApmCommand }, bridges.isa);
    const events = { sci: irqs[SCI_IRQ]!, onSleep, onWake, onSmi };
    this.acpi = new Piix4Acpi('acpi0', board, events, bridges.acpi);
    this.host = new I440Fx('host0', board, bridges.host);
    this.bus = new PciBus(ports, mmio, this.isa.pirqs, (link) => this.isa.irqOf(link));
    this.bus.add(this.host, 0);
    this.bus.add(this.isa, 1);
    this.bus.add(this.acpi, 1, 3);
    this.mechanism = new ConfigMechanism1(this.bus, confaddReadBack);
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
