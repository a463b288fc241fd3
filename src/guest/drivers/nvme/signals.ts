import { bdfText } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import type { Register } from '../../../core/register.ts';
import { INTMC, INTMS } from '../../../nvme/registers/bar0.ts';
import { COMMAND, INTERRUPT_LINE } from '../../../pci/registers.ts';
import { DriverError } from '../../driver-error.ts';
import { GuestInterrupts } from '../../interrupts/interrupts.ts';
import { disable, enable, readRegister } from '../../pci/config.ts';
import { type Message, MsixDriver, usualMode } from '../../pci/msix.ts';

/** How a driver learns of completions. */
type Mode = 'msix' | 'intx' | 'polled';

const { INTERRUPT_DISABLE } = COMMAND.mask;
/** Of INTMS and INTMC: without messages there is one vector. */
const PIN = 1;

/** What completions are taken from, and the registers that mask a line. */
interface Served {
  /** Takes all that was completed. @returns whether anything was. */
  poll(): boolean;
  write(register: Register, value: number): void;
}

/** Interrupts of a controller: a message for each queue, as far as there are vectors, or one line. */
export class Signals {
  readonly mode: Mode;
  private readonly port: GuestPort;
  private readonly bdf: number;
  private readonly msix: MsixDriver | null;
  private readonly served: Served;
  private readonly messages: Message[] = [];
  private unlisten: () => void = () => {};

  /** @param asked left out, messages if there are any. */
  constructor(port: GuestPort, bdf: number, served: Served, asked?: Mode) {
    this.port = port;
    this.bdf = bdf;
    this.served = served;
    this.msix = MsixDriver.of(port, bdf);
    this.mode = asked ?? usualMode(port, this.msix);
    if (this.mode === 'msix' && this.msix === null)
      throw new DriverError(port, `nvme ${bdfText(bdf)}`, 'it has no MSI-X');
  }

  /** The admin queue has vector 0. */
  start(): void {
    const { port, bdf, mode, msix } = this;
    if (mode === 'msix') {
      msix!.start();
      this.route(0, () => this.served.poll());
    } else if (mode === 'polled') enable(port, bdf, INTERRUPT_DISABLE);
    else {
      disable(port, bdf, INTERRUPT_DISABLE);
      const irq = readRegister(port, bdf, INTERRUPT_LINE);
      this.unlisten = GuestInterrupts.of(port).listen(irq, 'level', () => this.serveLine());
    }
  }

  /** The vector of queue `id`, by which `serve` is called; where there are too few, that of the admin queue. */
  vectorFor(id: number, serve: () => void): number {
    if (this.mode !== 'msix' || id >= this.msix!.vectors) return 0;
    this.route(id, serve);
    return id;
  }

  stop(): void {
    this.unlisten();
    if (this.mode === 'msix') this.msix!.stop();
    for (const message of this.messages) GuestInterrupts.of(this.port).retire(message);
  }

  /** The line may be shared. Masked meanwhile, it rises again only for what is new. */
  private serveLine(): boolean {
    const { served } = this;
    served.write(INTMS, PIN);
    const any = served.poll();
    served.write(INTMC, PIN);
    return any;
  }

  private route(vector: number, handler: () => void): void {
    const message = GuestInterrupts.of(this.port).message(handler);
    this.messages.push(message);
    this.msix!.route(vector, message);
  }
}
