import { IOREDTBL_HIGH, IOREDTBL_LOW, IOREGSEL, IOWIN } from '../../chipset/registers/ioapic.ts';
import { EOI, INITIAL_COUNT, LVT, SVR, TPR } from '../../chipset/registers/local-apic.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { MMIO } from '../../core/places.ts';
import { DriverError } from '../driver-error.ts';
import type { Message } from '../pci/msix.ts';
import type { LineController, Trigger } from './pic.ts';
import { maskPair, PicDriver } from './pic.ts';

const { LOCAL_APIC } = MMIO;

/** Not FFh, which it is after a reset; the low four bits are ones, as the first local APICs had it. */
const SPURIOUS_VECTOR = 0xef;

/** The local APIC of the boot CPU, with ID 0, which receives messages from devices and from the I/O APIC. */
class LocalApicDriver {
  /** Whether the host takes a word for an EOI, and has taken it now; null is no such host. */
  skips: (() => boolean) | null = null;

  constructor(port: GuestPort) {
    port.write(LOCAL_APIC + TPR.offset, 0, 4);
    port.write(LOCAL_APIC + SVR.offset, SVR.encode({ VECTOR: SPURIOUS_VECTOR, ENABLE: 1 }), 4);
  }

  /** Ends the interrupt in service. */
  end(port: GuestPort): void {
    if (this.skips?.() !== true) port.write(LOCAL_APIC + EOI.offset, 0, 4);
  }

  /** Makes the timer raise `vector` once, `count` ticks of its clock from now. */
  startTimer(port: GuestPort, vector: number, count: number): void {
    port.write(LOCAL_APIC + LVT.offset, LVT.encode({ VECTOR: vector }), 4);
    port.write(LOCAL_APIC + INITIAL_COUNT.offset, count, 4);
  }

  /** Whether it still has its setup. After a reset of the machine it does not. */
  intact(port: GuestPort): boolean {
    return SVR.decode(port.read(LOCAL_APIC + SVR.offset, 4)).VECTOR === SPURIOUS_VECTOR;
  }

  /** The message that raises `vector` on this CPU: fixed delivery, edge, physical destination 0. */
  message(vector: number): Message {
    return { address: LOCAL_APIC, data: vector };
  }
}

const { IO_APIC } = MMIO;
const BOOT_CPU = 0;

/**
 * The I/O APIC as a controller of the sixteen ISA lines: line n is pin n, including IRQ 0, and the PCI links are on
 * the pins of their IRQs, active high, as in GCE's MADT.
 */
class IoApicDriver implements LineController {
  private readonly cpu: LocalApicDriver;
  private readonly base: number;

  /** Masks every pin. @param base vector of pin 0. */
  constructor(port: GuestPort, cpu: LocalApicDriver, base = 0x20) {
    this.cpu = cpu;
    this.base = base;
    for (let pin = 0; pin < 16; pin++) this.close(port, pin);
  }

  vectorOf(irq: number): number {
    return this.base + irq;
  }

  /** The upper half first: the lower one unmasks the pin. */
  open(port: GuestPort, irq: number, trigger: Trigger): void {
    write(port, IOREDTBL_HIGH.offset + 2 * irq, IOREDTBL_HIGH.encode({ DEST: BOOT_CPU }));
    write(
      port,
      IOREDTBL_LOW.offset + 2 * irq,
      IOREDTBL_LOW.encode({ VECTOR: this.vectorOf(irq), TRIGGER: trigger === 'level' ? 1 : 0 }),
    );
  }

  close(port: GuestPort, irq: number): void {
    write(port, IOREDTBL_LOW.offset + 2 * irq, IOREDTBL_LOW.encode({ VECTOR: this.vectorOf(irq), MASK: 1 }));
  }

  begin(_port: GuestPort, _irq: number): boolean {
    return true;
  }

  /** The local APIC forwards the EOI of a level interrupt, and the pin is checked again. */
  end(port: GuestPort, _irq: number): void {
    this.cpu.end(port);
  }

  intact(port: GuestPort): boolean {
    port.write(IO_APIC + IOREGSEL.offset, IOREDTBL_LOW.offset, 4);
    return IOREDTBL_LOW.decode(port.read(IO_APIC + IOWIN.offset, 4)).VECTOR === this.vectorOf(0);
  }
}

function write(port: GuestPort, index: number, value: number): void {
  port.write(IO_APIC + IOREGSEL.offset, index, 4);
  port.write(IO_APIC + IOWIN.offset, value, 4);
}

/**
 * Lines have vectors 20h to 2Fh; messages get those from here on, up to the one below the local APIC's spurious
 * vector.
 */
const FIRST_MESSAGE_VECTOR = 0x30;
const LAST_MESSAGE_VECTOR = 0xee;

/** True, of a line: its device had something. */
type Handler = () => unknown;

/** State shared by all drivers of a machine: the interrupt controllers, and the handlers. */
interface Shared {
  controller: LineController | null;
  localApic: LocalApicDriver | null;
  readonly listeners: readonly Handler[][];
  nextVector: number;
  /** Vectors that were used and freed. */
  readonly freeVectors: number[];
}

/** By port and by memory: a wrapper of a port usually forwards its memory. */
const known = new WeakMap<object, Shared>();

