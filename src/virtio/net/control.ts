import type { BitSet } from '../../core/bit-set.ts';
import { Segments } from '../../core/segments.ts';
import type { Endian } from '../../core/struct.ts';
import type { Budget } from '../budget/budget.ts';
import type { Chain, Virtqueue } from '../queue/virtqueue.ts';
import type { NetEvents } from './events.ts';
import { NET_COMMANDS, NET_CTRL_ACK, type NetCommand, virtio_net_ctrl } from './registers.ts';

const { OK, ERR } = NET_CTRL_ACK;
const HEADER = virtio_net_ctrl.size;
/** The longest data of a command that is served: a mask of 64 bits. */
const DATA_MAX = 8;

/** What the commands act on. */
export interface NetControl {
  readonly endian: Endian;
  readonly accepted: BitSet;
  /** False if there are not that many pairs. */
  setPairs(pairs: number): boolean;
  /** False if a bit is not of an accepted feature. */
  setOffloads(mask: number, high: number): boolean;
}

/** A command that the card knows, and what it does with the number that its data are, 32 bits and those above. */
interface Served extends NetCommand {
  carryOut(net: NetControl, value: number, high: number): boolean;
}

const SERVED: readonly Served[] = [
  { ...NET_COMMANDS.VQ_PAIRS_SET, carryOut: (net, pairs) => net.setPairs(pairs) },
  { ...NET_COMMANDS.GUEST_OFFLOADS_SET, carryOut: (net, mask, high) => net.setOffloads(mask, high) },
];

/** The control queue (virtio 1.4, Control Virtqueue): multiqueue and guest offloads; every other command is refused. */
export class ControlQueue {
  events: NetEvents | null = null;
  private readonly net: NetControl;
  private readonly budget: Budget;
  private readonly readable = new Segments();
  private readonly writable = new Segments();
  private readonly bytes = new Uint8Array(HEADER + DATA_MAX);
  private readonly view = new DataView(this.bytes.buffer);

  constructor(net: NetControl, budget: Budget) {
    this.net = net;
    this.budget = budget;
  }

  serve(queue: Virtqueue): void {
    while (this.budget.left > 0 && queue.pop()) {
      this.budget.spendOn(queue.chain, 0);
      queue.chain.resolve(this.readable, this.writable);
      const ack = this.carryOut(queue.index, queue.chain);
      queue.push(queue.chain.id, this.writable.scatter(Uint8Array.of(ack)));
    }
    queue.flush();
  }

  private carryOut(queue: number, chain: Chain): number {
    const { net, bytes, events } = this;
    const length = chain.readableBytes;
    this.readable.gather(bytes);
    const value = this.value(length - HEADER);
    const high = length - HEADER === 8 ? this.word(1) : 0;
    const named = length >= HEADER;
    const [className, command] = named ? [bytes[0]!, bytes[1]!] : [-1, -1];
    events?.command(queue, chain, className, command, value, high);
    if (chain.writableBytes === 0) return ERR;
    const served = SERVED.find((one) => one.class === className && one.command === command);
    if (served === undefined || !net.accepted.has(served.feature)) return ERR;
    return length - HEADER === served.bytes && served.carryOut(net, value, high) ? OK : ERR;
  }

  /** The lower 32 bits of data of so many bytes, in the guest's byte order. */
  private value(length: number): number {
    if (length === 2) return this.view.getUint16(HEADER, this.net.endian === 'le');
    return length === 8 ? this.word(0) : 0;
  }

  /** Data of eight bytes: the lower 32 bits or the upper. */
  private word(upper: 0 | 1): number {
    const little = this.net.endian === 'le';
    return this.view.getUint32(HEADER + 4 * (little ? upper : 1 - upper), little);
  }
}
