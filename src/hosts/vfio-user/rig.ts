import { gceN1 } from '../../machine/gce-n1.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { SharedRam } from './commands/dma-regions.ts';
import { Exchange } from './commands/exchange.ts';
import {
  COMMANDS,
  dma_map,
  header,
  IRQ_ACTION,
  IRQ_DATA,
  irq_set,
  MAP,
  REGIONS,
  region_access,
} from './commands/registers.ts';
import { FunctionServer } from './function-server.ts';
import { type ServedKind, servedFunction } from './served-function.ts';
import { senderOf } from './vector-table.ts';

export type CommandName = keyof typeof COMMANDS;
export const TRIGGER = IRQ_DATA.eventfd | IRQ_ACTION.trigger;
/** COMMAND: I/O and memory space, bus mastering. */
export const ON = 7;

export const versionOf = (text: string, major = 0) =>
  new Uint8Array([major, 0, 1, 0, ...new TextEncoder().encode(`${text}\0`)]);
export const mapOf = (
  address: number,
  size: number,
  offset = 0,
  flags: number = MAP.readable | MAP.writeable,
) =>
  dma_map.encode({ argsz: 32, flags, offset: BigInt(offset), address: BigInt(address), size: BigInt(size) });
export const irqsOf = (flags: number, index: number, count: number, start = 0) =>
  irq_set.encode({ argsz: 20, flags, index, start, count });
export const accessOf = (region: number, offset: number, count: number, data: readonly number[] = []) =>
  new Uint8Array([...region_access.encode({ offset: BigInt(offset), region, count }), ...data]);

/** Puts a command into an exchange, as if received. */
export function commandOf(exchange: Exchange, command: number, payload: Uint8Array): void {
  header.encode({ command, message_size: header.size + payload.length, flags: 0 }, exchange.message);
  exchange.message.set(payload, header.size);
}

/** A device's client without a system beneath: files are numbers. */
export class ClientRig {
  readonly machine;
  /** The contents of files, by their numbers. */
  readonly files = new Map<number, Uint8Array>();
  /** The actions on files: `signal 5`, `close 5`, `map 3 shared`. */
  readonly log: string[] = [];
  private readonly exchange = new Exchange();
  private readonly servers: readonly FunctionServer[];

  constructor(options: MachineOptions, ...kinds: readonly ServedKind[]) {
    this.machine = gceN1({ firmware: false, memory: { below4G: 2 << 20 }, ...options });
    const { chassis } = this.machine;
    chassis.port.memory.direct();
    chassis.interrupts.handTo({
      setInput: () => {},
      message: (_address, data) => this.servers[0]!.message(senderOf(data).vector),
    });
    const common = {
      port: chassis.port,
      ram: new SharedRam(chassis.board.memory),
      mapper: {
        map: (fd: number, at: number, length: number, shared: boolean) => this.map(fd, at, length, shared),
      },
      eventfds: {
        signal: (fd: number) => void this.log.push(`signal ${fd}`),
        close: (fd: number) => void this.log.push(`close ${fd}`),
      },
    };
    this.servers = kinds.map((kind) => new FunctionServer(servedFunction(this.machine, kind), common));
    for (const index of kinds.keys()) this.call('VERSION', versionOf(''), [], index);
  }

  /** @returns `errno`, 0 without an error, and the payload of the reply. */
  call(name: CommandName, payload: Uint8Array = new Uint8Array(0), fds: readonly number[] = [], server = 0) {
    const { exchange } = this;
    commandOf(exchange, COMMANDS[name], payload);
    exchange.fds = [...fds];
    const length = this.servers[server]!.answer(exchange);
    const { error } = header.decode(exchange.reply);
    return { errno: error, payload: exchange.reply.slice(header.size, length) };
  }

  read(region: number, offset: number, count: number): number[] {
    return [
      ...this.call('REGION_READ', accessOf(region, offset, count)).payload.subarray(region_access.size),
    ];
  }

  write(region: number, offset: number, ...data: readonly number[]): number {
    return this.call('REGION_WRITE', accessOf(region, offset, data.length, data)).errno;
  }

  /** Places the function, as a firmware does: base address 0 at port C000, base address 1 at C0000000. */
  place(): void {
    this.write(REGIONS.config, 0x10, 0x00, 0xc0, 0, 0);
    this.write(REGIONS.config, 0x14, 0, 0, 0, 0xc0);
    this.write(REGIONS.config, 0x04, ON, 0);
  }

  close(server = 0): void {
    this.servers[server]!.close();
  }

  private map(fd: number, at: number, length: number, shared: boolean) {
    this.log.push(`map ${fd} ${shared ? 'shared' : 'private'}`);
    const bytes = this.files.get(fd)!.subarray(at, at + length);
    return { bytes, release: () => void this.log.push(`release ${fd}`) };
  }
}
