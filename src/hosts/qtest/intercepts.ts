import type { Wire } from '../../core/line.ts';
import type { Interrupts } from '../../machine/interrupts.ts';
import { WireError } from './wire-error.ts';

/** How many inputs the IOAPIC has; the first sixteen are the ISA lines. */
const PINS = 24;
const ALL = Array.from({ length: 16 }, (_, irq) => irq);
const UNNAMED_IN = 'unnamed-gpio-in';
/** Parts whose inputs can be intercepted: both get the ISA lines. */
const INPUTS: Readonly<Record<string, readonly number[]>> = { ioapic: ALL, pic: ALL };
/** Parts whose outputs can be, each a line that nothing else drives. */
const OUTPUTS: Readonly<Record<string, readonly number[]>> = { pit: [0], rtc: [8] };

/**
 * qtest's access to interrupt lines: to intercept and to drive them. A client intercepts one part at a time, as in QEMU;
 * interrupts are still delivered as before. MSI-X has no line: a client points its table at RAM.
 */
export class Intercepts {
  private readonly interrupts: Interrupts;
  private readonly tell: (line: string) => void;
  private readonly exists: (name: string) => boolean;
  private readonly wires = new Map<number, Wire>();
  private taken: string | null = null;

  /** @param exists whether the machine has a part of that name. */
  constructor(interrupts: Interrupts, tell: (line: string) => void, exists: (name: string) => boolean) {
    this.interrupts = interrupts;
    this.tell = tell;
    this.exists = exists;
  }

  inputs(path: string, name: string | undefined): string {
    const part = this.partAt(path);
    if (name !== undefined) throw new WireError('Interception of named in-GPIOs not yet supported');
    return this.listen(part, INPUTS[part]);
  }

  outputs(path: string, name: string | undefined): string {
    const part = this.partAt(path);
    return this.listen(part, name === undefined ? OUTPUTS[part] : undefined);
  }

  /** Drives an input of the IOAPIC or the PIC, by the client's own wire. */
  set(path: string, name: string, pin: number, level: boolean): void {
    const part = this.partAt(path);
    const pins = part === 'ioapic' ? PINS : INPUTS[part]?.length;
    if (pins === undefined || name !== UNNAMED_IN) throw new WireError(`${part} has no input ${name}`);
    if (!(Number.isInteger(pin) && pin >= 0 && pin < pins))
      throw new WireError(`${part} has the inputs 0 to ${pins - 1}`);
    const line = this.interrupts.isa[pin];
    if (line === undefined) {
      this.interrupts.ioapic.setInput(pin, level);
      return;
    }
    const wire = this.wires.get(pin) ?? line.source('qtest');
    this.wires.set(pin, wire);
    wire.set(level);
  }

  /** The part in a path of QEMU's object tree: the last component. */
  private partAt(path: string): string {
    const part = path.slice(path.lastIndexOf('/') + 1);
    if (!Object.hasOwn(INPUTS, part) && !Object.hasOwn(OUTPUTS, part) && !this.exists(part))
      throw new WireError('Unknown device');
    return part;
  }

  private listen(part: string, lines: readonly number[] | undefined): string {
    if (this.taken === part) return 'OK';
    if (this.taken !== null) throw new WireError('IRQ intercept already enabled');
    if (lines === undefined) throw new WireError('No intercepts installed');
    this.taken = part;
    for (const [number, irq] of lines.entries()) this.hear(irq, number);
    return 'OK';
  }

  /** A line that is already high is not reported, as in QEMU, until it falls and rises again. */
  private hear(irq: number, number: number): void {
    const line = this.interrupts.isa[irq]!;
    const before = line.onChange;
    let told = false;
    line.onChange = (level) => {
      before?.(level);
      if (level === told) return;
      told = level;
      this.tell(`IRQ ${level ? 'raise' : 'lower'} ${number}`);
    };
  }
}
