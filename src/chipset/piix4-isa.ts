import type { Width } from '../core/bits.ts';
import type { Board, ResetKind } from '../core/board.ts';
import { Line, type Wire } from '../core/line.ts';
import { type Identity, PciFunction } from '../pci/pci-function.ts';
import { COMMAND } from '../pci/registers.ts';
import type { RouterEvents } from './events.ts';
import { ApmPorts, type OnReset, Port92, ResetControl } from './piix4-ports.ts';
import { PIIX4_ISA_REGISTERS, PIRQ_TARGETS, PIRQRC } from './registers/piix4-isa.ts';

const { IO_SPACE, MEMORY_SPACE, BUS_MASTER, SPECIAL_CYCLES, SERR_ENABLE } = COMMAND.mask;
/** GCE does not hard-wire the lower three, as the chip does. */
const WRITABLE_COMMAND = IO_SPACE | MEMORY_SPACE | BUS_MASTER | SPECIAL_CYCLES | SERR_ENABLE;

/** The bridge's connections. */
interface IsaWiring {
  /** The ISA interrupt lines, IRQ 0 to 15. */
  readonly irqs: readonly Line[];
  readonly onReset: OnReset;
  /** A byte was written to APMC. */
  onApmCommand(command: number): void;
}

/**
 * The PIIX4's PCI-to-ISA bridge, 00:01.0, as GCE shows it: revision 03, no subsystem, DEVSEL fast. It routes the
 * PCI interrupts, and owns ports CF9, 92, B2 and B3, which the machine maps. The ELCR is `Pic8259Pair`'s.
 * Source: Intel 82371AB data sheet (290562).
 *
 * @example
 * const isa = new Piix4Isa('piix4', board, { irqs, onReset: restart, onApmCommand: (command) => acpi.apm(command) });
 * const bus = new PciBus(ports, mmio, isa.pirqs);
 * bus.add(isa, 1, 0);
 * ports.map(0xcf9, isa.resetControl, 'bridge');   // before CONFADD, whose doubleword it lies in
 * isa.writeConfig(0x62, 11, 1);                   // PIRQC to IRQ 11
 */
export class Piix4Isa extends PciFunction {
  /** PIRQA to PIRQD: the bus's interrupt lines. */
  readonly pirqs: readonly Line[] = PIRQRC.map((_, n) => new Line(`PIRQ${'ABCD'[n]}`));
  /** Port CF9. */
  readonly resetControl: ResetControl;
  /** Port 92. */
  readonly port92: Port92;
  /** Ports B2 and B3. */
  readonly apm: ApmPorts;
  /** The watcher of the routing; null for none. */
  router: RouterEvents | null = null;
  private readonly irqs: readonly Line[];
  /** The IRQ that each PIRQ drives now, and its wire; null while it is not routed. */
  private readonly routes: ({ readonly irq: number; readonly wire: Wire } | null)[] = [
    null,
    null,
    null,
    null,
  ];

  /** @param shows identity of another machine's function. */
  constructor(name: string, board: Board, wiring: IsaWiring, shows: Partial<Identity> = {}) {
    super(name, board, {
      vendor: 0x8086,
      device: 0x7110,
      class: 0x060100,
      revision: 3,
      multiFunction: true,
      command: WRITABLE_COMMAND,
      ...shows,
    });
    for (const register of PIIX4_ISA_REGISTERS) this.config.define(register);
    this.irqs = wiring.irqs;
    this.resetControl = new ResetControl(wiring.onReset);
    this.port92 = new Port92(wiring.onReset);
    this.apm = new ApmPorts((command) => wiring.onApmCommand(command));
    this.pirqs.forEach((pirq, n) => {
      pirq.onChange = (level) => this.routes[n]?.wire.set(level);
    });
  }

  override reset(kind: ResetKind): void {
    if (kind === 'soft') return;
    super.reset(kind);
    this.resetControl.reset();
    this.port92.reset();
    this.apm.reset();
    this.routeAll();
  }

  protected override configWritten(offset: number, width: Width): void {
    this.routeAll();
    const { router } = this;
    if (router === null) return;
    for (const [link, register] of PIRQRC.entries())
      if (register.offset >= offset && register.offset < offset + width)
        router.routed(link, this.config.get(register), this.irqOf(link));
  }

  /** The IRQ that link `n` drives now; null while it is not routed. */
  irqOf(link: number): number | null {
    return this.routes[link]?.irq ?? null;
  }

  /** Whether some link drives `irq` now. */
  drives(irq: number): boolean {
    return this.routes.some((route) => route?.irq === irq);
  }

  private routeAll(): void {
    for (let n = 0; n < PIRQRC.length; n++) this.route(n, this.config.get(PIRQRC[n]!));
  }

  private route(n: number, control: number): void {
    // With DISABLE set it is 80h or more, beyond every target.
    const irq = control < 16 && PIRQ_TARGETS & (1 << control) ? control : null;
    const old = this.routes[n] ?? null;
    if (irq === (old?.irq ?? null)) return;
    const pirq = this.pirqs[n]!;
    old?.wire.set(false);
    const wire = irq === null ? null : this.irqs[irq]!.source(pirq.name);
    wire?.set(pirq.level);
    this.routes[n] = wire === null ? null : { irq: irq!, wire };
  }
}
