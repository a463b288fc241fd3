import type { DmaRegions } from './dma-regions.ts';
import { ERRNO, Refusal } from './errno.ts';
import type { Exchange } from './exchange.ts';
import type { IrqFiles } from './irq-files.ts';
import type { Regions } from './regions.ts';
import { COMMANDS, DEVICE_FLAGS, device_info, header, IRQS, REGIONS } from './registers.ts';
import { negotiate } from './version.ts';

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
export class DeviceServer {
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
