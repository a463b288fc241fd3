import type { Described, Region } from '../core/access.ts';
import type { Width } from '../core/bits.ts';
import type { Board, ResetKind } from '../core/board.ts';
import type { Line } from '../core/line.ts';
import { ConfigSpace } from '../pci/config-space.ts';
import { type Identity, PciFunction, type Slot } from '../pci/pci-function.ts';
import { COMMAND } from '../pci/registers.ts';
import type { PmEvents } from './events.ts';
import { PmIo } from './pm-io.ts';
import { DEVACTB, PIIX4_ACPI_REGISTERS, PMBA, PMREGMISC, SMBBA, SMBHSTCFG } from './registers/piix4-acpi.ts';
import { GPSTS, PMSTS, SMBHSTCNT, SMBHSTSTS, SMBUS_REGISTERS, SMBUS_SIZE } from './registers/pm-io.ts';

const { DEV_ERR } = SMBHSTSTS.mask;
const { START } = SMBHSTCNT.mask;

/** The SMBus host controller's 16 ports at SMBBA. No device is on the bus: it is idle, and each transfer fails at once. */
class SmbusHost implements Region {
  readonly name: string;
  readonly size = SMBUS_SIZE;
  readonly widths = 1;
  private readonly registers = new ConfigSpace();

  constructor(name: string) {
    this.name = name;
    for (const register of SMBUS_REGISTERS) this.registers.define(register);
  }

  read(offset: number): number {
    return this.registers.read(offset, 1);
  }

  write(offset: number, value: number): void {
    const { registers } = this;
    registers.write(offset, value, 1);
    const control = registers.get(SMBHSTCNT);
    if ((control & START) === 0) return;
    registers.set(SMBHSTCNT, control & ~START);
    registers.set(SMBHSTSTS, registers.get(SMBHSTSTS) | DEV_ERR);
  }

  reset(): void {
    this.registers.reset();
  }

  describe(access: Described): string {
    return `${this.name} ${this.registers.describe(access)}`;
  }
}

const { IO_SPACE, BUS_MASTER } = COMMAND.mask;
const { PMIOSE } = PMREGMISC.mask;
const { HST_EN } = SMBHSTCFG.mask;
const { APMC_EN } = DEVACTB.mask;
const { PWRBTN, SLPBTN, RTC } = PMSTS.mask;

/** Ports that a PCI function answers outside its BARs, at an address in its registers. */
class PortWindow {
  readonly region: Region;
  private base: number | null = null;

  constructor(region: Region) {
    this.region = region;
  }

  /** Moves it to `base`, or unmaps it. */
  move(bus: Slot | null, base: number | null): void {
    if (bus === null || base === this.base) return;
    if (this.base !== null) bus.unmapPorts(this.base, this.region);
    if (base !== null) bus.mapPorts(base, this.region);
    this.base = base;
  }
}

/** Sources of general purpose events that the PIIX4 has pins for. */
type GeneralEvent = keyof typeof GPSTS.mask;

/** Commands at APMC in firmware of this family: the ACPI_ENABLE and ACPI_DISABLE of its FADT. */
export const ACPI_ENABLE = 0xf1;
export const ACPI_DISABLE = 0xf0;

/** The function's connections. */
interface AcpiWiring {
  /** The line of IRQ 9. */
  readonly sci: Line;
  /** The guest asked to sleep: 0 soft off, 1 suspend to RAM, 2 to 4 powered-on suspends, 5 working, 6 and 7 reserved. */
  onSleep(type: number): void;
  /** An event that the guest enabled occurred while it slept. */
  onWake(): void;
  /** A command was written to APMC while APMC_EN and SMI_EN are set. */
  onSmi(command: number): void;
}

/**
 * The PIIX4's power management function, 00:01.3, as GCE shows it: revision 03, no subsystem, DEVSEL fast, pin
 * INTA, though it raises the SCI. PMREGMISC enables the ports at PMBA; Command enables only those of the SMBus. Neither
 * answers at base 0. Its device monitors are kept but have no effect.
 * Source: Intel 82371AB data sheet (290562) and specification update.
 *
 * @example
 * const acpi = new Piix4Acpi('acpi', board, { sci: irqs[9], onSleep, onWake, onSmi });
 * bus.add(acpi, 1, 3);
 * acpi.writeConfig(0x40, 0xb000, 4);       // PMBA
 * acpi.writeConfig(0x80, 1, 1);            // PMIOSE: b000 to b03f answer
 * acpi.apm(0xf1);                          // the guest wrote F1 to B2: SCI_EN
 * acpi.pressPowerButton();
 * ports.map(0xafe0, acpi.gpe0, 'positive'); // where GCE's firmware most likely has GPE0
 */
