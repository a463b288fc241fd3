import type { GuestPort } from '../../core/guest-port.ts';
import { Line } from '../../core/line.ts';
import type { PciEvents } from '../../pci/events.ts';
import { Msix } from '../../pci/msix.ts';
import type { PciFunction } from '../../pci/pci-function.ts';
import type { SharedRam } from './commands/dma-regions.ts';
import { DmaRegions, type Mapper } from './commands/dma-regions.ts';
import { ERRNO, Refusal } from './commands/errno.ts';
import type { Exchange } from './commands/exchange.ts';
import { type Eventfds, IrqFiles } from './commands/irq-files.ts';
import { Regions } from './commands/regions.ts';
import { COMMANDS, DEVICE_FLAGS, device_info, header, IRQS, REGIONS } from './commands/registers.ts';
import { negotiate } from './commands/version.ts';
import { VectorTable } from './vector-table.ts';

/**
 * The events of the guest that a client shows. It keeps the MSI-X table for itself: entries here are the server's, and
 * are not watched.
 */
function withoutTable(events: PciEvents): PciEvents {
  return {
    reset: () => events.reset(),
    baseWritten: (write) => events.baseWritten(write),
    halfRead: (...told) => events.halfRead(...told),
    halfWritten: (...told) => events.halfWritten(...told),
    cut: (...told) => events.cut(...told),
    listBegun: () => events.listBegun(),
    listEntered: () => events.listEntered(),
    commandWritten: (value) => events.commandWritten(value),
    lineWritten: (...told) => events.lineWritten(...told),
    busNumbersWritten: (...told) => events.busNumbersWritten(...told),
    placed: (...told) => events.placed(...told),
    missed: (...told) => events.missed(...told),
    beyond: (...told) => events.beyond(...told),
    msixWritten: () => {},
    entryWritten: () => {},
    messageDue: (vector, open, address, upper, data) => {
      if (!open) events.messageDue(vector, open, address, upper, data);
    },
  };
}

/** What the functions of a machine share. */
interface Common {
  readonly port: GuestPort;
  readonly ram: SharedRam;
  readonly mapper: Mapper;
  readonly eventfds: Eventfds;
}

/**
 * One function of a machine, served to a client: the client gets its interrupts, and reaches its registers and memory
 * by commands.
 *
 * @example
 * const served = new FunctionServer(fn, { port, ram, mapper, eventfds });
 * const length = served.answer(exchange);      // of exchange.reply
 * served.close();
 */
export class FunctionServer {
  readonly bdf: number;
  private readonly fn: PciFunction;
  private readonly irqs: IrqFiles;
  private readonly dma: DmaRegions;
  private readonly server: DeviceServer;

  constructor(fn: PciFunction, { port, ram, mapper, eventfds }: Common) {
    this.fn = fn;
    this.bdf = fn.bdf;
    this.irqs = this.takeInterrupts(eventfds);
    this.dma = new DmaRegions(ram, mapper);
    this.server = new DeviceServer({
      regions: new Regions(port, fn),
      irqs: this.irqs,
      dma: this.dma,
      reset: () => this.reset(),
    });
  }

  /** @returns the length of the reply. */
  answer(exchange: Exchange): number {
    return this.server.answer(exchange);
  }

  /** The most bytes that one message to the client may write. */
  get transferMax(): number {
    return this.server.transferMax;
  }

  /** Bus mastering is on, here and at the client. */
  get writes(): boolean {
    return this.fn.gate.open;
  }

  message(vector: number): void {
    this.irqs.message(vector);
  }

  close(): void {
    this.irqs.close();
    this.dma.close();
  }

  private reset(): void {
    this.fn.reset('hard');
    this.irqs.announce();
  }

  /** Its pin gets a line of its own: the client decides which functions share it. */
  private takeInterrupts(eventfds: Eventfds): IrqFiles {
    const { fn } = this;
    if (fn.events !== null) fn.events = withoutTable(fn.events);
    const table = fn.bars.find(({ region }) => region instanceof Msix)?.region as Msix | undefined;
    const vectors = table === undefined ? { assigned: () => {} } : new VectorTable(table, fn.bdf);
    const irqs = new IrqFiles(table?.vectors ?? 0, eventfds, vectors);
    const line = new Line(`${fn.name} INTA`);
    line.onChange = (level) => irqs.setIntx(level);
    fn.plugged(fn.bus!, fn.bdf, line.source(fn.name));
    return irqs;
  }
}

/** The parts of a device, as its client sees it. */
interface DeviceParts {
  readonly regions: Regions;
  readonly irqs: IrqFiles;
  readonly dma: DmaRegions;
  reset(): void;
}

/** Executes a command. @returns how many bytes of payload the answer has. @throws Refusal */
type Command = (exchange: Exchange) => number;

/** Answers a client's commands for one PCI function. */
class DeviceServer {
  private readonly commands: ReadonlyMap<number, Command>;
  /** The most bytes that one message to the client may write; none before VERSION. */
  transferMax = 0;

  constructor({ regions, irqs, dma, reset }: DeviceParts) {
    const named: Record<Exclude<keyof typeof COMMANDS, 'DMA_WRITE'>, Command> = {
      VERSION: (exchange) => this.begin(exchange),
      DMA_MAP: (exchange) => dma.map(exchange),
      DMA_UNMAP: (exchange) => dma.unmap(exchange),
      DEVICE_GET_INFO: deviceInfo,
      DEVICE_GET_REGION_INFO: (exchange) => regions.info(exchange),
      DEVICE_GET_IRQ_INFO: (exchange) => irqs.info(exchange),
      DEVICE_SET_IRQS: (exchange) => irqs.set(exchange),
      REGION_READ: (exchange) => regions.read(exchange),
      REGION_WRITE: (exchange) => regions.write(exchange),
      DEVICE_RESET: () => {
        reset();
        return 0;
      },
      REGION_WRITE_MULTI: (exchange) => regions.writeMulti(exchange),
    };
    this.commands = new Map(
      Object.entries(named).map(([name, command]) => [COMMANDS[name as keyof typeof COMMANDS], command]),
    );
  }

  /** @returns the length of the reply. */
  answer(exchange: Exchange): number {
    const { command } = exchange;
    try {
      const carryOut =
        this.transferMax > 0 || command === COMMANDS.VERSION ? this.commands.get(command) : undefined;
      if (carryOut === undefined) return exchange.finish(0, ERRNO.ENOTSUP);
      return exchange.finish(carryOut(exchange), 0);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return exchange.finish(0, error.errno);
    }
  }

  private begin(exchange: Exchange): number {
    const { length, transferMax } = negotiate(exchange);
    this.transferMax = transferMax;
    return length;
  }
}

function deviceInfo(exchange: Exchange): number {
  exchange.needs(device_info.size);
  device_info.encode(
    {
      argsz: device_info.size,
      flags: DEVICE_FLAGS.reset | DEVICE_FLAGS.pci,
      num_regions: REGIONS.count,
      num_irqs: IRQS.count,
    },
    exchange.reply,
    header.size,
  );
  return device_info.size;
}
