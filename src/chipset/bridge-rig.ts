import type { Width } from '../core/bits.ts';
import { Line } from '../core/line.ts';
import { Rig } from '../core/rig.ts';
import { PciBus } from '../pci/pci-bus.ts';
import { I440Fx } from './i440fx.ts';
import { Piix4Acpi } from './piix4-acpi.ts';
import { Piix4Isa } from './piix4-isa.ts';

/** For tests: the three bridges on bus 0 at power-on, and their requests to the machine. */
export class BridgeRig extends Rig {
  readonly irqs = Array.from({ length: 16 }, (_, n) => new Line(`irq${n}`));
  /** `hard`, `soft`, `sleep 0`, `wake`, `smi 5a`. */
  readonly asked: string[] = [];
  readonly host = new I440Fx('i440fx', this.board);
  readonly acpi = new Piix4Acpi('acpi', this.board, {
    sci: this.irqs[9]!,
    onSleep: (type) => this.asked.push(`sleep ${type}`),
    onWake: () => this.asked.push('wake'),
    onSmi: (command) => this.asked.push(`smi ${command.toString(16)}`),
  });
  readonly isa = new Piix4Isa('piix4', this.board, {
    irqs: this.irqs,
    onReset: (hard) => this.asked.push(hard ? 'hard' : 'soft'),
    onApmCommand: (command) => this.acpi.apm(command),
  });
  readonly bus = new PciBus(this.ports, this.mmio, this.isa.pirqs);

  constructor() {
    super();
    this.bus.add(this.host, 0, 0);
    this.bus.add(this.isa, 1, 0);
    this.bus.add(this.acpi, 1, 3);
    this.ports.map(0xcf9, this.isa.resetControl, 'bridge');
    this.ports.map(0x92, this.isa.port92, 'bridge');
    this.ports.map(0xb2, this.isa.apm, 'bridge');
  }

  /** IRQs that are high. */
  get high(): number[] {
    return this.irqs.flatMap((line, irq) => (line.level ? [irq] : []));
  }

  in(port: number, width: Width = 1): number {
    return this.ports.read(port, width);
  }

  out(port: number, value: number, width: Width = 1): void {
    this.ports.write(port, value, width);
  }
}
