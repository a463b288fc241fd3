import type { GuestPort } from '../../core/guest-port.ts';
import { DriverError } from '../driver-error.ts';
import type { Message } from '../pci/msix.ts';
import { IoApicDriver } from './ioapic.ts';
import type { LineController, Trigger } from './line-controller.ts';
import { LocalApicDriver } from './local-apic.ts';
import { PicDriver } from './pic.ts';

/**
 * Lines have vectors 20h to 2Fh; messages get those from here on, up to the one below the local APIC's spurious
 * vector.
 */
const FIRST_MESSAGE_VECTOR = 0x30;
const LAST_MESSAGE_VECTOR = 0xee;

type Handler = () => void;
const known = new WeakMap<GuestPort, GuestInterrupts>();

/**
 * What an operating system keeps between interrupt controllers and drivers: who listens on which line, and which
 * message vectors are taken. One for each port, so that drivers which share a line find each other.
 *
 * @example
 * const interrupts = GuestInterrupts.of(port);
 * const stop = interrupts.listen(4, 'edge', () => uart.serve());
 * msix.route(0, interrupts.message(() => queue.drain(take)));
 * stop();
 */
export class GuestInterrupts {
  private readonly port: GuestPort;
  private controller: LineController | null = null;
  private localApic: LocalApicDriver | null = null;
  private readonly listeners: Handler[][] = Array.from({ length: 16 }, () => []);
  private nextVector = FIRST_MESSAGE_VECTOR;

  private constructor(port: GuestPort) {
    this.port = port;
  }

  /**
   * The interrupts of `port`, with lines through the 8259A pair unless `useIoApic` was called. After a reset of the
   * machine they begin afresh: whoever listened before is gone with his driver.
   */
  static of(port: GuestPort): GuestInterrupts {
    const kept = known.get(port);
    if (kept?.intact()) return kept;
    const fresh = new GuestInterrupts(port);
    known.set(port, fresh);
    return fresh;
  }

  /** Brings the lines in through the I/O APIC and masks the 8259A pair. Call it before the first `listen`. */
  useIoApic(): void {
    new PicDriver(this.port);
    this.controller = new IoApicDriver(this.port, this.apic());
  }

  /**
   * Calls `handler` when line `irq` asks, after those who listened before: a level line may be shared, so a handler
   * asks its device whether it was the one. Returns how to stop listening.
   */
  listen(irq: number, trigger: Trigger, handler: Handler): () => void {
    const controller = (this.controller ??= new PicDriver(this.port));
    const listeners = this.listeners[irq]!;
    listeners.push(handler);
    if (listeners.length === 1) {
      this.port.handle(controller.vectorOf(irq), () => this.serveLine(controller, irq));
      controller.open(irq, trigger);
    }
    this.port.unmask();
    return () => {
      listeners.splice(listeners.indexOf(handler), 1);
      if (listeners.length === 0) controller.close(irq);
    };
  }

  /** A message that makes `handler` run, with a vector of its own. */
  message(handler: Handler): Message {
    if (this.nextVector > LAST_MESSAGE_VECTOR)
      throw new DriverError(this.port, 'interrupts', 'no message vector is left');
    const vector = this.nextVector++;
    const apic = this.apic();
    this.port.handle(vector, () => {
      handler();
      apic.end();
    });
    this.port.unmask();
    return apic.message(vector);
  }

  private intact(): boolean {
    return (this.controller?.intact() ?? true) && (this.localApic?.intact() ?? true);
  }

  private apic(): LocalApicDriver {
    return (this.localApic ??= new LocalApicDriver(this.port));
  }

  private serveLine(controller: LineController, irq: number): void {
    if (!controller.begin(irq)) return;
    for (const handler of [...this.listeners[irq]!]) handler();
    controller.end(irq);
  }
}