export class Piix4Acpi extends PciFunction {
  /** The four ports of GPE0, status and enable, for a second place in the port space. */
  readonly gpe0: Region;
  private readonly wiring: AcpiWiring;
  private readonly pm: PmIo;
  private readonly smbus: SmbusHost;
  private readonly pmWindow: PortWindow;
  private readonly smbusWindow: PortWindow;

  /** @param shows identity of another machine's function. */
  constructor(name: string, board: Board, wiring: AcpiWiring, shows: Partial<Identity> = {}) {
    super(name, board, {
      vendor: 0x8086,
      device: 0x7113,
      class: 0x068000,
      revision: 3,
      pin: 1,
      command: IO_SPACE | BUS_MASTER,
      ...shows,
    });
    for (const register of PIIX4_ACPI_REGISTERS) this.config.define(register);
    const pm = new PmIo(`${name} PM`, board, {
      sci: wiring.sci.source(name),
      onSleep: (type) => wiring.onSleep(type),
      onWake: () => wiring.onWake(),
    });
    this.wiring = wiring;
    this.pm = pm;
    this.smbus = new SmbusHost(`${name} SMBus`);
    this.pmWindow = new PortWindow(pm);
    this.smbusWindow = new PortWindow(this.smbus);
    this.gpe0 = {
      name: `${name} GPE0`,
      size: 4,
      read: (offset, width) => pm.read(GPSTS.offset + offset, width),
      write: (offset, value, width) => pm.write(GPSTS.offset + offset, value, width),
      describe: (access) => pm.describe({ ...access, offset: GPSTS.offset + access.offset }),
    };
  }

  /** The watcher of the power management ports; null for none. */
  set pmEvents(events: PmEvents | null) {
    this.pm.events = events;
  }

  get pmEvents(): PmEvents | null {
    return this.pm.events;
  }

  /** Why an event that PMEN enables raises no SCI, in words; null where there is none. */
  get silence(): string | null {
    return this.pm.silence;
  }

  /** Whether its events raise SCI. */
  get isAcpi(): boolean {
    return this.pm.isAcpi;
  }

  /** A short press: PWRBTN is set, and SCI follows if the guest enabled it. */
  pressPowerButton(): void {
    this.pm.raise(PWRBTN);
  }

  pressSleepButton(): void {
    this.pm.raise(SLPBTN);
  }

  /** The real-time clock raised IRQ 8. */
  clockInterrupted(): void {
    this.pm.raise(RTC);
  }

  /** A general purpose event: its bit of GPSTS is set, and SCI follows if the guest enabled it. */
  raiseGeneralEvent(event: GeneralEvent): void {
    this.pm.raiseGeneral(GPSTS.mask[event]);
  }

  /** A command written to APMC, answered at once as by firmware's SMI handler. */
  apm(command: number): void {
    const raises = this.pm.smiEnabled && (this.config.get(DEVACTB) & APMC_EN) !== 0;
    const switches = command === ACPI_ENABLE || command === ACPI_DISABLE;
    this.pm.events?.commanded(command, raises || switches);
    if (raises) this.wiring.onSmi(command);
    if (switches) this.pm.enableAcpi(command === ACPI_ENABLE);
  }

  override reset(kind: ResetKind): void {
    if (kind === 'soft') return;
    super.reset(kind);
    this.pm.reset();
    this.smbus.reset();
    this.place();
  }

  /** Removes its timer from the clock. */
  close(): void {
    this.pm.close();
  }

  override unplugged(): void {
    this.pmWindow.move(this.bus, null);
    this.smbusWindow.move(this.bus, null);
    super.unplugged();
  }

  protected override configWritten(_offset: number, _width: Width): void {
    this.place();
  }

  private place(): void {
    const { config, bus } = this;
    const pmOpen = (config.get(PMREGMISC) & PMIOSE) !== 0;
    const smbusOpen = (config.get(COMMAND) & IO_SPACE) !== 0 && (config.get(SMBHSTCFG) & HST_EN) !== 0;
    const pmBase = config.get(PMBA) & PMBA.mask.BASE;
    const smbusBase = config.get(SMBBA) & SMBBA.mask.BASE;
    this.pmWindow.move(bus, pmOpen && pmBase > 0 ? pmBase : null);
    this.smbusWindow.move(bus, smbusOpen && smbusBase > 0 ? smbusBase : null);
  }
}
