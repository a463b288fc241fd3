import type { GuestPort } from '../../core/guest-port.ts';
import { DriverError } from '../driver-error.ts';
import type { Message } from '../pci/msix.ts';
import { IoApicDriver } from './ioapic.ts';
import type { LineController, Trigger } from './line-controller.ts';
import { LocalApicDriver } from './local-apic.ts';
import { maskPair, PicDriver } from './pic.ts';

/**
 * Lines have vectors 20h to 2Fh; messages get those from here on, up to the one below the local APIC's spurious
 * vector.
 */
const FIRST_MESSAGE_VECTOR = 0x30;
const LAST_MESSAGE_VECTOR = 0xee;

type Handler = () => void;

/** What all drivers of one machine have in common: its controllers as they were set up, and who listens. */
interface Shared {
  controller: LineController | null;
  localApic: LocalApicDriver | null;
  readonly listeners: readonly Handler[][];
  nextVector: number;
  /** Vectors that somebody had and gave back. */
  readonly freeVectors: number[];
}

/** By port and by memory: who stands before a port hands its memory on. */
const known = new WeakMap<object, Shared>();

/**
 * What an operating system keeps between interrupt controllers and drivers: who listens on which line, and which
 * message vectors are taken. It is one for each machine, so that drivers which share a line find each other: also those
 * whose port is wrapped, in a Proxy or in an object with the same methods, by which alone their accesses then go.
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
   * machine they begin afresh: whoever listened before is gone with his driver.
   */
  static of(port: GuestPort): GuestInterrupts {
    const kept = known.get(port) ?? known.get(port.memory);
    const shared = kept !== undefined && intact(port, kept) ? kept : fresh();
    known.set(port, shared);
    known.set(port.memory, shared);
    return new GuestInterrupts(port, shared);
  }

  /** For a `wrapper` of `port` that wraps the memory, too, so that nothing else tells whose it is. */
  static share(port: GuestPort, wrapper: GuestPort): void {
    known.set(wrapper, GuestInterrupts.of(port).shared);
  }

  /** Brings the lines in through the I/O APIC and masks the 8259A pair. Call it before the first `listen`. */
  useIoApic(): void {
    new PicDriver(this.port);
    this.shared.controller = new IoApicDriver(this.port, this.apic());
  }

  /**
   * Calls `handler` when line `irq` asks, after those who listened before: a level line may be shared, so a handler
   * asks its device whether it was the one. Returns how to stop listening.
   */
  listen(irq: number, trigger: Trigger, handler: Handler): () => void {
    const controller = (this.shared.controller ??= this.openPair());
    const listeners = this.shared.listeners[irq]!;
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

  /** A message that makes `handler` run, with a vector of its own. */
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

  /** Takes a message back, once no device sends it: its handler runs no more, and another may have its vector. */
  retire({ data: vector }: Message): void {
    // One that was sent before, and not taken yet, is still to be ended.
    const apic = this.apic();
    this.port.handle(vector, () => apic.end(this.port));
    this.shared.freeVectors.push(vector);
  }

  /** Spurious interrupts come by IRQ 7 and 15, whether somebody listens there or not. */
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
    for (const handler of [...this.shared.listeners[irq]!]) handler();
    controller.end(this.port, irq);
  }
}

function fresh(): Shared {
  const listeners = Array.from({ length: 16 }, () => []);
  return { controller: null, localApic: null, listeners, nextVector: FIRST_MESSAGE_VECTOR, freeVectors: [] };
}

/** Whether the controllers are still as they were set up. */
function intact(port: GuestPort, { controller, localApic }: Shared): boolean {
  return (controller?.intact(port) ?? true) && (localApic?.intact(port) ?? true);
}