/**
 * The layer of an operating system between interrupt controllers and drivers: the handlers of each line, and the used
 * message vectors. There is one per machine, so that drivers which share a line find each other, even through a wrapped
 * port (a Proxy or an object with the same methods), which then makes all of their accesses.
 *
 * @example
 * const interrupts = GuestInterrupts.of(port);
 * const stop = interrupts.listen(4, 'edge', () => uart.serve());
 * msix.route(0, interrupts.message(() => queue.drain(take)));
 * stop();
 */
export class GuestInterrupts {
  private readonly port: GuestPort;
  private readonly shared: Shared;

  private constructor(port: GuestPort, shared: Shared) {
    this.port = port;
    this.shared = shared;
  }

  /**
   * The interrupts of `port`, with lines through the 8259A pair unless `useIoApic` was called. After a reset of the
   * machine they start empty: earlier handlers are dropped with their drivers.
   */
  static of(port: GuestPort): GuestInterrupts {
    const kept = known.get(port) ?? known.get(port.memory);
    const shared = kept !== undefined && intact(port, kept) ? kept : fresh();
    known.set(port, shared);
    known.set(port.memory, shared);
    return new GuestInterrupts(port, shared);
  }

  /** For a `wrapper` of `port` that also wraps the memory, so that it cannot be recognised otherwise. */
  static share(port: GuestPort, wrapper: GuestPort): void {
    known.set(wrapper, GuestInterrupts.of(port).shared);
  }

  /** Routes the lines through the I/O APIC and masks the 8259A pair. Call it before the first `listen`. */
  useIoApic(): void {
    new PicDriver(this.port);
    this.shared.controller = new IoApicDriver(this.port, this.apic());
  }

  /**
   * Calls `handler` when line `irq` is asserted, after earlier handlers: a level line may be shared, so a handler checks
   * whether its device interrupted. On a shared edge line it returns whether it did: the line falls, and can rise again, only
   * once none has. Returns a function that removes it.
   *
   * @throws DriverError for a line from 16 on, as a function without one has.
   */
  listen(irq: number, trigger: Trigger, handler: Handler): () => void {
    const listeners = this.shared.listeners[irq];
    if (listeners === undefined)
      throw new DriverError(this.port, 'interrupts', `no controller has line ${irq}`);
    const controller = (this.shared.controller ??= this.openPair());
    listeners.push(handler);
    if (listeners.length === 1) {
      this.port.handle(controller.vectorOf(irq), () => this.serveLine(controller, irq));
      controller.open(this.port, irq, trigger);
    }
    this.port.unmask();
    return () => {
      listeners.splice(listeners.indexOf(handler), 1);
      if (listeners.length === 0) controller.close(this.port, irq);
    };
  }

  /** Asks the host first whether it needs an EOI: `skips` returns false if it does. Null asks no more. */
  skipEois(skips: (() => boolean) | null): void {
    this.apic().skips = skips;
  }

  /** A message that runs `handler`, with its own vector. */
  message(handler: Handler): Message {
    const vector = this.shared.freeVectors.pop() ?? this.newVector();
    const apic = this.apic();
    this.port.handle(vector, () => {
      handler();
      apic.end(this.port);
    });
    this.port.unmask();
    return apic.message(vector);
  }

  /** Frees a message that no device sends any more: its handler is removed, and the vector may be reused. */
  retire({ data: vector }: Message): void {
    // A message sent before, and not taken yet, still needs an EOI.
    const apic = this.apic();
    this.port.handle(vector, () => apic.end(this.port));
    this.shared.freeVectors.push(vector);
  }

  /** Spurious interrupts come by IRQ 7 and 15, with or without a handler. */
  private openPair(): PicDriver {
    const pair = new PicDriver(this.port);
    for (const irq of [7, 15]) this.port.handle(pair.vectorOf(irq), () => this.serveLine(pair, irq));
    return pair;
  }

  /** Calls `handler` once, `count` ticks of the local APIC's clock from now. */
  after(count: number, handler: Handler): void {
    const { data: vector } = this.message(handler);
    this.apic().startTimer(this.port, vector, count);
  }

  private newVector(): number {
    if (this.shared.nextVector > LAST_MESSAGE_VECTOR)
      throw new DriverError(this.port, 'interrupts', 'no message vector is left');
    return this.shared.nextVector++;
  }

  private apic(): LocalApicDriver {
    const { shared, port } = this;
    if (shared.localApic === null && shared.controller === null) maskPair(port);
    return (shared.localApic ??= new LocalApicDriver(port));
  }

  private serveLine(controller: LineController, irq: number): void {
    if (!controller.begin(this.port, irq)) return;
    const handlers = [...this.shared.listeners[irq]!];
    const [isShared, served] = [handlers.length > 1, (handler: Handler) => handler() === true];
    while (handlers.filter(served).length > 0 && isShared);
    controller.end(this.port, irq);
  }
}

function fresh(): Shared {
  const listeners = Array.from({ length: 16 }, () => []);
  return { controller: null, localApic: null, listeners, nextVector: FIRST_MESSAGE_VECTOR, freeVectors: [] };
}

/** Whether the controllers still have their setup. */
function intact(port: GuestPort, { controller, localApic }: Shared): boolean {
  return (controller?.intact(port) ?? true) && (localApic?.intact(port) ?? true);
}
